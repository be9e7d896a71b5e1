import { randomBytes } from "node:crypto";
import { chanceBytes, idForm } from "../domain/new-ids.ts";
import type { Transaction } from "./database.ts";
import { fieldsVersionText } from "./expect-turn.ts";
import type { Ended } from "./finish-tasks.ts";
import { laneAtText } from "./lane.ts";
import type { PlainClaim } from "./plain-claims.ts";
import { joinedColumns } from "./plain-columns.ts";

const expectStatement = {
	name: "expect-plain",
	text: `
		select muster.expect(
			(select array_agg(task_id || ' ' || xmin::text order by number) from muster.task
				where site_id = $1 and ended_at is null and number <= $3 and task_id <> all($6::uuid[])) = $4::text[]
			and not exists (select from muster.lane_note
				where site_id = $1 and (is_trying or suspect_last is not null or retry_at > clock_timestamp()))
			and (select version from (${fieldsVersionText}) as fields) = $5)`,
};

/** By itself, because sites are on one machine where all that belongs to a site may be on another. */
const siteStatement = {
	name: "expect-site",
	text: "select muster.expect((select xmin::text from muster.site where site_id = $1) = $2)",
};

/**
 * Fails unless everything still is as it was believed when the items were judged, and it is the tasks' turn: they are the
 * site's oldest but for those that are applied beside them, nobody has rewritten them, no try of some task is noted, and
 * neither the site's settings nor its fields were changed. The caller has the lane.
 * @throws 40001
 */
export async function expectPlain(
	transaction: Transaction,
	siteId: string,
	{ ground, tasks, last }: PlainClaim,
	beside: PlainClaim | null,
): Promise<void> {
	const site = transaction.query(siteStatement, [siteId, ground.site.version]);
	const turn = transaction.query(expectStatement, [
		siteId,
		"customer",
		last,
		tasks.map(({ taskId, version }) => `${taskId} ${version}`),
		ground.fieldsVersion,
		beside === null ? [] : beside.tasks.map(({ taskId }) => taskId),
	]);
	await Promise.all([site, turn]);
}

/**
 * The rules are those of fold-items.ts, item-result.ts and image.ts, as far as plain items need them. Rows are written by
 * their place in the table (ctid): one that has been changed since has another, which is found by the count. `offset 0` keeps
 * what is inside from being put in the place of each of its names, and so from being worked out once for each; what is
 * materialized is kept narrow. Tasks end and ids are made at the time when the claim got the lane, ids to parts of a
 * millisecond (RFC 9562, section 6.2, method 3): so tasks have ended in their order, and their records are listed in it.
 */
