import type { Dialect } from "@muster/client/contract";
import { waitSecondsMax } from "../await-task.ts";
import type { Route } from "../route.ts";
import { exampleIds } from "./examples.ts";
import type { JsonObject, Schemas } from "./schemas.ts";

const idempotencyKey: JsonObject = {
	name: "Idempotency-Key",
	in: "header",
	schema: { type: "string", minLength: 1, maxLength: 257, pattern: "^[\\x21-\\x7e]+$" },
	example: "0d2a9b0e-6f0e-4a55-9b39-3a6c0d6a2f11",
};

const idempotencyKeys = { required: "IdempotencyKey", optional: "OptionalIdempotencyKey" } as const;

/** Parameters that more than one address takes. */
export const sharedParameters: Readonly<Record<string, JsonObject>> = {
	cloudId: {
		name: "cloudId",
		in: "path",
		required: true,
		description: "Id of the token's site. Any other one is answered with 404.",
		schema: { type: "string", format: "uuid" },
		example: exampleIds.site,
	},
	taskId: {
		name: "taskId",
		in: "path",
		required: true,
		description: "`taskId` (`id` in the reference dialect) of the answer to the submission.",
		schema: { type: "string", format: "uuid" },
		example: exampleIds.task,
	},
	customerId: {
		name: "customerId",
		in: "path",
		required: true,
		description: "`qm:<site id>:<uuid>`, as a task's results name it.",
		schema: { type: "string" },
		example: exampleIds.customer,
	},
	organizationId: {
		name: "organizationId",
		in: "path",
		required: true,
		description: "A decimal number, as a task's results name it.",
		schema: { type: "string" },
		example: exampleIds.organization,
	},
	productId: {
		name: "productId",
		in: "path",
		required: true,
		description: "The product's id, as the list of products names it.",
		schema: { type: "string", format: "uuid" },
		example: exampleIds.product,
	},
	entitlementId: {
		name: "entitlementId",
		in: "path",
		required: true,
		description: "The entitlement's id, as the list of entitlements names it.",
		schema: { type: "string", format: "uuid" },
		example: exampleIds.entitlement,
	},
	connector: {
		name: "connector",
		in: "path",
		required: true,
		description: "The connector's name.",
		schema: { type: "string" },
		example: exampleIds.connector,
	},
	fieldName: {
		name: "fieldName",
		in: "path",
		required: true,
		description: "Name of the detail field in any case, or its id.",
		schema: { type: "string" },
		example: exampleIds.field,
	},
	importId: {
		name: "importId",
		in: "path",
		required: true,
		description:
			"`importId` (`id` in the reference dialect) of the import; `GET imports?idempotencyKey=` finds it.",
		schema: { type: "string", format: "uuid" },
		example: exampleIds.import,
	},
	webhookId: {
		name: "webhookId",
		in: "path",
		required: true,
		description: "The webhook's id, as the list of webhooks names it.",
		schema: { type: "string", format: "uuid" },
		example: exampleIds.webhook,
	},
	deliveryId: {
		name: "deliveryId",
		in: "path",
		required: true,
		description: "The header `webhook-id` of a message, as the list of deliveries names it.",
		schema: { type: "string", format: "uuid" },
		example: exampleIds.delivery,
	},
	UploadOffset: {
		name: "Upload-Offset",
		in: "header",
		required: true,
		description: "Bytes of the file that the body leaves out: `receivedBytes` of the import.",
		schema: { type: "integer", minimum: 0 },
		example: 65_536,
	},
	IdempotencyKey: {
		...idempotencyKey,
		required: true,
		description:
			"A new UUID for each new request; the same one only to send the very same request again. Bare or in double quotes.",
	},
	OptionalIdempotencyKey: {
		...idempotencyKey,
		description: "Where it is left out, every such request counts as the same one.",
	},
	Prefer: {
		name: "Prefer",
		in: "header",
		description: `\`wait=N\`: answer when the task has ended, or after N seconds, ${waitSecondsMax} at most (RFC 7240).`,
		schema: { type: "string" },
		example: "wait=10",
	},
	guideOptIn: optIn("true"),
	referenceOptIn: optIn("opt-in"),
};

function optIn(example: string): JsonObject {
	return {
		name: "X-ExperimentalApi",
		in: "header",
		description: `\`${example}\`, where the site is set to ask for it (\`requireOptIn\`). Both \`true\` and \`opt-in\` count.`,
		schema: { type: "string" },
	};
}

/** Path, query and headers of a route. */
export function parametersOf(route: Route, dialect: Dialect, path: string, schemas: Schemas): JsonObject[] {
	const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
	return [
		...names.map(pathParameter),
		...Object.entries(route.query?.properties ?? {}).map(([name, schema]) => {
			const written = schemas.write(schema);
			return {
				name,
				in: "query",
				...(route.query?.required?.includes(name) ? { required: true } : {}),
				schema: written,
			};
		}),
		...(route.idempotent === undefined ? [] : [shared(idempotencyKeys[route.idempotent])]),
		...(waits(route) ? [shared("Prefer")] : []),
		...(route.method === "PATCH" && route.uploads !== undefined ? [shared("UploadOffset")] : []),
		shared(`${dialect}OptIn`),
	];
}

/** Whether a route can answer when a task ends: submissions can, and what takes `wait`. */
export function waits(route: Route): boolean {
	const isSubmission = route.idempotent !== undefined && route.uploads === undefined;
	return isSubmission || route.query?.properties.wait !== undefined;
}

function pathParameter(name: string): JsonObject {
	if (name in sharedParameters) return shared(name);
	return { name, in: "path", required: true, schema: { type: "string" } };
}

function shared(name: string): JsonObject {
	return { $ref: `#/components/parameters/${name}` };
}
