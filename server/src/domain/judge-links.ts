import { readAddress } from "./address.ts";
import { areEnough, type Fault, pointerTo, show } from "./fault.ts";
import type { Link } from "./item.ts";
import { ItemReader, type UnknownKeys } from "./item-reader.ts";
import { isRawNumber } from "./json.ts";
import { type Linked, linkWords } from "./linked.ts";
import { readCustomerId, readOrganizationId, uuidForm } from "./record.ts";

export interface JudgeContext extends UnknownKeys {
	readonly siteId: string;
}

/** Reads the associations of an item, of either shape; what is wrong with them is added to the faults of `fields`. */
export function readLinks(fields: ItemReader, linked: Linked, context: JudgeContext): Link[] {
	const { listKey, associateKey, idsKey } = linkWords[linked];
	const links: Link[] = [];
	for (const [place, value] of fields.list(listKey).entries()) {
		if (areEnough(fields.faults)) return links;
		const pointer = pointerTo(pointerTo(fields.pointer, listKey), place);
		const link = readLink(value, pointer, linked, context, fields.faults);
		if (link !== null) links.push(link);
	}
	if (!fields.has(associateKey)) return links;
	const inner = fields.inner(associateKey);
	for (const [place, value] of inner.list(idsKey).entries()) {
		if (areEnough(fields.faults)) break;
		const pointer = pointerTo(pointerTo(inner.pointer, idsKey), place);
		const link = linkById(value, pointer, linked, context.siteId, fields.faults);
		if (link !== null) links.push(link);
	}
	fields.faults.push(...inner.faults);
	inner.refuseUnknownKeys(fields.faults);
	return links;
}

/** An organization or a product: its name, {"name"} or {"id"}; a customer: the email, {"email"} or {"customerId"}. */
export function readLink(
	value: unknown,
	pointer: string,
	linked: Linked,
	context: JudgeContext,
	faults: Fault[],
): Link | null {
	if (typeof value === "string") return linkByKey(value, pointer, linked, faults);
	const reader = ItemReader.of(value, pointer, context);
	if (reader === null) {
		faults.push(wrongLink(value, pointer, linked));
		return null;
	}
	const { idKey, addressKey } = linkWords[linked];
	const id = reader.has(idKey) ? reader.take(idKey) : undefined;
	const key = reader.has(addressKey) ? reader.text(addressKey) : undefined;
	faults.push(...reader.faults);
	reader.refuseUnknownKeys(faults);
	if (id !== undefined) return linkById(id, pointerTo(pointer, idKey), linked, context.siteId, faults);
	if (key !== undefined) return linkByKey(key, pointerTo(pointer, addressKey), linked, faults);
	if (reader.faults.length === 0) faults.push(wrongLink(value, pointer, linked));
	return null;
}

function linkByKey(text: string, pointer: string, linked: Linked, faults: Fault[]): Link | null {
	const name = readAddress(linked, text, pointer, `${linked} name`);
	if ("code" in name) {
		faults.push(name);
		return null;
	}
	return { id: null, key: name.key, shown: text, pointer };
}

/** Reads an association by id alone; what is no id at all is added to `faults`. */
export function linkById(
	value: unknown,
	pointer: string,
	linked: Linked,
	siteId: string,
	faults: Fault[],
): Link | null {
	const id = idOf(value, linked, siteId);
	if (id !== undefined) return { id, key: null, shown: value, pointer };
	faults.push({
		code: "invalid_type",
		pointer,
		message: `${show(value)} is no ${linked} id; a text${linked === "organization" ? " or a number" : ""} is expected.`,
	});
	return null;
}

/** null: an id that none of this site can have; undefined: no id at all. */
function idOf(value: unknown, linked: Linked, siteId: string): string | null | undefined {
	if (linked === "organization") {
		// A number too long for a double is kept as its text, and is no id of ours.
		if (isRawNumber(value)) return readOrganizationId(value.rawJSON);
		return typeof value === "string" || typeof value === "number" ? readOrganizationId(value) : undefined;
	}
	if (typeof value !== "string") return undefined;
	return linked === "customer" ? readCustomerId(siteId, value) : readUuid(value);
}

function readUuid(text: string): string | null {
	return uuidForm.test(text) ? text : null;
}

function wrongLink(value: unknown, pointer: string, linked: Linked): Fault {
	const { idKey, addressKey, one } = linkWords[linked];
	return {
		code: "invalid_type",
		pointer,
		message: `${show(value)} names no ${one}; a text, {"${addressKey}"} or {"${idKey}"} is expected.`,
	};
}
