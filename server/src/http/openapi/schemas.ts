import * as contract from "@muster/client/contract";
import type { TSchema } from "typebox";
import { schemaExamples } from "./examples.ts";

export type JsonObject = Record<string, unknown>;

/**
 * Writes schemas of the contract for the document. A schema inside another is the same object, so one that has
 * a name becomes a reference to its component wherever it stands; only components that are used are written.
 */
export class Schemas {
	readonly #names: Map<unknown, string> = new Map();
	readonly #examples: Readonly<Record<string, unknown>>;
	readonly #components: Map<string, unknown> = new Map();

	constructor(publicUrl: string) {
		this.#examples = schemaExamples(publicUrl);
		for (const [name, value] of Object.entries(contract)) {
			if (contract.isSchema(value)) this.#names.set(value, name.charAt(0).toUpperCase() + name.slice(1));
		}
	}

	/** Names a schema that the contract does not export; one that has a name keeps it. */
	write(schema: TSchema, name?: string): unknown {
		if (name !== undefined && !this.#names.has(schema)) this.#names.set(schema, name);
		return this.#written(schema);
	}

	/** Every component that something refers to, by name. */
	components(): JsonObject {
		return Object.fromEntries([...this.#components].sort(([one], [other]) => (one < other ? -1 : 1)));
	}

	#written(value: unknown): unknown {
		const name = this.#names.get(value);
		if (name === undefined) return this.#inner(value);
		if (!this.#components.has(name)) {
			this.#components.set(name, null);
			const example = this.#examples[name];
			const written = this.#inner(value);
			this.#components.set(
				name,
				// A schema is an object, and so is what was written of it.
				example === undefined ? written : { ...(written as JsonObject), examples: [example] },
			);
		}
		return { $ref: `#/components/schemas/${name}` };
	}

	#inner(value: unknown): unknown {
		if (Array.isArray(value)) return value.map((each) => this.#written(each));
		if (typeof value !== "object" || value === null) return value;
		const entries = Object.entries(value).map(([key, each]) => [key, this.#written(each)] as const);
		return plainer(Object.fromEntries(entries));
	}
}

/** The same meaning in the words that generators of clients understand. */
function plainer(schema: JsonObject): JsonObject {
	const { patternProperties, ...rest } = schema;
	const [pattern, ...others] = Object.entries(patternProperties ?? {});
	if (pattern?.[0] === "^.*$" && others.length === 0) return { ...rest, additionalProperties: pattern[1] };
	const isWords = Array.isArray(schema.enum) && schema.enum.every((word) => typeof word === "string");
	return isWords ? { type: "string", ...schema } : schema;
}
