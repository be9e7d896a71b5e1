import type { Entity } from "@muster/client/contract";
import type { DetailField } from "../domain/detail-value.ts";
import { readCustomerId, readOrganizationId } from "../domain/record.ts";
import type { Transaction } from "../store/database.ts";
import { listDetailFields } from "../store/detail-fields.ts";
import { findRecords, type ReadRecord } from "../store/find-records.ts";
import { notFound } from "./problem-error.ts";
import type { Call, Reply } from "./route.ts";

/** @returns the record's own id (a UUID, a number's digits), or null for what cannot be an id of this site */
export function readId(call: Call, entity: Entity, value: unknown): string | null {
	if (entity === "customer") {
		return typeof value === "string" ? readCustomerId(call.principal.siteId, value) : null;
	}
	return typeof value === "string" || typeof value === "number" ? readOrganizationId(value) : null;
}

/** The id in the path. What cannot be an id of this site is as unknown as an unknown id. */
export function idOfPath(call: Call, entity: Entity): string {
	const id = readId(call, entity, call.params[`${entity}Id`]);
	if (id === null) throw notFound();
	return id;
}

/** The record that the path names. @throws ProblemError not_found */
export async function readOne(call: Call, entity: Entity): Promise<ReadRecord> {
	const id = idOfPath(call, entity);
	const { siteId } = call.principal;
	const [found] = await call.services.database.inSite(siteId, (transaction) =>
		findRecords(transaction, siteId, entity, [id]),
	);
	if (found === undefined) throw notFound();
	return found;
}

/** The records of these ids in their order, each once; unknown ones are left out. */
export async function readInOrder(
	transaction: Transaction,
	siteId: string,
	entity: Entity,
	ids: readonly string[],
): Promise<ReadRecord[]> {
	const found = await findRecords(transaction, siteId, entity, ids);
	const byId = new Map(found.map((record) => [record.id, record]));
	return [...new Set(ids)].flatMap((id) => byId.get(id) ?? []);
}

/** Answers with records in the call's dialect, which needs the site's fields. */
export async function profiles(
	call: Call,
	entity: Entity,
	records: readonly ReadRecord[],
	bodyOf: (shown: unknown[]) => unknown,
): Promise<Reply> {
	const { siteId } = call.principal;
	const fields = await fieldsOf(call, entity);
	return {
		status: 200,
		body: bodyOf(records.map((record) => call.dialect.profile(siteId, entity, record, fields))),
	};
}

/** The detail fields of an entity of the call's site. */
export function fieldsOf(call: Call, entity: Entity): Promise<DetailField[]> {
	const { siteId } = call.principal;
	return call.services.database.inSite(siteId, (transaction) =>
		listDetailFields(transaction, siteId, entity),
	);
}
