import type { Operation } from "@muster/client/contract";
import { readAddress } from "./address.ts";
import { pointerTo, show } from "./fault.ts";
import { type Instant, readInstant } from "./instant.ts";
import type { DetailEdit, Item, OperationType } from "./item.ts";
import { ItemReader } from "./item-reader.ts";
import { readDetails } from "./judge-details.ts";
import { type JudgeContext, readLinks } from "./judge-links.ts";
import type { Name } from "./name.ts";
import { readCustomerId, readOrganizationId, words } from "./record.ts";
import { nameCharactersMax, textFault } from "./text.ts";

const operationTypes: readonly OperationType[] = ["CREATE", "UPDATE", "UPSERT"];

/**
 * Reads one item of either shape (contract, section 2) and finds everything that is wrong with it by itself. Pure: what
 * depends on the site's fields and records is judged where they are known, in fold-items.ts.
 */
export function judgeItem(operation: Operation, sent: unknown, index: number, context: JudgeContext): Item {
	const reader = ItemReader.of(sent, "", context);
	if (reader === null) return notAnObject(sent, index);
	const { entity, scope } = operation;
	const clientRef = reader.clientRef();
	// The reference's shape has its fields one level down, and its details edits under "operations".
	const fields = reader.has("payload") ? reader.inner("payload") : reader;
	// It is the item's as clientRef is, and the record's as the email is: either place will do.
	const source = fields === reader || reader.has(sourceKey) ? reader : fields;
	const sourceUpdatedAt = readSourceUpdatedAt(source);
	const operationType =
		scope === "details" && fields === reader && reader.has("operations")
			? "UPDATE"
			: reader.word("operationType", operationTypes, "UPSERT", "invalid_operation_type");
	const id = readId(fields, entity, context.siteId);
	const address = readItemAddress(fields, entity);
	const displayName = entity === "customer" && scope !== "details" ? readDisplayName(fields) : undefined;
	const details = scope === "account" ? [] : readItemDetails(fields, scope, context);
	const links = scope === "profile" ? readLinks(fields, words[entity].other, context) : [];
	const products = scope === "profile" ? readLinks(fields, "product", context) : [];
	const faults = reader.faults;
	if (fields !== reader) faults.push(...fields.faults);
	reader.refuseUnknownKeys(faults);
	if (fields !== reader) fields.refuseUnknownKeys(faults);
	const { idKeys, addressKey, one } = words[entity];
	const idKey = idKeys.find((key) => fields.has(key)) ?? idKeys[0];
	if (!fields.has(idKey) && !fields.has(addressKey)) {
		faults.push({
			code: "identity_missing",
			pointer: fields.pointer,
			message: `The item names no ${one}: it has neither ${addressKey} nor ${idKey}.`,
		});
	}
	return {
		index,
		sent,
		clientRef,
		sourceUpdatedAt,
		sourcePointer: pointerTo(source.pointer, sourceKey),
		operationType,
		id: id.id,
		idSent: id.sent,
		address: address.name,
		addressSent: address.sent,
		idPointer: pointerTo(fields.pointer, idKey),
		addressPointer: pointerTo(fields.pointer, addressKey),
		displayName,
		edits: details,
		links,
		products,
		creates: scope !== "details",
		faults,
	};
}

function notAnObject(sent: unknown, index: number): Item {
	return {
		index,
		sent,
		clientRef: undefined,
		sourceUpdatedAt: undefined,
		sourcePointer: "",
		operationType: "UPSERT",
		id: undefined,
		idSent: undefined,
		address: undefined,
		addressSent: undefined,
		idPointer: "",
		addressPointer: "",
		displayName: undefined,
		edits: [],
		links: [],
		products: [],
		creates: false,
		faults: [
			{ code: "item_not_object", pointer: "", message: `The item is ${show(sent)}; an object is expected.` },
		],
	};
}

const sourceKey = "sourceUpdatedAt";

function readSourceUpdatedAt(reader: ItemReader): Instant | undefined {
	const value = reader.take(sourceKey);
	if (value === undefined) return undefined;
	const instant = readInstant(value, pointerTo(reader.pointer, sourceKey), sourceKey);
	if (typeof instant === "string") return instant;
	reader.faults.push(instant);
	return undefined;
}

/** An absent id is undefined; one that no record of this site can have is null, and so unknown. */
function readId(
	fields: ItemReader,
	entity: Operation["entity"],
	siteId: string,
): { id: string | null | undefined; sent: string | number | undefined } {
	if (entity === "customer") {
		const text = fields.text("customerId");
		return { id: text === undefined ? undefined : readCustomerId(siteId, text), sent: text };
	}
	const sent = fields.textOrInteger(...words.organization.idKeys);
	return { id: sent === undefined ? undefined : readOrganizationId(sent), sent };
}

function readItemAddress(
	fields: ItemReader,
	entity: Operation["entity"],
): { name: Name | undefined; sent: string | undefined } {
	const key = words[entity].addressKey;
	const sent = fields.text(key);
	if (sent === undefined) return { name: undefined, sent };
	const pointer = pointerTo(fields.pointer, key);
	const address = readAddress(entity, sent, pointer, "name");
	if (!("code" in address)) return { name: address, sent };
	fields.faults.push(address);
	return { name: undefined, sent };
}

/** Absent and blank both keep what is there. */
function readDisplayName(fields: ItemReader): string | undefined {
	const text = fields.text("displayName", { nullable: true });
	if (text === undefined) return undefined;
	const fault = textFault(text, nameCharactersMax, pointerTo(fields.pointer, "displayName"), "displayName");
	if (fault !== null) fields.faults.push(fault);
	return fault !== null || text.trim() === "" ? undefined : text;
}

function readItemDetails(
	fields: ItemReader,
	scope: Operation["scope"],
	context: JudgeContext,
): readonly DetailEdit[] {
	const key = scope === "details" && fields.has("operations") ? "operations" : "details";
	const value = fields.take(key);
	if (value === undefined) {
		if (scope === "details") {
			fields.faults.push({
				code: "invalid_type",
				pointer: pointerTo(fields.pointer, key),
				message: `${key} is missing; a list of detail edits is expected.`,
			});
		}
		return [];
	}
	return readDetails(value, pointerTo(fields.pointer, key), context, fields.faults);
}
