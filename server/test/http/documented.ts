import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { expect } from "vitest";
import type { Answered } from "../muster.ts";

// biome-ignore lint/suspicious/noExplicitAny: an OpenAPI document, whose form the validator has judged
export type Json = any;

/** Headers that mean something to a client; an answer has them only where the document says so. */
const meaningful = [
	"Location",
	"Retry-After",
	"Idempotency-Replayed",
	"Preference-Applied",
	"Upload-Offset",
	"Allow",
	"WWW-Authenticate",
	"X-RateLimit-Limit",
	"X-RateLimit-Remaining",
	"X-RateLimit-Reset",
];

const documentId = "muster:document";

/** An OpenAPI document that answers and examples are held against. */
export class Documented {
	readonly #document: Json;
	readonly #ajv: Ajv2020 = new Ajv2020({ strict: false, allErrors: true });
	readonly #validators: Map<string, ValidateFunction> = new Map();

	constructor(document: Json) {
		this.#document = document;
		// The package is CommonJS, and its types say otherwise than its exports.
		(addFormats as Json)(this.#ajv);
		// Read once: there is much of it, and every schema refers to it.
		this.#ajv.addSchema({ $id: documentId, components: closed(document.components) });
	}

	operation(method: string, path: string): Json {
		return this.#document.paths[path]?.[method.toLowerCase()];
	}

	/** Fails unless the status, media type, headers and body of an answer, and its code, are as the document says. */
	expectAnswer(method: string, path: string, answer: Answered): void {
		const seen = `${method} ${path} answered ${answer.status} ${answer.text.slice(0, 300)}`;
		const response = this.resolve(this.operation(method, path).responses[answer.status]);
		expect(response, `no such status in the document: ${seen}`).toBeDefined();
		this.#expectHeaders(response.headers ?? {}, answer, seen);
		if (response.content === undefined) {
			expect(answer.text, seen).toBe("");
			return;
		}
		const mediaType = answer.headers.get("content-type")?.split(";")[0] ?? "none";
		const media = response.content[mediaType];
		expect(media, `no such media type in the document: ${mediaType}, ${seen}`).toBeDefined();
		const body = mediaType.endsWith("/json") || mediaType.endsWith("+json") ? answer.body : answer.text;
		expect(this.faults(media.schema, body), seen).toEqual([]);
		if (mediaType !== "application/problem+json") return;
		expect(Object.keys(media.examples), `no such code in the document: ${seen}`).toContain(answer.body.code);
	}

	#expectHeaders(headers: Json, answer: Answered, seen: string): void {
		for (const [name, header] of Object.entries<Json>(headers)) {
			const value = answer.headers.get(name);
			const { required, schema } = this.resolve(header);
			if (required === true) expect(value, `${name} is missing: ${seen}`).not.toBeNull();
			if (value === null) continue;
			const typed = schema.type === "integer" ? Number(value) : value;
			expect(this.faults(schema, typed), `${name}: ${seen}`).toEqual([]);
		}
		const undocumented = meaningful.filter((name) => answer.headers.has(name) && !(name in headers));
		expect(undocumented, `headers that the document does not name: ${seen}`).toEqual([]);
	}

	/** What keeps a value from fitting a schema, which here takes no member that it does not name. */
	faults(schema: Json, value: unknown): unknown[] {
		const text = JSON.stringify(schema);
		const known = this.#validators.get(text);
		const validate = known ?? this.#ajv.compile(pointing(closed(schema)));
		this.#validators.set(text, validate);
		return validate(value)
			? []
			: (validate.errors ?? []).map(({ instancePath, message, params }) => ({
					instancePath,
					message,
					params,
				}));
	}

	resolve(value: Json): Json {
		if (typeof value?.$ref !== "string") return value;
		const steps: string[] = value.$ref.slice(2).split("/");
		return this.resolve(steps.reduce((at: Json, step) => at[step], this.#document));
	}

	/** Every example of the document with the schema that it shows, and where it stands. */
	examples(): { readonly where: string; readonly schema: Json; readonly value: unknown }[] {
		const found: { where: string; schema: Json; value: unknown }[] = [];
		const visit = (node: Json, where: string): void => {
			if (typeof node !== "object" || node === null) return;
			if (node.schema !== undefined) {
				if ("example" in node) found.push({ where, schema: node.schema, value: node.example });
				for (const [name, example] of Object.entries(node.examples ?? {})) {
					const { value } = this.resolve(example);
					found.push({ where: `${where}/examples/${name}`, schema: node.schema, value });
				}
			} else if (Array.isArray(node.examples)) {
				for (const value of node.examples) found.push({ where, schema: node, value });
			}
			for (const [key, each] of Object.entries(node)) {
				if (key !== "examples" && key !== "example") visit(each, `${where}/${key}`);
			}
		};
		visit(this.#document, "#");
		return found;
	}
}

/** The same schema, with its references into the document. */
function pointing(schema: Json): Json {
	if (Array.isArray(schema)) return schema.map(pointing);
	if (typeof schema !== "object" || schema === null) return schema;
	return Object.fromEntries(
		Object.entries<Json>(schema).map(([key, value]) => [
			key,
			key === "$ref" ? `${documentId}${value}` : pointing(value),
		]),
	);
}

/** The same schemas, but objects take only the members that are named. */
function closed(schema: Json): Json {
	if (Array.isArray(schema)) return schema.map(closed);
	if (typeof schema !== "object" || schema === null) return schema;
	const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
	const isOpen =
		inner.type === "object" && inner.properties !== undefined && inner.additionalProperties === undefined;
	return isOpen ? { ...inner, additionalProperties: false } : inner;
}
