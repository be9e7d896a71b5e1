import type { Entity } from "@muster/client/contract";
import type { Fault } from "../domain/fault.ts";
import { show } from "../domain/fault.ts";
import { type AskedEntitlement, readEntitlement } from "../domain/judge-entitlement.ts";
import { LinkTargets } from "../domain/link-targets.ts";
import type { Transaction } from "../store/database.ts";
import { insertEntitlement } from "../store/entitlements.ts";
import { findRecords } from "../store/find-records.ts";
import { nameProducts } from "../store/load-entitled.ts";
import { refuse } from "./detail-fields.ts";
import { foldDetails } from "./fold-details.ts";
import { notFound, ProblemError } from "./problem-error.ts";
import { readJsonObject, refuseUnknownKeys } from "./read-json.ts";
import type { Call } from "./route.ts";
import { whilePassing } from "./write-record.ts";

/**
 * Entitles a record to the product that the body names.
 * @returns the id of the new entitlement
 * @throws ProblemError not_found, invalid_request with every fault of the body, conflict
 */
export async function createEntitlement(call: Call, entity: Entity, recordId: string): Promise<string> {
	const body = readJsonObject(call.body);
	refuseUnknownKeys(body, ["productId", "product", "details"]);
	const { siteId, settings } = call.principal;
	const faults: Fault[] = [];
	const asked = readEntitlement(
		body,
		{ siteId, ignoreUnknownKeys: settings.unknownKeys === "ignore" },
		faults,
	);
	// A record that is unknown is told of first, whatever the body says.
	const work = async (transaction: Transaction): Promise<string> => {
		const [record] = await findRecords(transaction, siteId, entity, [recordId]);
		if (record === undefined) throw notFound();
		return create(call, transaction, { entity, recordId, asked, faults: [...faults] });
	};
	const { database, lanes } = call.services;
	// Only details depend on what the lane keeps still.
	const hasDetails = asked !== null && asked.edits.length > 0;
	// Where the record or the product is deleted in between, the next try says so.
	return whilePassing(() => (hasDetails ? lanes.alone(siteId, work) : database.inSite(siteId, work)));
}

async function create(
	call: Call,
	transaction: Transaction,
	{
		entity,
		recordId,
		asked,
		faults,
	}: {
		readonly entity: Entity;
		readonly recordId: string;
		readonly asked: AskedEntitlement | null;
		readonly faults: Fault[];
	},
): Promise<string> {
	const { siteId } = call.principal;
	if (asked === null) {
		refuse("invalid_request", faults);
		throw new Error("an entitlement without a fault was not read");
	}
	const { product, edits } = asked;
	const known = await nameProducts(transaction, siteId, {
		ids: product.id === null ? [] : [product.id],
		keys: product.key === null ? [] : [product.key],
	});
	const [productId] = new LinkTargets("product", known).resolveAll([product], faults);
	const details = await foldDetails(call, transaction, edits, {}, faults);
	if (productId === undefined) throw new Error("a product without a fault was not found");
	const made = await insertEntitlement(transaction, siteId, entity, { recordId, productId, details });
	if (made !== null) return made;
	throw new ProblemError(
		"conflict",
		`This ${entity} has the product ${show(product.shown)} already. Nothing was saved.`,
	);
}
