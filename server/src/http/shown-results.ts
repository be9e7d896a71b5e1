import type { ItemResult as ShownResult } from "@muster/client/contract";
import type { ItemResult } from "../domain/item-result.ts";
import { customerIdText } from "../domain/record.ts";
import { changeOf } from "./change-of.ts";
import type { ShownOperation } from "./dialects/dialect.ts";
import { errorOf } from "./dialects/guide.ts";

/** What became of each item of a task, as the wire shows it in both dialects. */
export function shownResults(
	siteId: string,
	{ entity, scope }: ShownOperation,
	results: readonly ItemResult[],
): ShownResult[] {
	const isCustomer = entity === "customer" && scope !== "definitions";
	return results.map(({ outcome, clientRef, id, key, faults, changes }, index) => ({
		index,
		...(clientRef === undefined ? {} : { clientRef }),
		...(id === undefined ? {} : { id: isCustomer ? customerIdText(siteId, id) : id }),
		...(key === undefined ? {} : { key }),
		outcome,
		...(faults === undefined ? {} : { errors: faults.map(errorOf) }),
		...(changes === undefined ? {} : { changes: changes.map((change) => changeOf(siteId, change)) }),
	}));
}
