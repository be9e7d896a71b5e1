import { type Dialect, guideBase, referenceSiteBase } from "@muster/client/contract";
import type { Route } from "../route.ts";
import { answerHeaders } from "./headers.ts";
import { operationOf, tagOf } from "./operation.ts";
import { sharedParameters } from "./parameters.ts";
import { ProblemResponses } from "./problems.ts";
import { groupNames, introduction, tagNotes } from "./prose.ts";
import { type JsonObject, Schemas } from "./schemas.ts";

/** The bases that the document lists; the reference's base without a site in it is named in its introduction. */
const bases: readonly { readonly dialect: Dialect; readonly base: string }[] = [
	{ dialect: "guide", base: guideBase },
	{ dialect: "reference", base: referenceSiteBase },
];

const serverTag = "Server";

/**
 * The OpenAPI 3.1 document of the API: every route of the list, under both bases.
 * @param publicUrl what clients call this server
 */
export function openApiDocument(routes: readonly Route[], publicUrl: string, version: string): JsonObject {
	const schemas = new Schemas(publicUrl);
	const problems = new ProblemResponses(schemas, publicUrl);
	const bodies = new Map<string, JsonObject>();
	const paths: Record<string, JsonObject> = {};
	for (const { dialect, base } of bases) {
		for (const route of routes) {
			const path = `${base}/${route.path}`;
			const operation = operationOf(route, dialect, path, { schemas, problems, bodies });
			paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation };
		}
	}
	const tags = [...new Set(routes.map((route) => route.tag))];
	return {
		openapi: "3.1.1",
		info: {
			title: "Muster",
			version,
			summary: "An open server for the customer service management bulk APIs",
			description: introduction(publicUrl),
			license: { name: "Apache-2.0", identifier: "Apache-2.0" },
		},
		servers: [{ url: publicUrl }],
		tags: [
			...bases.flatMap(({ dialect }) =>
				tags.map((tag) => ({
					name: tagOf(tag, dialect),
					"x-displayName": tag,
					...(tagNotes[tag] === undefined ? {} : { description: tagNotes[tag] }),
				})),
			),
			{ name: serverTag, description: tagNotes[serverTag] },
		],
		"x-tagGroups": [
			...bases.map(({ dialect }) => ({
				name: groupNames[dialect],
				tags: tags.map((tag) => tagOf(tag, dialect)),
			})),
			{ name: "Operating", tags: [serverTag] },
		],
		paths: { ...paths, ...probes },
		components: {
			securitySchemes: {
				bearer: { type: "http", scheme: "bearer", description: "`Authorization: Bearer mst_...`" },
				basic: {
					type: "http",
					scheme: "basic",
					description: "The token as the password; the name may be anything, such as your email.",
				},
			},
			parameters: sharedParameters,
			headers: answerHeaders,
			requestBodies: Object.fromEntries(bodies),
			responses: Object.fromEntries(problems.responses),
			examples: Object.fromEntries(problems.examples),
			schemas: schemas.components(),
		},
	};
}

/** What a load balancer or an orchestrator asks; without a token. */
const probes: JsonObject = {
	"/livez": {
		get: {
			operationId: "livez",
			tags: [serverTag],
			summary: "Whether the process runs",
			responses: { 200: probeAnswer("It runs.", { status: "ok" }) },
		},
	},
	"/readyz": {
		get: {
			operationId: "readyz",
			tags: [serverTag],
			summary: "Whether requests can be worked with",
			responses: {
				200: probeAnswer("They can. Reasons, if any, keep tasks from being carried out.", {
					status: "ok",
					reasons: [],
				}),
				503: probeAnswer("They cannot, and why.", {
					status: "unavailable",
					reasons: ["the database is being prepared"],
				}),
			},
		},
	},
};

function probeAnswer(description: string, example: JsonObject): JsonObject {
	const reasons = { type: "array", items: { type: "string" } };
	return {
		description,
		content: {
			"application/json": {
				schema: {
					type: "object",
					required: Object.keys(example),
					properties: {
						status: { type: "string", const: example.status },
						...("reasons" in example ? { reasons } : {}),
					},
				},
				example,
			},
		},
	};
}
