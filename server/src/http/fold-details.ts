import type { Fault } from "../domain/fault.ts";
import { FieldSet } from "../domain/field-set.ts";
import { foldEdits } from "../domain/fold-edits.ts";
import type { DetailEdit } from "../domain/item.ts";
import type { Details } from "../domain/record.ts";
import type { Transaction } from "../store/database.ts";
import { insertDetailFields, listDeletedFieldIds, listDetailFields } from "../store/detail-fields.ts";
import { refuse } from "./detail-fields.ts";
import type { Call } from "./route.ts";

/**
 * Applies edits to the details of an entitlement, as the bulk operations do to those of a record: fields that are missing
 * are made, where the site is set so. The caller holds the lane if there are edits, and writes the details.
 * @param faults what is wrong with the request so far
 * @throws ProblemError invalid_request with every fault
 */
export async function foldDetails(
	{ principal: { siteId, settings } }: Call,
	transaction: Transaction,
	edits: readonly DetailEdit[],
	before: Details,
	faults: Fault[],
): Promise<Details> {
	const [known, deletedIds] = await Promise.all(
		edits.length === 0
			? [[], []]
			: [
					listDetailFields(transaction, siteId, "entitlement"),
					listDeletedFieldIds(transaction, siteId, "entitlement"),
				],
	);
	const fields = new FieldSet(known, deletedIds);
	const { details, newFields } = foldEdits(edits, before, false, { fields, settings }, faults);
	refuse("invalid_request", faults);
	if (newFields.length > 0) await insertDetailFields(transaction, siteId, "entitlement", newFields);
	return details;
}
