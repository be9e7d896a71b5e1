import type { Fault } from "./fault.ts";
import type { DetailEdit, Link } from "./item.ts";
import { ItemReader } from "./item-reader.ts";
import { readDetails } from "./judge-details.ts";
import { type JudgeContext, linkById, readLink } from "./judge-links.ts";

/** An entitlement as it is asked for: the product that it is for, and its details. */
export interface AskedEntitlement {
	readonly product: Link;
	readonly edits: readonly DetailEdit[];
}

/** Reads `{productId | product, details}`; null where something is wrong, which is added to `faults`. */
export function readEntitlement(
	body: Record<string, unknown>,
	context: JudgeContext,
	faults: Fault[],
): AskedEntitlement | null {
	const reader = ItemReader.of(body, "", context);
	if (reader === null) throw new Error("a body that was read as an object is none");
	const product = readProduct(reader, context, faults);
	const details = reader.take("details");
	const edits = details === undefined ? [] : readDetails(details, "/details", context, faults);
	return product === null ? null : { product, edits };
}

function readProduct(reader: ItemReader, context: JudgeContext, faults: Fault[]): Link | null {
	const productId = reader.take("productId");
	const product = reader.take("product");
	if ((productId === undefined) === (product === undefined)) {
		const told = product === undefined ? "neither productId nor product" : "both productId and product";
		faults.push({ code: "identity_missing", pointer: "", message: `The body has ${told}; one is expected.` });
		return null;
	}
	return productId === undefined
		? readLink(product, "/product", "product", context, faults)
		: linkById(productId, "/productId", "product", context.siteId, faults);
}
