import type { Entity } from "@muster/client/contract";
import type { Draft } from "../domain/draft.ts";
import type { Transaction } from "./database.ts";
import { changesOf, columnsOf } from "./insert-records.ts";
import { textArray } from "./text-array.ts";

/**
 * Writes each row that is found by its id, and fails where one is missing or is another version by now. Rows are looked up
 * one by one (as for eachByKeyAndId) and written by their place in the table (ctid): joined by id, PostgreSQL may read all
 * of the site and go through the list for every record. `offset 0` keeps the two from becoming one join.
 * Casts stand around the lists, not in the conditions: row-level security keeps a condition with a function that may tell
 * what it sees, as a cast from text may, out of every index.
 * @param rows whose $2 has an element for each row
 */
function eachStillThere(entity: Entity, rows: string, version: string, set: string): string {
	return `
		with written as (
			update muster.${entity} set ${set}
			from (
				select row.*, stored.row_at
				from ${rows}
				cross join lateral (
					select ctid as row_at from muster.${entity}
					where site_id = $1 and ${entity}_id = row.id and ${version}
					limit 1) as stored
				offset 0) as row
			where ${entity}.site_id = $1 and ${entity}.ctid = row.row_at
			returning 1)
		select muster.expect((select count(*) from written) = cardinality($2::text[]))`;
}

function asRead(entity: Entity): string {
	return `${entity}.xmin::text = row.version`;
}

/** A row that parkKeys has written is of this very transaction. */
function asReadOrOurs(entity: Entity): string {
	return `(${asRead(entity)} or ${entity}.xmin = pg_current_xact_id()::xid)`;
}

const statements = {
	customer: {
		name: "update-customers",
		text: eachStillThere(
			"customer",
			`unnest($3::text[]::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[]::bigint[], $9::text[],
				$2::text[]) as row (id, address, key, details, stamp, change, display_name, version)`,
			asReadOrOurs("customer"),
			`email = row.address, email_key = row.key, display_name = row.display_name, details = row.details::jsonb,
				source_updated_at = row.stamp, last_change = row.change, updated_at = now()`,
		),
	},
	organization: {
		name: "update-organizations",
		text: eachStillThere(
			"organization",
			`unnest($3::text[]::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[]::bigint[], $2::text[])
				as row (id, address, key, details, stamp, change, version)`,
			asReadOrOurs("organization"),
			`name = row.address, name_key = row.key, details = row.details::jsonb, source_updated_at = row.stamp,
				last_change = row.change, updated_at = now()`,
		),
	},
} as const;

const parkStatements = {
	customer: {
		name: "park-customer-keys",
		text: eachStillThere(
			"customer",
			"unnest($2::text[]::uuid[], $3::text[]) as row (id, version)",
			asRead("customer"),
			"email_key = ' ' || customer_id",
		),
	},
	organization: {
		name: "park-organization-keys",
		text: eachStillThere(
			"organization",
			"unnest($2::text[]::bigint[], $3::text[]) as row (id, version)",
			asRead("organization"),
			"name_key = ' ' || organization_id",
		),
	},
} as const;

/**
 * Writes records that are still the version that they were read in.
 * @throws 40001 where somebody else has changed one since
 */
export async function updateRecords(
	transaction: Transaction,
	siteId: string,
	entity: Entity,
	drafts: readonly Draft[],
): Promise<void> {
	await transaction.query(statements[entity], [
		siteId,
		textArray(drafts.map(versionOf)),
		...columnsOf(entity, drafts),
	]);
}

/**
 * Where one record takes the key that another one of these gives up, both keys are first taken off: unique keys are
 * checked row by row, in no order that we choose. No key begins with a blank.
 * @throws 40001 as updateRecords does
 */
export async function parkKeys(
	transaction: Transaction,
	siteId: string,
	entity: Entity,
	drafts: readonly Draft[],
): Promise<void> {
	const moving = drafts.filter(({ stored, state }) => stored !== null && stored.key !== state.address.key);
	const givenUp = new Set(moving.map(({ stored }) => stored?.key));
	if (!moving.some(({ state }) => givenUp.has(state.address.key))) return;
	await transaction.query(parkStatements[entity], [
		siteId,
		textArray(moving.map(({ id }) => id)),
		textArray(moving.map(versionOf)),
	]);
}

const stampStatements = {
	customer: {
		name: "stamp-customers",
		text: eachStillThere(
			"customer",
			"unnest($2::text[]::uuid[], $3::text[], $4::text[], $5::text[]::bigint[]) as row (id, version, stamp, change)",
			asRead("customer"),
			"source_updated_at = row.stamp, last_change = row.change",
		),
	},
	organization: {
		name: "stamp-organizations",
		text: eachStillThere(
			"organization",
			"unnest($2::text[]::bigint[], $3::text[], $4::text[], $5::text[]::bigint[]) as row (id, version, stamp, change)",
			asRead("organization"),
			"source_updated_at = row.stamp, last_change = row.change",
		),
	},
} as const;

/**
 * Writes the later sourceUpdatedAt and the last change of records of whose own nothing else has changed: they were confirmed
 * by a later item, or newly associated.
 * @throws 40001 as updateRecords does
 */
export async function stampRecords(
	transaction: Transaction,
	siteId: string,
	entity: Entity,
	drafts: readonly Draft[],
): Promise<void> {
	await transaction.query(stampStatements[entity], [
		siteId,
		textArray(drafts.map(({ id }) => id)),
		textArray(drafts.map(versionOf)),
		textArray(drafts.map(({ state }) => state.sourceUpdatedAt)),
		changesOf(drafts),
	]);
}

function versionOf({ stored }: Draft): string | null {
	return stored?.version ?? null;
}
