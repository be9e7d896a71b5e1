import type { Entity } from "@muster/client/contract";
import type { Transaction } from "./database.ts";

/** Reads the version of the fields of the entity of $2. */
export const fieldsVersionText = `
	select coalesce(string_agg(field_id || ' ' || xmin::text, ',' order by field_id), '') as version
	from muster.detail_field
	where site_id = $1 and entity = $2`;

const versionStatement = { name: "find-fields-version", text: fieldsVersionText };

/** Names the detail fields of an entity as they stand: another text after every change of one. */
export async function findFieldsVersion(
	transaction: Transaction,
	siteId: string,
	entity: Entity,
): Promise<string> {
	const [row] = await transaction.query<{ version: string }>(versionStatement, [siteId, entity]);
	return row?.version ?? "";
}

const turnStatement = {
	name: "expect-turn",
	text: `
		select muster.expect(
			not exists (select from muster.task where site_id = $1 and ended_at is null and number < $3)
			and (select version from (${fieldsVersionText}) as fields) = $4
			and (select xmin::text from muster.task where site_id = $1 and number < $3 order by number desc limit 1) = $5)`,
};

/** What must hold when a claim gets the lane. */
export interface Turn {
	/** Number of its first task: no older one is unfinished. */
	readonly first: number;
	readonly entity: Entity;
	/** See findFieldsVersion; that of the fields that the items were folded by. */
	readonly fieldsVersion: string;
	/**
	 * The transaction of the claim ahead, as awaitLane gives it: it has ended the task in front. Had another one ended it,
	 * what the items were folded by might be of before or of after that.
	 */
	readonly behind: string;
}

/**
 * Fails unless it is a claim's turn. The caller holds the lane.
 * @throws 40001
 */
export async function expectTurn(transaction: Transaction, siteId: string, turn: Turn): Promise<void> {
	await transaction.query(turnStatement, [siteId, turn.entity, turn.first, turn.fieldsVersion, turn.behind]);
}
