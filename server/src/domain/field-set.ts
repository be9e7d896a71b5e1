import type { DetailField } from "./detail-value.ts";
import { nameKey } from "./name.ts";
import { freeSlug } from "./slug.ts";

/** Most texts that a set remembers; a site has 500 fields at most, each spelled in a way or two. */
const foundMax = 2_000;

/** What stands in addresses where a field is named (customer/details/bulk): as an id it would name no field. */
const addressWords: readonly string[] = ["bulk"];

/** The detail fields of one entity of a site: looked up by name first, then by id (contract, section 7). */
export class FieldSet {
	readonly #byName: Map<string, DetailField> = new Map();
	readonly #byId: Map<string, DetailField> = new Map();
	readonly #notToBeGiven: ReadonlySet<string>;
	/** What texts were looked up as, so that a batch pays for each spelling once. */
	#found: Map<string, DetailField | undefined> = new Map();

	/** @param deletedIds ids of deleted fields, under which records may still have values */
	constructor(fields: Iterable<DetailField>, deletedIds: readonly string[] = []) {
		this.#notToBeGiven = new Set([...addressWords, ...deletedIds]);
		for (const field of fields) this.add(field);
	}

	get size(): number {
		return this.#byId.size;
	}

	find(nameOrId: string): DetailField | undefined {
		if (this.#found.has(nameOrId)) return this.#found.get(nameOrId);
		const key = nameKey(nameOrId);
		const field = this.#byName.get(key) ?? this.#byId.get(key);
		// A set may live long, and texts that name no field never end.
		if (this.#found.size >= foundMax) this.#found.clear();
		this.#found.set(nameOrId, field);
		return field;
	}

	byId(id: string): DetailField | undefined {
		return this.#byId.get(id);
	}

	names(): string[] {
		return [...this.#byId.values()].map((field) => field.name);
	}

	add(field: DetailField): void {
		this.#byName.set(nameKey(field.name), field);
		this.#byId.set(field.id, field);
		this.#found = new Map();
	}

	/** A new TEXT field of that name. Its id is one that no field answers to, by name or by id, and that an address can name. */
	propose(name: string, alsoTaken: readonly DetailField[] = []): DetailField {
		const taken = (id: string): boolean =>
			this.#notToBeGiven.has(id) ||
			this.#byId.has(id) ||
			this.#byName.has(id) ||
			alsoTaken.some((field) => field.id === id);
		const text = name.trim();
		// Its own name may be its own id: they are one field.
		return { id: freeSlug(text, taken), name: text, type: "TEXT", options: [] };
	}
}