const statement = {
	name: "apply-plain",
	text: `
		with judged as materialized (
			select place, task, key, address, client_ref, customer_id, row_at, email, outcome,
				coalesce(name, display_name) as name_after,
				case
					when outcome = 'unchanged' then null
					when $5 then coalesce(details || patch, patch)
					else jsonb_strip_nulls(coalesce(details || patch, patch))
				end as details_after,
				case when outcome = 'updated' and $4::bigint[] is not null then
					'{"previous":' || coalesce(last_change::text, 'null')
					|| case when name <> display_name then ',"displayName":' || to_json(display_name) else '' end
					|| coalesce(',"details":' || (
						select json_object_agg(old.key, details -> old.key)
						from jsonb_each(patch) as old
						where details -> old.key is distinct from nullif(old.value, 'null')), '')
					|| '}'
				end as image,
				coalesce(customer_id, (
					(select substr(time, 1, 8) || '-' || substr(time, 9) || '-7' || fraction
						from (select lpad(to_hex(us / 1000), 12, '0') as time, lpad(to_hex(us % 1000 * 4096 / 1000), 3, '0') as fraction
							from (select (extract(epoch from ${laneAtText}) * 1000000)::bigint as us) as began) as clock)
					|| $6 || lpad(to_hex($7::bigint + place), 8, '0'))::uuid) as id
			from (
				select item.*, stored.*,
					case
						when customer_id is null then 'created'
						when name <> display_name then 'updated'
						when $5 and details @> patch then 'unchanged'
						when $5 then 'updated'
						when jsonb_strip_nulls(details || patch) = details then 'unchanged'
						else 'updated'
					end as outcome
				from (
					select place, width_bucket(place, $3::bigint[]) as task, key, coalesce(address, key) as address, name,
						patch::jsonb as patch, client_ref
					from unnest($8::text[], $9::text[], $10::text[], $11::text[], $12::text[])
						with ordinality as sent (key, address, name, patch, client_ref, place)
					offset 0) as item
				left join lateral (
					select customer_id, ctid as row_at, email, display_name, details, last_change
					from muster.customer
					where site_id = $1 and email_key = item.key
					limit 1) as stored on true
				offset 0) as found
		),
		created as (
			insert into muster.customer (site_id, customer_id, email, email_key, display_name, details, last_change)
			select $1, id, address, key,
				coalesce(name_after, left(address, -1 - length(split_part(address, '@', -1)))),
				details_after, ($4::bigint[])[task]
			from judged
			where outcome = 'created'
		),
		changed as (
			update muster.customer
			set details = details_after, display_name = name_after, last_change = ($4::bigint[])[task], updated_at = now()
			from judged
			where outcome = 'updated' and customer.site_id = $1 and customer.ctid = judged.row_at
			returning 1
		),
		told as materialized (
			select task,
				'[' || string_agg('{"outcome":"' || outcome || '","id":"' || id || '","key":' || to_json(coalesce(email, address))
					|| coalesce(',"clientRef":' || client_ref, '') || '}', ',' order by place) || ']' as results,
				'{' || string_agg('"' || place - ($3::bigint[])[task] || '":' || image, ',' order by place) || '}' as images,
				count(*) filter (where outcome = 'created') as created,
				count(*) filter (where outcome = 'updated') as updated,
				count(*) filter (where outcome = 'unchanged') as unchanged
			from judged
			group by task
		),
		mine as (
			select task, row_at
			from unnest($2::uuid[]) with ordinality as claimed (task_id, task)
			cross join lateral (
				select ctid as row_at from muster.task where site_id = $1 and task_id = claimed.task_id limit 1) as stored
		),
		ended as (
			update muster.task
			set ended_at = ${laneAtText}, items = null, results = told.results, images = told.images,
				created_count = told.created, updated_count = told.updated, unchanged_count = told.unchanged
			from mine join told on told.task = mine.task
			where task.site_id = $1 and task.ctid = mine.row_at and task.ended_at is null
			returning mine.task, told.created, told.updated, told.unchanged
		)
		select muster.expect(
				(select count(*) from changed) = (select count(*) from judged where outcome = 'updated')
				and (select count(*) from ended) = cardinality($2::uuid[])),
			array_agg(created::integer order by task) as created, array_agg(updated::integer order by task) as updated,
			array_agg(unchanged::integer order by task) as unchanged
		from ended`,
};

interface Counts {
	readonly created: readonly number[];
	readonly updated: readonly number[];
	readonly unchanged: readonly number[];
}

/**
 * Applies plain tasks and ends them: records, results and images in one statement, without a look at them here.
 * @returns what they come to, when that is committed
 * @throws 40001 or 23505 where somebody else was faster
 */
export async function applyPlain(
	transaction: Transaction,
	siteId: string,
	{ ground, tasks }: PlainClaim,
): Promise<Ended> {
	const items = tasks.map(({ work }) => work.items);
	const { middle, first } = idForm(randomBytes(chanceBytes));
	const [counts] = await transaction.query<Counts>(statement, [
		siteId,
		tasks.map(({ taskId }) => taskId),
		startsOf(items.map(({ count }) => count)),
		ground.site.settings.history ? tasks.map(({ number }) => number) : null,
		items.every(({ hasTextsOnly }) => hasTextsOnly),
		middle.slice("-7000".length),
		first,
		...joinedColumns(items),
	]);
	const summaries = items.map(({ count }, task) => ({
		total: count,
		created: counts?.created[task] ?? 0,
		updated: counts?.updated[task] ?? 0,
		unchanged: counts?.unchanged[task] ?? 0,
		skipped: 0,
		failed: 0,
		deleted: 0,
	}));
	return { failed: 0, summaries };
}

/** The place of each task's first item among all of them, from 1. */
function startsOf(counts: readonly number[]): number[] {
	let start = 1;
	return counts.map((count) => {
		start += count;
		return start - count;
	});
}
