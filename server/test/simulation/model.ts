import type { Entity, Outcome } from "@muster/client/contract";

// What the contract says (sections 2 and 7), as plainly as it can be written: one record after the other, nothing merged,
// nothing kept apart. It knows nothing of how the server does it, and of texts only as much as items.ts makes.

export interface Submission {
	readonly entity: Entity;
	readonly scope: "account" | "profile" | "details";
	readonly dryRun: boolean;
	readonly items: readonly Item[];
}

export interface Item {
	/** Number of a record in this model; null for an id that nobody has. */
	readonly id?: number | null;
	/** An email or a name. */
	readonly address?: string;
	readonly operationType: "UPSERT" | "CREATE" | "UPDATE";
	readonly displayName?: string;
	readonly edits: readonly Edit[];
	/** Records of the other entity, by address or by id. */
	readonly links: readonly (string | number | null)[];
	readonly flaw?: "is null" | "has an unknown key" | "has an unknown operationType";
}

export interface Edit {
	readonly field: string;
	readonly operation: "UPDATE" | "PATCH" | "DELETE";
	readonly value: Value | readonly Value[];
}

type Value = string | number | null;

export interface Field {
	readonly id: string;
	name: string;
	readonly type: "TEXT" | "SELECT" | "MULTISELECT";
	options: readonly string[];
}

export interface ModelRecord {
	readonly number: number;
	address: string;
	displayName: string;
	/** By the id of the field. */
	details: Record<string, string | readonly string[]>;
	links: number[];
}

/** What must become of an item. */
export interface Expected {
	readonly outcome: Outcome;
	/** The record, unless the item failed or a dry run made it. */
	readonly number: number | null;
	/** The record's address after the item, unless it failed. */
	readonly address: string | null;
	/** Codes of all that is wrong with it, sorted. */
	readonly codes: readonly string[];
}

const other = { customer: "organization", organization: "customer" } as const;
const badAddress = { customer: "invalid_email", organization: "invalid_name" } as const;

export class Model {
	records: Record<Entity, ModelRecord[]> = { customer: [], organization: [] };
	fields: Record<Entity, Field[]> = { customer: [], organization: [] };
	readonly fieldsMax: number;
	#lastNumber = 0;

	constructor(fieldsMax: number) {
		this.fieldsMax = fieldsMax;
	}

	/** Carries a submission out: every item in order, each on top of the one before. */
	apply({ entity, scope, dryRun, items }: Submission): Expected[] {
		const before = structuredClone({ records: this.records, fields: this.fields });
		const expected = items.map((item) => this.#applyItem(entity, scope, item));
		if (!dryRun) return expected;
		const known = new Set(before.records[entity].map((record) => record.number));
		Object.assign(this, before);
		return expected.map((one) => ({
			...one,
			number: one.number !== null && known.has(one.number) ? one.number : null,
		}));
	}

	/** @returns whether it is taken; a name that a field answers to already is not, nor one field too many */
	define(entity: Entity, name: string, type: Field["type"], options: readonly string[]): boolean {
		const fields = this.fields[entity];
		if (this.field(entity, name) !== undefined || fields.length >= this.fieldsMax) return false;
		fields.push({ id: freeId(name, fields), name, type, options });
		return true;
	}

	/** @returns whether it is taken: another field must not answer to the name */
	rename(entity: Entity, field: Field, name: string): boolean {
		const others = this.fields[entity].filter((candidate) => candidate !== field);
		if (find(others, name) !== undefined) return false;
		field.name = name;
		return true;
	}

	renameOption(entity: Entity, field: Field, old: string, now: string): void {
		const renamed = (option: string): string => (option === old ? now : option);
		field.options = field.options.map(renamed);
		for (const { details } of this.records[entity]) {
			const value = details[field.id];
			if (value === undefined) continue;
			details[field.id] = typeof value === "string" ? renamed(value) : value.map(renamed);
		}
	}

	remove(entity: Entity, field: Field): void {
		this.fields[entity] = this.fields[entity].filter((candidate) => candidate !== field);
		for (const { details } of this.records[entity]) delete details[field.id];
	}

	/** A field is looked up by its name first, then by its id. */
	field(entity: Entity, name: string): Field | undefined {
		return find(this.fields[entity], name);
	}

	#applyItem(entity: Entity, scope: Submission["scope"], item: Item): Expected {
		if (item.flaw === "is null") return failed(["item_not_object"]);
		const codes: string[] = [];
		if (item.flaw === "has an unknown key") codes.push("unknown_item_key");
		if (item.flaw === "has an unknown operationType") codes.push("invalid_operation_type");
		if (item.address !== undefined && !isAddress(item.address)) codes.push(badAddress[entity]);
		if (item.id === undefined && item.address === undefined) codes.push("identity_missing");

		// Who it is.
		const byId = item.id == null ? undefined : this.#byNumber(entity, item.id);
		const byAddress = this.#byAddress(entity, item.address);
		const found = byId ?? byAddress;
		const mayCreate = scope !== "details" && item.operationType !== "UPDATE";
		if (item.id !== undefined && byId === undefined) codes.push(`${entity}_not_found`);
		else if (byId !== undefined && byAddress !== undefined && byId !== byAddress)
			codes.push("identity_conflict");
		else if (found !== undefined && item.operationType === "CREATE") codes.push("already_exists");
		else if (found === undefined && isAddress(item.address) && !mayCreate) codes.push(`${entity}_not_found`);

		// What it brings. A missing field is made by an item that succeeds.
		const details = { ...found?.details };
		const fields = [...this.fields[entity]];
		for (const edit of item.edits) {
			let field = find(fields, edit.field);
			if (field === undefined && fields.length >= this.fieldsMax) {
				codes.push("detail_field_limit");
				continue;
			}
			if (field === undefined) {
				field = { id: freeId(edit.field, fields), name: edit.field.trim(), type: "TEXT", options: [] };
				fields.push(field);
			}
			const value = edit.operation === "DELETE" ? null : fitting(field, edit.value);
			if (value === undefined) codes.push("invalid_detail_value");
			else set(details, field, value, edit.operation);
		}
		const links = new Set(found?.links);
		for (const link of item.links) {
			const linked =
				typeof link === "string"
					? this.#byAddress(other[entity], link)
					: this.#byNumber(other[entity], link ?? 0);
			if (linked !== undefined) links.add(linked.number);
			else if (typeof link !== "string" || isAddress(link)) codes.push(`${other[entity]}_not_found`);
			else codes.push(badAddress[other[entity]]);
		}
		if (codes.length > 0) return failed(codes);

		// It succeeds.
		this.fields[entity] = fields;
		const record = found ?? this.#create(entity, item.address ?? "");
		const was = shown(record);
		if (item.address !== undefined && byAddress === undefined) record.address = item.address.trim();
		if (item.displayName) record.displayName = item.displayName;
		record.details = details;
		record.links = [...links];
		// An association has two ends.
		for (const linked of this.records[other[entity]]) {
			if (links.has(linked.number) && !linked.links.includes(record.number)) linked.links.push(record.number);
		}
		const changed = shown(record) !== was;
		const outcome = found === undefined ? "created" : changed ? "updated" : "unchanged";
		return { outcome, number: record.number, address: record.address, codes };
	}

