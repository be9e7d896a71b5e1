import { type Dialect, operations } from "@muster/client/contract";
import type { Answer, Route } from "../route.ts";
import { type HeaderName, headerRefs, rateHeaders } from "./headers.ts";
import { parametersOf, waits } from "./parameters.ts";
import { type ProblemResponses, problemsOf } from "./problems.ts";
import { scopeNotes } from "./prose.ts";
import type { JsonObject, Schemas } from "./schemas.ts";

/** What operations of one document share. */
export interface Parts {
	readonly schemas: Schemas;
	readonly problems: ProblemResponses;
	/** Bodies of requests by name; filled here. */
	readonly bodies: Map<string, JsonObject>;
}

/** One route as one of the two dialects has it. @param path with its base, parameters in braces */
export function operationOf(route: Route, dialect: Dialect, path: string, parts: Parts): JsonObject {
	return {
		operationId: operationId(route, dialect),
		tags: [tagOf(route.tag, dialect)],
		summary: route.summary,
		description: descriptionOf(route),
		...(route.scope === null ? {} : { "x-scope": route.scope }),
		// For these kinds of security the list names the scopes that a token must have (OpenAPI 3.1, 4.8.30).
		security: [{ bearer: scopesOf(route) }, { basic: scopesOf(route) }],
		parameters: parametersOf(route, dialect, path, parts.schemas),
		...bodyOf(route, dialect, parts),
		responses: {
			...Object.fromEntries(
				route.answers.map((answer) => [
					String(answer.status),
					answerOf(route, answer, dialect, parts.schemas),
				]),
			),
			...parts.problems.of(problemsOf(route), dialect),
		},
	};
}

function scopesOf({ scope }: Route): string[] {
	return scope === null ? [] : [scope];
}

/** "submit.customer.profile" is submitCustomerProfile, and referenceSubmitCustomerProfile under the reference's base. */
export function operationId(route: Route, dialect: Dialect): string {
	const name = pascal(route.id);
	return dialect === "guide" ? name.charAt(0).toLowerCase() + name.slice(1) : `reference${name}`;
}

/** Both dialects have the same tags, and in a document a tag's name is unique. */
export function tagOf(tag: string, dialect: Dialect): string {
	return dialect === "guide" ? tag : `${tag} (reference)`;
}

function pascal(id: string): string {
	return id
		.split(".")
		.map((word) => word.charAt(0).toUpperCase() + word.slice(1))
		.join("");
}

function descriptionOf(route: Route): string {
	const operation =
		route.idempotent !== undefined ? operations.find(({ path }) => path === route.path) : undefined;
	const edits = operation !== undefined && "editsMax" in operation ? operation.editsMax : undefined;
	return [
		...(operation === undefined ? [] : [scopeNotes[operation.scope]]),
		...(route.description === undefined ? [] : [route.description]),
		...(operation === undefined
			? []
			: [
					`At most ${operation.itemsMax} items in one request${edits === undefined ? "" : `, and ${edits.toLocaleString("en")} detail edits over all of them`}.`,
				]),
		route.scope === null ? "Scope: none; any token will do" : `Scope: \`${route.scope}\``,
	].join("\n\n");
}

/** Either shape is taken under either base; the base's own comes first. */
function bodyOf(route: Route, dialect: Dialect, { schemas, bodies }: Parts): JsonObject {
	if (route.uploads !== undefined)
		return { requestBody: { required: true, content: textsOf(route.uploads) } };
	if (route.bodies === undefined) return {};
	const name = `${dialect === "guide" ? "" : "Reference"}${pascal(route.id)}`;
	const sorted = route.bodies.toSorted((one, other) => rank(one.name, dialect) - rank(other.name, dialect));
	const several = sorted.length > 1;
	const written = sorted.map((body) =>
		schemas.write(body.schema, `${pascal(route.id)}${several ? pascal(body.name) : ""}Body`),
	);
	bodies.set(name, {
		required: true,
		content: {
			"application/json": {
				schema: several ? { anyOf: written } : written[0],
				examples: Object.fromEntries(
					sorted.map((body) => [
						body.name,
						{ summary: several ? `Shape of the ${body.name}` : "Example", value: body.example },
					]),
				),
			},
		},
	});
	return { requestBody: { $ref: `#/components/requestBodies/${name}` } };
}

function rank(shape: string, dialect: Dialect): number {
	return shape === dialect ? 0 : 1;
}

function answerOf(route: Route, answer: Answer, dialect: Dialect, schemas: Schemas): JsonObject {
	const schema = answer[dialect];
	const isSubmission = route.idempotent !== undefined;
	const isReceived = route.uploads !== undefined;
	const always: HeaderName[] =
		isSubmission || isReceived
			? ["Location", ...(answer.status === 200 ? (["Preference-Applied"] as const) : [])]
			: [];
	const sometimes: HeaderName[] = isSubmission
		? ["Idempotency-Replayed"]
		: waits(route)
			? ["Retry-After"]
			: [];
	const headers = { ...headerRefs(always, true), ...headerRefs([...sometimes, ...rateHeaders], false) };
	return {
		description: answer.description,
		headers,
		...contentOf(answer, schema === undefined ? undefined : schemas.write(schema)),
	};
}

function contentOf({ texts }: Answer, schema: unknown): JsonObject {
	if (texts === undefined) return schema === undefined ? {} : { content: { "application/json": { schema } } };
	return { content: textsOf(texts) };
}

/** What is no JSON, by its media type. */
function textsOf(texts: Readonly<Record<string, string>>): JsonObject {
	const entries = Object.entries(texts).map(([mediaType, example]) => [
		mediaType,
		{ schema: { type: "string" }, example },
	]);
	return Object.fromEntries(entries);
}
