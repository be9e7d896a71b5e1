import type { FailureCode } from "@muster/client/contract";
import { type Fault, faultsToldMax, pointerTo, show } from "./fault.ts";
import { isJsonObject, isRawNumber } from "./json.ts";
import { nearest } from "./nearest.ts";
import { nameCharactersMax, textFault } from "./text.ts";

/** What a site says of keys that nobody asked for. */
export interface UnknownKeys {
	readonly ignoreUnknownKeys: boolean;
}

/** Reads the keys of one object of an item, collects what is wrong, and knows which keys nobody asked for. */
export class ItemReader {
	readonly faults: Fault[] = [];
	readonly pointer: string;
	readonly #object: Record<string, unknown>;
	readonly #setting: UnknownKeys;
	/** A handful, and asked for over and over: a list is faster here than a set. */
	readonly #asked: string[] = [];

	/** @returns null where the value is no object */
	static of(
		value: unknown,
		pointer = "",
		setting: UnknownKeys = { ignoreUnknownKeys: false },
	): ItemReader | null {
		return isJsonObject(value) ? new ItemReader(value, pointer, setting) : null;
	}

	private constructor(object: Record<string, unknown>, pointer: string, setting: UnknownKeys) {
		this.#object = object;
		this.pointer = pointer;
		this.#setting = setting;
	}

	/** Own keys only, so that no key of a request reaches Object's members. */
	has(key: string): boolean {
		this.#asked.push(key);
		return Object.hasOwn(this.#object, key);
	}

	take(key: string): unknown {
		return this.has(key) ? this.#object[key] : undefined;
	}

	text(key: string, options: { nullable?: boolean } = {}): string | undefined {
		const value = this.take(key);
		if (value === undefined || typeof value === "string") return value;
		if (value === null && options.nullable === true) return undefined;
		this.#wrongType(key, value, "a text");
		return undefined;
	}

	/** The first of the keys that is there; another one beside it is a key that nobody asked for. */
	textOrInteger(...keys: readonly string[]): string | number | undefined {
		const key = keys.find((candidate) => this.has(candidate));
		if (key === undefined) return undefined;
		const value = this.#object[key];
		if (typeof value === "string" || Number.isInteger(value)) return value as string | number;
		// A number too long for a double is kept as its text, and is no id of ours.
		if (isRawNumber(value)) return value.rawJSON;
		this.#wrongType(key, value, "a text or a whole number");
		return undefined;
	}

	list(key: string): readonly unknown[] {
		const value = this.take(key);
		if (value === undefined || value === null) return [];
		if (Array.isArray(value)) return value;
		this.#wrongType(key, value, "a list");
		return [];
	}

	/** An object one level down; where it is none, an empty one with the fault noted here. */
	inner(key: string): ItemReader {
		const pointer = pointerTo(this.pointer, key);
		const inner = ItemReader.of(this.take(key), pointer, this.#setting);
		if (inner !== null) return inner;
		const empty = new ItemReader({}, pointer, this.#setting);
		this.#wrongType(key, this.take(key), "an object");
		return empty;
	}

	word<Word extends string>(key: string, words: readonly Word[], otherwise: Word, code: FailureCode): Word {
		const value = this.take(key);
		if (value === undefined) return otherwise;
		const word = words.find((candidate) => candidate === value);
		if (word !== undefined) return word;
		this.faults.push({
			code,
			pointer: pointerTo(this.pointer, key),
			message: `${key} is ${show(value)}; ${words.join(", ")} are allowed.`,
		});
		return otherwise;
	}

	/** The caller's own reference to the item, echoed in results; stands beside operationType in the reference's shape. */
	clientRef(): string | undefined {
		const value = this.take("clientRef");
		if (value === undefined || value === null) return undefined;
		if (typeof value !== "string") {
			this.#wrongType("clientRef", value, "a text");
			return undefined;
		}
		const fault = textFault(value, nameCharactersMax, pointerTo(this.pointer, "clientRef"), "clientRef");
		if (fault === null) return value;
		this.faults.push(fault);
		return undefined;
	}

	/** Adds a fault for each key that was never asked for, unless the site ignores such keys. */
	refuseUnknownKeys(faults: Fault[]): void {
		if (this.#setting.ignoreUnknownKeys) return;
		let found = 0;
		for (const key in this.#object) {
			if (this.#asked.includes(key)) continue;
			found += 1;
			if (found > faultsToldMax) break;
			const known = [...new Set(this.#asked)];
			const near = nearest(key, known);
			faults.push({
				code: "unknown_item_key",
				pointer: pointerTo(this.pointer, key.length > nameCharactersMax ? `${key.slice(0, 60)}...` : key),
				message: `The key ${show(key)} is not known here.`,
				hint: near === null ? `Known keys are ${known.join(", ")}.` : `Did you mean ${show(near)}?`,
			});
		}
	}

	#wrongType(key: string, value: unknown, expected: string): void {
		this.faults.push({
			code: "invalid_type",
			pointer: pointerTo(this.pointer, key),
			message: `${key} is ${show(value)}; ${expected} is expected.`,
		});
	}
}