	#create(entity: Entity, address: string): ModelRecord {
		this.#lastNumber += 1;
		const record: ModelRecord = {
			number: this.#lastNumber,
			address: address.trim(),
			displayName: entity === "customer" ? (address.trim().split("@")[0] ?? "") : "",
			details: {},
			links: [],
		};
		this.records[entity].push(record);
		return record;
	}

	#byNumber(entity: Entity, number: number): ModelRecord | undefined {
		return this.records[entity].find((record) => record.number === number);
	}

	#byAddress(entity: Entity, address: string | undefined): ModelRecord | undefined {
		if (!isAddress(address)) return undefined;
		return this.records[entity].find((record) => isSame(record.address, address));
	}
}

/** A record as text, whatever the order in which it came to be so. */
function shown({ address, displayName, details, links }: ModelRecord): string {
	return JSON.stringify([address, displayName, Object.entries(details).sort(), links.toSorted()]);
}

function failed(codes: readonly string[]): Expected {
	return { outcome: "failed", number: null, address: null, codes: codes.toSorted() };
}

/** Of the texts that items.ts makes. */
function isAddress(text: string | undefined): text is string {
	return text !== undefined && text.trim() !== "" && text !== "invalid";
}

function isSame(one: string, another: string): boolean {
	return one.trim().toLowerCase() === another.trim().toLowerCase();
}

function find(fields: readonly Field[], name: string): Field | undefined {
	return (
		fields.find((field) => isSame(field.name, name)) ??
		fields.find((field) => field.id === name.trim().toLowerCase())
	);
}

function freeId(name: string, fields: readonly Field[]): string {
	const slug = name.trim().toLowerCase().replaceAll(" ", "-");
	const ids = [slug, ...Array.from({ length: 9 }, (_, place) => `${slug}-${place + 2}`)];
	return ids.find((id) => find(fields, id) === undefined) ?? "";
}

/** The value as it is kept; null clears, undefined does not fit. */
function fitting(field: Field, value: Edit["value"]): string | string[] | null | undefined {
	const texts = [value].flat().flatMap((each) => (each === null || each === "" ? [] : [String(each)]));
	const [first] = texts;
	if (first === undefined) return null;
	if (texts.length > 1 && field.type !== "MULTISELECT") return undefined;
	if (field.type === "TEXT") return first;
	const options = texts.map((text) => field.options.find((option) => isSame(option, text)));
	const fit = options.filter((option) => option !== undefined);
	if (fit.length < texts.length) return undefined;
	return field.type === "SELECT" ? fit[0] : [...new Set(fit)];
}

/** PATCH adds to a MULTISELECT and is UPDATE for every other type. */
function set(
	details: ModelRecord["details"],
	field: Field,
	value: string | string[] | null,
	operation: Edit["operation"],
): void {
	const adds = operation === "PATCH" && field.type === "MULTISELECT";
	if (adds) details[field.id] = [...new Set([details[field.id] ?? [], value ?? []].flat())];
	else if (value !== null) details[field.id] = value;
	if (value === null && !adds) delete details[field.id];
	if (details[field.id]?.length === 0) delete details[field.id];
}
