import type { Entity } from "@muster/client/contract";
import type { Statement, Transaction } from "./database.ts";

/** Counted up to a bound, so that it takes no longer on a larger site. */
export interface BoundedCount {
	readonly count: number;
	readonly isMore: boolean;
}

/** Most records that are counted: about a tenth of a second. */
const recordsCountedMax = 1_000_000;
const waitingCountedMax = 10_000;
/** Most tasks that are looked at for what was done lately, from the newest on. */
const tasksMax = 20_000;

const countStatements: Readonly<Record<Entity, Statement>> = {
	customer: countOf("customer"),
	organization: countOf("organization"),
};

function countOf(entity: Entity): Statement {
	return {
		name: `count-${entity}s`,
		text: `
			select count(*)::int as count
			from (select from muster.${entity} where site_id = $1 limit ${recordsCountedMax + 1}) as counted`,
	};
}

export async function countRecords(
	transaction: Transaction,
	siteId: string,
	entity: Entity,
): Promise<BoundedCount> {
	const [row] = await transaction.query<{ count: number }>(countStatements[entity], [siteId]);
	return boundedBy(row?.count ?? 0, recordsCountedMax);
}

const waitingStatement = {
	name: "count-waiting-tasks",
	text: `
		select count(*)::int as count, min(accepted_at) as oldest
		from (
			select accepted_at from muster.task where site_id = $1 and ended_at is null
			order by number limit ${waitingCountedMax + 1}
		) as waiting`,
};

export async function countWaiting(
	transaction: Transaction,
	siteId: string,
): Promise<BoundedCount & { readonly oldest: Date | null }> {
	const [row] = await transaction.query<{ count: number; oldest: Date | null }>(waitingStatement, [siteId]);
	return { ...boundedBy(row?.count ?? 0, waitingCountedMax), oldest: row?.oldest ?? null };
}

function boundedBy(count: number, most: number): BoundedCount {
	return { count: Math.min(count, most), isMore: count > most };
}

/** Items of the tasks that ended in a span of time. */
export interface Bucket {
	readonly from: Date;
	readonly created: number;
	readonly updated: number;
	readonly unchanged: number;
	readonly skipped: number;
	readonly failed: number;
}

const bucketStatement = {
	name: "count-items-lately",
	// Tasks end nearly in the order of their numbers, so the newest are the ones that ended last.
	text: `
		with span as (
			select to_timestamp(floor(extract(epoch from clock_timestamp()) / $2) * $2) as latest
		), recent as (
			select ended_at, created_count, updated_count, unchanged_count, skipped_count, failed_count
			from muster.task
			where site_id = $1 and not dry_run
			order by number desc
			limit ${tasksMax}
		), counted as (
			select to_timestamp(floor(extract(epoch from ended_at) / $2) * $2) as bucket,
				sum(created_count)::int as created, sum(updated_count)::int as updated,
				sum(unchanged_count)::int as unchanged, sum(skipped_count)::int as skipped,
				sum(failed_count)::int as failed
			from recent, span
			where ended_at >= latest - ($3 - 1) * $2 * interval '1 second'
			group by 1
		)
		select bucket as "from", coalesce(created, 0) as created, coalesce(updated, 0) as updated,
			coalesce(unchanged, 0) as unchanged, coalesce(skipped, 0) as skipped, coalesce(failed, 0) as failed,
			(select count(*) = ${tasksMax} and min(ended_at) > bucket from recent) as "isPartial"
		from span, generate_series(latest - ($3 - 1) * $2 * interval '1 second', latest, $2 * interval '1 second') as bucket
			left join counted using (bucket)
		order by bucket`,
};

/** @param seconds length of one span @param spans how many, the last of which is going on */
export async function countItemsLately(
	transaction: Transaction,
	siteId: string,
	seconds: number,
	spans: number,
): Promise<{ readonly buckets: readonly Bucket[]; readonly isPartial: boolean }> {
	const rows = await transaction.query<Bucket & { readonly isPartial: boolean }>(bucketStatement, [
		siteId,
		seconds,
		spans,
	]);
	return {
		buckets: rows.map(({ isPartial: _, ...bucket }) => bucket),
		isPartial: rows[0]?.isPartial ?? false,
	};
}

/** Most records whose details are looked at. */
const usageRecordsMax = 100_000;

const usageStatements: Readonly<Record<Entity, Statement>> = {
	customer: usageOf("customer"),
	organization: usageOf("organization"),
};

function usageOf(entity: Entity): Statement {
	return {
		name: `count-${entity}-detail-usage`,
		text: `
			with looked as (
				select details from muster.${entity} where site_id = $1 order by ${entity}_id limit ${usageRecordsMax + 1}
			)
			select null as "fieldId", count(*)::int as records from looked
			union all
			select key, count(*)::int from looked, jsonb_object_keys(details) as key group by key`,
	};
}

/** How many of the oldest records have a value of each detail field. */
export async function countDetailUsage(
	transaction: Transaction,
	siteId: string,
	entity: Entity,
): Promise<{
	readonly fields: readonly { readonly fieldId: string; readonly records: number }[];
	readonly records: BoundedCount;
}> {
	const rows = await transaction.query<{ fieldId: string | null; records: number }>(usageStatements[entity], [
		siteId,
	]);
	return {
		fields: rows.flatMap(({ fieldId, records }) => (fieldId === null ? [] : [{ fieldId, records }])),
		records: boundedBy(rows.find(({ fieldId }) => fieldId === null)?.records ?? 0, usageRecordsMax),
	};
}
