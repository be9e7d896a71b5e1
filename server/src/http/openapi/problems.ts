import {
	type CodeEntry,
	type Dialect,
	dialectBase,
	Problem,
	type ProblemCode,
	problemCodes,
	ReferenceProblem,
} from "@muster/client/contract";
import { guide } from "../dialects/guide.ts";
import { reference } from "../dialects/reference.ts";
import type { Route } from "../route.ts";
import { type HeaderName, headerRefs, rateHeaders } from "./headers.ts";
import type { JsonObject, Schemas } from "./schemas.ts";

/** What every address of the API can answer, whatever it does. */
const everywhere: readonly ProblemCode[] = [
	"invalid_request",
	"unauthorized",
	"forbidden",
	"not_found",
	"method_not_allowed",
	"opt_in_required",
	"unsupported_media_type",
	"rate_limited",
	"internal",
	"overloaded",
	"unavailable",
	"outcome_unknown",
];
const withBody: readonly ProblemCode[] = [
	"invalid_json",
	"invalid_encoding",
	"too_deep",
	"too_much",
	"body_not_object",
	"unknown_key",
	"body_too_large",
];
const withKey: readonly ProblemCode[] = [
	"idempotency_key_missing",
	"idempotency_key_invalid",
	"idempotency_key_reused",
	"idempotency_key_busy",
];

const headersOf: Partial<Record<ProblemCode, HeaderName>> = {
	unauthorized: "WWW-Authenticate",
	method_not_allowed: "Allow",
	idempotency_key_busy: "Retry-After",
	rate_limited: "Retry-After",
	upload_conflict: "Upload-Offset",
	task_unfinished: "Retry-After",
	too_many_tasks: "Retry-After",
	overloaded: "Retry-After",
	unavailable: "Retry-After",
	outcome_unknown: "Retry-After",
};

/** Every problem that a route can answer with. */
export function problemsOf(route: Route): ReadonlySet<ProblemCode> {
	return new Set<ProblemCode>([
		...everywhere,
		...(route.bodies === undefined ? [] : withBody),
		...(route.idempotent === undefined ? [] : withKey),
		...(route.problems ?? []),
	]);
}

/** The status of a problem, which may differ by dialect. */
function statusOf(code: ProblemCode, dialect: Dialect): number {
	const entry: CodeEntry = problemCodes[code];
	return (dialect === "reference" ? entry.referenceStatus : undefined) ?? entry.status ?? 500;
}

/** Answers with problems, by status, and the components that they refer to. */
export class ProblemResponses {
	readonly #schemas: Schemas;
	readonly #publicUrl: string;
	readonly responses: Map<string, JsonObject> = new Map();
	readonly examples: Map<string, JsonObject> = new Map();

	constructor(schemas: Schemas, publicUrl: string) {
		this.#schemas = schemas;
		this.#publicUrl = publicUrl;
	}

	/** One response a status, with an example of each code that has it. What every route shares is written once. */
	of(codes: ReadonlySet<ProblemCode>, dialect: Dialect): Record<string, JsonObject> {
		// In the order of the table, which goes from the request's form to the server's troubles.
		const listed = (Object.keys(problemCodes) as ProblemCode[]).filter((code) => codes.has(code));
		const byStatus = Map.groupBy(listed, (code) => statusOf(code, dialect));
		return Object.fromEntries(
			[...byStatus].map(([status, those]) => [String(status), this.#response(status, those, dialect)]),
		);
	}

	#response(status: number, codes: readonly ProblemCode[], dialect: Dialect): JsonObject {
		const response = this.#written(status, codes, dialect);
		if (!codes.every((code) => everywhere.includes(code) || withBody.includes(code))) return response;
		const name = `${dialect === "guide" ? "" : "Reference"}Problem${status}`;
		const shared = this.responses.get(name);
		if (shared !== undefined && JSON.stringify(shared) !== JSON.stringify(response)) return response;
		this.responses.set(name, response);
		return { $ref: `#/components/responses/${name}` };
	}

	#written(status: number, codes: readonly ProblemCode[], dialect: Dialect): JsonObject {
		const headers = new Set(codes.flatMap((code) => headersOf[code] ?? []));
		// Who else sends a file, and how far that has come, is not always known.
		const always = codes.every((code) => headersOf[code] !== undefined && code !== "upload_conflict");
		const bullet = codes.length > 1 ? "- " : "";
		return {
			description: codes.map((code) => `${bullet}${problemCodes[code].title}: \`${code}\``).join("\n"),
			headers: { ...headerRefs([...headers], always), ...headerRefs(rateHeaders, false) },
			content: {
				"application/problem+json": {
					schema: this.#schemas.write(dialect === "guide" ? Problem : ReferenceProblem),
					examples: Object.fromEntries(codes.map((code) => [code, this.#example(code, status, dialect)])),
				},
			},
		};
	}

	#example(code: ProblemCode, status: number, dialect: Dialect): JsonObject {
		const name = `${dialect}.${code}`;
		const { title, cause } = problemCodes[code];
		const value = { guide, reference }[dialect].problem({
			type: `${this.#publicUrl}/docs/errors#${code}`,
			title,
			status,
			detail: cause,
			instance: `${dialectBase(dialect)}/customer/bulk`,
			code,
			message: cause,
			requestId: "0d9be9d4-4f0e-4f3a-9d5c-1b1f5c7f0a11",
		});
		this.examples.set(name, { summary: title, value });
		return { $ref: `#/components/examples/${name}` };
	}
}
