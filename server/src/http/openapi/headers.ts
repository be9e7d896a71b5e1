import type { JsonObject } from "./schemas.ts";

export type HeaderName =
	| "Location"
	| "Retry-After"
	| "Idempotency-Replayed"
	| "Preference-Applied"
	| "Upload-Offset"
	| "Allow"
	| "WWW-Authenticate"
	| RateHeaderName;

export type RateHeaderName = "X-RateLimit-Limit" | "X-RateLimit-Remaining" | "X-RateLimit-Reset";

/** On every answer to a token that has a limit, or whose site has one. */
export const rateHeaders: readonly RateHeaderName[] = [
	"X-RateLimit-Limit",
	"X-RateLimit-Remaining",
	"X-RateLimit-Reset",
];

/** Headers of answers that mean something to a client. */
export const answerHeaders: Readonly<Record<HeaderName, JsonObject>> = {
	Location: {
		description:
			"Path of the task or the import, under the base that was asked. It always works on this server.",
		schema: { type: "string", format: "uri-reference" },
	},
	"Retry-After": {
		description: "Seconds after which it is worth asking again.",
		schema: { type: "integer", minimum: 0 },
	},
	"Idempotency-Replayed": {
		description: "`true` where the task is that of an earlier, equal request under the same key.",
		schema: { type: "string", const: "true" },
	},
	"Preference-Applied": {
		description: "The preference that was followed (RFC 7240), such as `wait=10`.",
		schema: { type: "string", pattern: "^wait=[0-9]+$" },
	},
	"Upload-Offset": {
		description: "Bytes of the file that the import has.",
		schema: { type: "integer", minimum: 0 },
	},
	Allow: {
		description: "The methods that this address takes.",
		schema: { type: "string" },
	},
	"WWW-Authenticate": {
		description: "How to sign in: by a bearer token, or by Basic with the token as the password.",
		schema: { type: "string" },
	},
	"X-RateLimit-Limit": {
		description: "Requests a minute that the site or the token may send, where it has a limit.",
		schema: { type: "integer", minimum: 1 },
	},
	"X-RateLimit-Remaining": {
		description: "Requests that may be sent at once.",
		schema: { type: "integer", minimum: 0 },
	},
	"X-RateLimit-Reset": {
		description: "Seconds after which, without a request, as many may be sent at once as the limit says.",
		schema: { type: "integer", minimum: 0 },
	},
};

/** References to the headers of one answer. @param always whether every such answer has them */
export function headerRefs(names: readonly HeaderName[], always: boolean): JsonObject {
	return Object.fromEntries(
		names.map((name) => [
			name,
			always ? { required: true, ...answerHeaders[name] } : { $ref: `#/components/headers/${name}` },
		]),
	);
}
