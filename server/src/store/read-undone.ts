import type { Entity } from "@muster/client/contract";
import { readAddress } from "../domain/address.ts";
import { stepsOf } from "../domain/history.ts";
import type { StoredRecord } from "../domain/record.ts";
import {
	type Associated,
	type Entitled,
	fieldsOf,
	type Since,
	type UndoneTask,
	type UndoSnapshot,
} from "../domain/undone.ts";
import type { Transaction } from "./database.ts";
import { listDetailFields } from "./detail-fields.ts";
import { findChange, type StoredChange } from "./find-change.ts";
import { loadRecords } from "./load-records.ts";

const numberStatement = {
	name: "find-undone-number",
	text: "select number from muster.task where site_id = $1 and task_id = $2 and ended_at is not null",
};

/** What the task did, under the number that its records' chains of images lead to; null where it is kept no more. */
export async function findUndone(
	transaction: Transaction,
	siteId: string,
	taskId: string,
): Promise<StoredChange | null> {
	const [row] = await transaction.query<{ number: number }>(numberStatement, [siteId, taskId]);
	return row === undefined ? null : findChange(transaction, siteId, row.number);
}

/**
 * Reads what a task is undone by, and keeps others from writing its records, and from associating them, until the
 * transaction ends. The caller holds the lane.
 */
export async function readUndone(
	transaction: Transaction,
	siteId: string,
	entity: Entity,
	number: number,
	task: UndoneTask,
): Promise<UndoSnapshot> {
	const wrote = task.results.filter(({ outcome }) => outcome === "created" || outcome === "updated");
	const ids = [...new Set(wrote.flatMap(({ id }) => id ?? []))].sort();
	const [, records, links, entitled, fields, holders] = await Promise.all([
		transaction.query(lockStatements[entity], [siteId, ids]),
		loadRecords(transaction, siteId, entity, { ids, keys: [] }),
		transaction.query<Link>(linkStatements[entity], [siteId, ids]),
		transaction.query<Entitled & { readonly record: string }>(entitledStatements[entity], [siteId, ids]),
		listDetailFields(transaction, siteId, entity),
		loadRecords(transaction, siteId, entity, { ids: [], keys: formerKeys(entity, task) }),
	]);
	const associated = new Map(records.map(({ id }) => [id, { links: [], products: [] } as Mutable]));
	for (const { record, other } of links) associated.get(record)?.links.push(other);
	for (const { record, ...rest } of entitled) associated.get(record)?.products.push(rest);
	return {
		records,
		associated,
		holders,
		fieldIds: new Set(fields.map(({ id }) => id)),
		since: await readSince(transaction, siteId, number, records),
	};
}

type Mutable = { links: string[]; products: Entitled[] } & Associated;

interface Link {
	readonly record: string;
	readonly other: string;
}

/** Locked as for a deletion: what refers to one of them waits too. */
const lockStatements = {
	customer: {
		name: "lock-customers",
		text: `
			select from muster.customer where site_id = $1 and customer_id = any($2::text[]::uuid[])
			order by customer_id for update`,
	},
	organization: {
		name: "lock-organizations",
		text: `
			select from muster.organization where site_id = $1 and organization_id = any($2::text[]::bigint[])
			order by organization_id for update`,
	},
} as const;

const linkStatements = {
	customer: {
		name: "links-of-customers",
		text: `
			select customer_id as record, organization_id::text as other
			from muster.membership
			where site_id = $1 and customer_id = any($2::text[]::uuid[])`,
	},
	organization: {
		name: "links-of-organizations",
		text: `
			select organization_id::text as record, customer_id as other
			from muster.membership
			where site_id = $1 and organization_id = any($2::text[]::bigint[])`,
	},
} as const;

function entitledStatement(entity: Entity, idType: "uuid" | "bigint") {
	return {
		name: `entitlements-of-${entity}s`,
		text: `
			select ${entity}_id::text as record, entitlement_id as "entitlementId", product_id as "productId",
				details <> '{}' or updated_at <> created_at as "isTouched"
			from muster.entitlement
			where site_id = $1 and ${entity}_id = any($2::text[]::${idType}[])`,
	};
}

const entitledStatements = {
	customer: entitledStatement("customer", "uuid"),
	organization: entitledStatement("organization", "bigint"),
} as const;

function formerKeys(entity: Entity, { images }: UndoneTask): string[] {
	return [...images.values()].flatMap(({ address }) => {
		const read = address === undefined ? undefined : readAddress(entity, address, "", "name");
		return read === undefined || "code" in read ? [] : [read.key];
	});
}

/** Most changes that are looked through for one record; past them it is not known what was done since. */
const stepsMax = 1_000;

/** Goes along each record's images from the latest to those of the task. */
async function readSince(
	transaction: Transaction,
	siteId: string,
	number: number,
	records: readonly StoredRecord[],
): Promise<Map<string, Since>> {
	// The records of a task are mostly changed by the same tasks again; null for one that is kept no more.
	const changes = new Map<number, StoredChange | null>();
	const since = new Map<string, Since>();
	for (const { id, lastChange } of records) {
		const fields = new Set<string>();
		let next = lastChange;
		for (let steps = 0; steps < stepsMax && next !== null && next !== number; steps += 1) {
			const known = changes.get(next);
			const change = known === undefined ? await findChange(transaction, siteId, next) : known;
			changes.set(next, change);
			const own = change === null ? [] : stepsOf(id, change.task?.results ?? null, change.images);
			for (const { image } of own) {
				for (const field of image === null ? [] : fieldsOf(image)) fields.add(field);
			}
			next = own.at(-1)?.image?.previous ?? null;
		}
		since.set(id, next === number ? fields : "unknown");
	}
	return since;
}
