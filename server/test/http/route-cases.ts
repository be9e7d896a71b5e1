import {
	type Dialect,
	type Entity,
	type FieldOwner,
	type Operation,
	operations,
	type ProblemCode,
} from "@muster/client/contract";
import { expect } from "vitest";
import { settingsFrom } from "../../src/domain/settings.ts";
import type { Route } from "../../src/http/route.ts";
import type { TestMuster, TestSite } from "../muster.ts";
import { webhookCases } from "./webhook-cases.ts";

/** What a test needs to know of one route; see `routeCases`. */
export interface RouteCase {
	/** Makes what the request needs in a site that has nothing, and gives a request that succeeds. */
	good(world: { readonly muster: TestMuster; readonly site: TestSite; readonly route: Route }): Promise<Good>;
	/** The body is judged as an item is: a key that is unknown in it is one fault among others. */
	readonly isItem?: boolean;
	/** Bodies that are refused with 400, each with the code; beside those that no route takes. */
	readonly bad?: readonly (readonly [code: ProblemCode, body: unknown])[];
}

export interface Good {
	/** Values of the parameters in the path. */
	readonly params?: Readonly<Record<string, string>>;
	/** With its question mark. */
	readonly query?: string;
	readonly body?: unknown;
	readonly status: number;
	/** The whole answer, of a kind or by dialect; null for none. */
	readonly answer: unknown | Readonly<Record<Dialect, unknown>>;
}

const uuid = expect.stringMatching(/^[0-9a-f-]{36}$/);
const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const acceptedAnswer = {
	guide: {
		taskId: uuid,
		statusUrl: expect.stringMatching(/^https:\/\/muster\.test\/api\/v1\/tasks\/[0-9a-f-]{36}$/),
	},
	reference: { id: uuid, statusUrl: expect.stringMatching(/^\/api\/v1\/tasks\/[0-9a-f-]{36}$/) },
};

const badItem = { email: "invalid-email", clientRef: "row 2" };
const noAt = {
	code: "invalid_email",
	pointer: "/email",
	message: 'Invalid email format: "invalid-email" has no @.',
};

const plan = { id: "plan", name: "Plan", type: { name: "SELECT", options: ["Free", "Premium"] } };

const file = '{"email":"jane.smith@acme.com"}\n{"email":"invalid-email"}\n{\n';

/** An import of the file whose tasks have ended. */
async function anImport({ muster, site }: { muster: TestMuster; site: TestSite }): Promise<string> {
	const { body } = await site.ask("POST", "imports?operation=customer", {
		body: file,
		headers: { "content-type": "application/x-ndjson" },
	});
	await muster.worker.tick();
	return body.importId;
}

function importAnswer(importId: unknown, isEnded: boolean): Readonly<Record<Dialect, unknown>> {
	const members = {
		operation: "customer",
		format: "jsonl",
		createdDate: time,
		...(isEnded ? { completedDate: time } : {}),
		receivedBytes: file.length,
		totalBytes: file.length,
		receivedItems: 2,
		unreadableLines: 1,
		tasks: 1,
		summary: {
			total: 3,
			created: isEnded ? 1 : 0,
			updated: 0,
			unchanged: 0,
			skipped: 0,
			failed: isEnded ? 2 : 1,
		},
		processedBytes: isEnded ? file.length : 0,
		progress: isEnded ? 1 : 0,
	};
	return {
		guide: { importId, status: isEnded ? "COMPLETED" : "PROCESSING", ...members },
		reference: { id: importId, status: isEnded ? "FINISHED" : "IN_PROGRESS", ...members },
	};
}

const importCases: Readonly<Record<string, RouteCase>> = {
	"import.create": {
		good: async () => ({
			query: "?operation=customer",
			body: file,
			status: 202,
			answer: importAnswer(uuid, false),
		}),
	},
	"import.list": {
		good: async (world) => {
			const { guide, reference } = importAnswer(await anImport(world), true);
			return {
				query: "?limit=1",
				status: 200,
				answer: { guide: { results: [guide] }, reference: { results: [reference] } },
			};
		},
	},
	"import.get": {
		good: async (world) => {
			const importId = await anImport(world);
			return { params: { importId }, status: 200, answer: importAnswer(importId, true) };
		},
	},
	"import.results": {
		// A file, and no JSON: imports.test.ts reads it.
		good: async (world) => ({ params: { importId: await anImport(world) }, status: 200, answer: null }),
	},
	"import.resume": {
		// One whose upload broke off is in imports-resumed.test.ts.
		good: async (world) => ({
			params: { importId: await anImport(world) },
			body: file,
			status: 409,
			answer: expect.objectContaining({ code: "upload_conflict" }),
		}),
	},
	"import.cancel": {
		good: async (world) => ({ params: { importId: await anImport(world) }, status: 204, answer: null }),
	},
};

const productCases: Readonly<Record<string, RouteCase>> = {
	...Object.fromEntries(
		["product.list", "product.page"].map((id) => [
			id,
			{
				good: async ({ site }) => {
					const { body } = await site.post("product", { name: "Gold" });
					return { query: "?limit=1", status: 200, answer: { results: [body] } };
				},
			} satisfies RouteCase,
		]),
	),
	"product.create": {
		good: async () => ({ body: { name: "Gold" }, status: 200, answer: { id: uuid, name: "Gold" } }),
		bad: [
			["invalid_request", {}],
			["invalid_request", { name: "" }],
		],
	},
	"product.get": {
		good: async ({ site }) => {
			const { body } = await site.post("product", { name: "Gold" });
			return { params: { productId: body.id }, status: 200, answer: body };
		},
	},
	"product.rename": {
		good: async ({ site }) => {
			const { id } = (await site.post("product", { name: "Gold" })).body;
			return { params: { productId: id }, body: { name: "Best" }, status: 200, answer: { id, name: "Best" } };
		},
		bad: [["invalid_request", {}]],
	},
	"product.delete": {
		good: async ({ site }) => ({
			params: { productId: (await site.post("product", { name: "Gold" })).body.id },
			status: 204,
			answer: null,
		}),
	},
};

const session = {
	siteId: uuid,
	siteName: expect.stringMatching(/^test-/),
	tokenId: uuid,
	scopes: ["*"],
};

const sessionCases: Readonly<Record<string, RouteCase>> = {
	"session.get": { good: async () => ({ status: 200, answer: session }) },
	"session.create": { good: async () => ({ status: 200, answer: session }) },
	"session.delete": { good: async () => ({ status: 204, answer: null }) },
	"session.link": {
		good: async () => ({
			status: 200,
			answer: {
				url: expect.stringMatching(/^https:\/\/muster\.test\/sign-in#msl_[\w-]{43}$/),
				expiresDate: time,
			},
		}),
	},
};

const holder = "5f0c3f1e-2c1b-4a53-9d43-6f1b2f7f0e51";
const connectorRun = { runId: uuid, status: "RUNNING", startedDate: time, updatedDate: time, report: {} };

/** A site with a connector that a process holds. */
async function aConnector(site: TestSite): Promise<{ connector: string; body: unknown }> {
	const { body } = await site.post("connectors", { name: "hubspot", holder });
	return { connector: "hubspot", body: { ...body, heldSeconds: expect.any(Number) } };
}

const connectorCases: Readonly<Record<string, RouteCase>> = {
	"connector.list": {
		good: async ({ site }) => {
			const { body } = await aConnector(site);
			return { query: "?limit=1", status: 200, answer: { results: [body] } };
		},
	},
	"connector.begin": {
		good: async () => ({
			body: { name: "hubspot", holder },
			status: 200,
			answer: { name: "hubspot", state: {}, heldSeconds: 30, run: connectorRun },
		}),
		bad: [
			["invalid_request", { name: "Hub Spot", holder }],
			["invalid_request", { name: "hubspot", holder: "me" }],
		],
	},
	"connector.get": {
		good: async ({ site }) => {
			const { connector, body } = await aConnector(site);
			return { params: { connector }, status: 200, answer: body };
		},
	},
	"connector.save": {
		good: async ({ site }) => {
			const { connector } = await aConnector(site);
			const [state, report] = [{ since: "2026-11-24" }, { created: 2 }];
			return {
				params: { connector },
				body: { holder, state, report, status: "COMPLETED" },
				status: 200,
				answer: {
					name: connector,
					state,
					heldSeconds: 0,
					run: { ...connectorRun, report, status: "COMPLETED" },
				},
			};
		},
		bad: [
			["invalid_request", {}],
			["invalid_request", { holder, state: [] }],
			["invalid_request", { holder, report: "x" }],
			["invalid_request", { holder, status: "DONE" }],
			["invalid_request", { holder, state: { long: "x".repeat(65_536) } }],
			["connector_held", { holder: holder.replace("5", "6"), state: {} }],
		],
	},
	"connector.runs": {
		good: async ({ site }) => {
			const { connector } = await aConnector(site);
			return { params: { connector }, query: "?limit=1", status: 200, answer: { results: [connectorRun] } };
		},
	},
};

const failedItem = {
	operation: "customer",
	acceptedDate: time,
	index: 1,
	clientRef: "row 2",
	key: "invalid-email",
	item: badItem,
	errors: [noAt],
};

const consoleCases: Readonly<Record<string, RouteCase>> = {
	"failure.groups": {
		good: async ({ site }) => {
			await aTask(site);
			const group = {
				code: noAt.code,
				field: "email",
				value: "invalid-email",
				count: 1,
				message: noAt.message,
				latestDate: time,
			};
			return { query: "?limit=1", status: 200, answer: { results: [group], total: 1, isPartial: false } };
		},
	},
	"failure.list": {
		good: async ({ site }) => {
			const { taskId } = await aTask(site);
			return {
				query: "?code=invalid_email&field=email&value=invalid-email",
				status: 200,
				answer: { results: [{ taskId, ...failedItem }] },
			};
		},
	},
	"failure.settle": {
		good: async ({ site }) => ({
			params: { taskId: (await aTask(site)).taskId },
			body: { indexes: [1] },
			status: 204,
			answer: null,
		}),
		bad: [
			["invalid_request", {}],
			["invalid_request", { indexes: [] }],
			["invalid_request", { indexes: [-1] }],
			["invalid_request", { indexes: ["1"] }],
		],
	},
	"token.list": {
		good: async () => ({
			status: 200,
			answer: {
				results: expect.arrayContaining([
					expect.objectContaining({
						tokenId: uuid,
						prefix: expect.stringMatching(/^mst_\w{5}$/),
						scopes: ["*"],
						createdDate: time,
						expiresDate: null,
						revokedDate: null,
						requestsPerMinute: null,
					}),
				]),
			},
		}),
	},
	"token.create": {
		good: async () => ({
			body: { scopes: ["admin"], expires: "30d", requestsPerMinute: 60 },
			status: 200,
			answer: { tokenId: uuid, token: expect.stringMatching(/^mst_\w{49}$/) },
		}),
		bad: [
			["invalid_request", {}],
			["invalid_request", { scopes: [] }],
			["invalid_request", { scopes: ["everything"] }],
			["invalid_request", { scopes: ["*"], expires: "soon" }],
			["invalid_request", { scopes: ["*"], requestsPerMinute: 0 }],
		],
	},
	"token.revoke": {
		good: async ({ site }) => ({
			params: { tokenId: (await site.post("tokens", { scopes: ["admin"] })).body.tokenId },
			status: 204,
			answer: null,
		}),
	},
	"audit.list": {
		good: async () => ({
			query: "?limit=1",
			status: 200,
			answer: {
				results: [
					{
						at: time,
						action: "token.created",
						actor: expect.any(String),
						origin: expect.any(String),
						details: expect.objectContaining({ tokenId: uuid }),
					},
				],
				nextCursor: expect.any(String),
			},
		}),
	},
	"statistics.get": {
		good: async ({ site }) => {
			await aTask(site);
			const none = { from: time, created: 0, updated: 0, unchanged: 0, skipped: 0, failed: 0 };
			return {
				query: "?period=day",
				status: 200,
				answer: {
					customers: { count: 1, isMore: false },
					organizations: { count: 0, isMore: false },
					waiting: { count: 0, isMore: false, oldestDate: null },
					from: time,
					bucketSeconds: 1_800,
					buckets: expect.arrayContaining([none, { ...none, created: 1, failed: 1 }]),
					isPartial: false,
				},
			};
		},
	},
	...Object.fromEntries(
		(["customer", "organization"] as const).map((entity) => [
			`statistics.${entity}Details`,
			{
				good: async ({ site }) => {
					await records(site);
					return {
						status: 200,
						answer: { results: [{ fieldId: "plan", records: 1 }], records: 1, isPartial: false },
					};
				},
			} satisfies RouteCase,
		]),
	),
};

/**
 * Every route by its id, with a request that succeeds and what it is answered. A route without an entry fails
 * routes.test.ts: add one here, and a value for each new parameter of a path to `unknownValues`.
 */
export const routeCases: Readonly<Record<string, RouteCase>> = {
	...Object.fromEntries(operations.map((operation) => [`submit.${operation.name}`, submitCase(operation)])),
	"task.get": {
		good: async ({ site }) => {
			const { taskId } = await aTask(site);
			return {
				params: { taskId },
				status: 200,
				answer: { guide: guideTask(taskId), reference: referenceTask(taskId) },
			};
		},
	},
	"task.list": {
		good: async ({ site }) => {
			const { taskId } = await aTask(site);
			return {
				query: "?hasFailures=true&limit=1",
				status: 200,
				answer: {
					guide: { results: [guideTask(taskId)] },
					reference: { results: [referenceTask(taskId)] },
				},
			};
		},
	},
	"task.results": {
		good: async ({ site }) => {
			const { taskId, customerId } = await aTask(site);
			const created = { index: 0, id: customerId, key: "jane.smith@acme.com", outcome: "created" };
			const failed = {
				index: 1,
				clientRef: "row 2",
				key: "invalid-email",
				outcome: "failed",
				errors: [noAt],
			};
			return { params: { taskId }, status: 200, answer: { results: [created, failed] } };
		},
	},
	"task.failedRequest": {
		good: async ({ site }) => {
			const { taskId } = await aTask(site);
			return { params: { taskId }, status: 200, answer: { customers: [badItem] } };
		},
	},
	"task.undo": {
		good: async ({ site }) => {
			const { taskId } = await aTask(site);
			return { params: { taskId }, status: 202, answer: acceptedAnswer };
		},
	},
	"task.retry": {
		good: async ({ site }) => ({
			params: { taskId: (await aTask(site)).taskId },
			status: 202,
			answer: acceptedAnswer,
		}),
		bad: [["invalid_request", { customers: [badItem] }]],
	},
	...importCases,
	...forEach(["customer", "organization"], recordCases),
	"organization.customers": {
		good: async ({ site }) => {
			const { organization, customer } = await records(site);
			return {
				params: { organizationId: organization.id },
				status: 200,
				answer: { guide: { results: [customer.guide] }, reference: { results: [customer.reference] } },
			};
		},
	},
	"customer.account.get": {
		good: async ({ site }) => {
			const { id, account } = (await records(site)).customer;
			return { params: { customerId: id }, status: 200, answer: account };
		},
	},
	"organization.fetch": {
		good: async ({ site }) => {
			const { id, account } = (await records(site)).organization;
			return { body: { organizationIds: [id, "unknown"] }, status: 200, answer: { results: [account] } };
		},
		bad: [["invalid_request", {}]],
	},
	...forEach(["customer", "organization"], writeCases),
	...forEach(["customer", "organization"], recordDetailCases),
	...forEach(["customer", "organization"], detailFieldCases),
	...detailFieldCases("entitlement"),
	...forEach(["customer", "organization"], entitlementCases),
	"entitlement.get": {
		good: async ({ site }) => {
			const { id, guide, reference } = await anEntitlement(site, "customer");
			return { params: { entitlementId: id }, status: 200, answer: { guide, reference } };
		},
	},
	"entitlement.delete": {
		good: async ({ site }) => ({
			params: { entitlementId: (await anEntitlement(site, "customer")).id },
			status: 204,
			answer: null,
		}),
	},
	"entitlement.list": {
		good: async ({ site }) => {
			const { productId, guide, reference } = await anEntitlement(site, "organization");
			return {
				query: `?productId=${productId}&entityType=ORGANIZATION&entityId=1`,
				status: 200,
				answer: { guide: { results: [guide] }, reference: { results: [reference] } },
			};
		},
	},
	"entitlement.detail.get": {
		good: async ({ site }) => ({
			params: { entitlementId: (await anEntitlement(site, "customer")).id },
			query: "?fieldName=Plan",
			status: 200,
			answer: { ...plan, configuration: { position: 0 }, values: ["Premium"] },
		}),
	},
	"entitlement.detail.set": {
		good: async ({ site }) => ({
			params: { entitlementId: (await anEntitlement(site, "customer")).id },
			query: "?fieldName=Plan",
			body: { values: ["Free"] },
			status: 200,
			answer: { ...plan, configuration: { position: 0 }, values: ["Free"] },
		}),
		bad: [
			["invalid_request", {}],
			["invalid_request", { values: ["Gold"] }],
		],
	},
	...productCases,
	...webhookCases,
	"customer.handOver": {
		good: async ({ site }) => {
			const { taskId, customerId } = await aTask(site);
			const jane = { customerId, email: "jane.smith@acme.com", displayName: "jane.smith" };
			const profile = { ...jane, organizations: [], createdDate: time, updatedDate: time };
			const result = { outcome: "created", id: customerId.slice(-36), key: "jane.smith@acme.com" };
			const kept = {
				entitlements: [],
				tasks: [{ taskId, operation: "customer", completedDate: time, items: [{ index: 0, result }] }],
				writes: [],
				imports: [],
			};
			return {
				params: { customerId },
				status: 200,
				answer: {
					guide: { customer: { ...profile, details: {} }, ...kept },
					reference: { customer: { ...profile, details: [] }, ...kept },
				},
			};
		},
	},
	...sessionCases,
	...connectorCases,
	...consoleCases,
	"settings.get": { good: async () => ({ status: 200, answer: settingsFrom({ history: true }) }) },
	"settings.change": {
		good: async () => ({
			body: { unknownKeys: "ignore" },
			status: 200,
			answer: { ...settingsFrom({ history: true }), unknownKeys: "ignore" },
		}),
		bad: [["invalid_request", { retentionDays: 0 }]],
	},
};

/** Values of parameters in paths that name nothing. */
export const unknownValues: Readonly<Record<string, (site: TestSite) => string>> = {
	taskId: () => "01890000-0000-7000-8000-000000000000",
	customerId: ({ siteId }) => `qm:${siteId}:01890000-0000-7000-8000-000000000000`,
	organizationId: () => "999999999",
	fieldName: () => "no-such-field",
	tokenId: () => "01890000-0000-7000-8000-000000000000",
	productId: () => "01890000-0000-7000-8000-000000000000",
	entitlementId: () => "01890000-0000-7000-8000-000000000000",
	importId: () => "01890000-0000-7000-8000-000000000000",
	webhookId: () => "01890000-0000-7000-8000-000000000000",
	deliveryId: () => "01890000-0000-7000-8000-000000000000",
	connector: () => "no-such-connector",
};

function forEach(
	entities: readonly Entity[],
	casesFor: (entity: Entity) => Readonly<Record<string, RouteCase>>,
): Readonly<Record<string, RouteCase>> {
	return Object.assign({}, ...entities.map(casesFor));
}

function submitCase({ itemsKeys: [key], itemsMax }: Operation): RouteCase {
	return {
		good: async ({ route }) => ({ body: route.bodies?.[0]?.example, status: 202, answer: acceptedAnswer }),
		bad: [
			["missing_items", {}],
			["missing_items", { [key ?? ""]: {} }],
			["empty_items", { [key ?? ""]: [] }],
			["too_many_items", { [key ?? ""]: Array(itemsMax + 1).fill({}) }],
		],
	};
}

/** A task of two items, one of which fails. */
async function aTask(site: TestSite): Promise<{ taskId: string; customerId: string }> {
	const { taskId } = await site.run("customer/bulk", {
		customers: [{ email: "jane.smith@acme.com" }, badItem],
	});
	return { taskId, customerId: (await site.results(taskId))[0].id };
}

const summary = { total: 2, created: 1, updated: 0, unchanged: 0, skipped: 0, failed: 1 };

/** Where a task comes from that was sent by a request. */
const sent = {
	idempotencyKey: expect.any(String),
	source: { kind: "request", tokenId: uuid, tokenPrefix: expect.stringMatching(/^mst_/) },
};

function guideTask(taskId: string): unknown {
	return {
		taskId,
		status: "COMPLETED",
		operation: "customer",
		createdDate: time,
		completedDate: time,
		summary,
		...sent,
		failures: [{ index: 1, message: noAt.message, code: noAt.code, clientRef: "row 2", errors: [noAt] }],
	};
}

function referenceTask(id: string): unknown {
	return {
		id,
		type: "BULK_CUSTOMER_CREATE_UPDATE",
		status: "FINISHED",
		failures: [
			{
				entity: "CUSTOMER",
				entityId: "invalid-email",
				operation: "UPSERT",
				operatedOn: "CUSTOMER_ACCOUNT",
				operatedOnIds: [],
				error: noAt.message,
				index: 1,
				code: noAt.code,
				clientRef: "row 2",
			},
		],
		createdAt: time,
		updatedAt: time,
		operation: "customer",
		summary,
		...sent,
	};
}

interface Shown {
	readonly id: string;
	/** Who it is, alike in both dialects. */
	readonly account: Readonly<Record<string, unknown>>;
	readonly guide: unknown;
	readonly reference: unknown;
}

/** A customer of an organization, both with a plan. */
async function records(site: TestSite): Promise<Readonly<Record<Entity, Shown>>> {
	for (const entity of ["customer", "organization"]) {
		await site.post(`${entity}/details`, { name: plan.name, type: plan.type });
	}
	const details = { plan: "Premium" };
	await site.run("organization/profile/bulk", { organizations: [{ name: "Acme", details }] });
	const jane = { email: "jane.smith@acme.com", displayName: "Jane Smith" };
	const { taskId } = await site.run("customer/profile/bulk", {
		customers: [{ ...jane, details, organizations: ["Acme"] }],
	});
	const [{ id }] = await site.results(taskId);
	const acme = { id: "1", name: "Acme" };
	return {
		customer: shown(id, { customerId: id, ...jane }, { organizations: [acme] }),
		organization: shown("1", acme, {}),
	};
}

function shown(id: string, account: Readonly<Record<string, unknown>>, links: object): Shown {
	const rest = { ...links, createdDate: time, updatedDate: time };
	const value = { ...plan, configuration: { position: 0 }, values: ["Premium"] };
	return {
		id,
		account,
		guide: { ...account, details: { plan: "Premium" }, ...rest },
		reference: { ...account, details: [value], ...rest },
	};
}

/** Reading records. */
function recordCases(entity: Entity): Readonly<Record<string, RouteCase>> {
	const listOf = ({ guide, reference }: Shown): unknown => ({
		guide: { results: [guide] },
		reference: { results: [reference] },
	});
	const idsKey = `${entity}Ids`;
	return {
		[`${entity}.get`]: {
			good: async ({ site }) => {
				const { id, account } = (await records(site))[entity];
				return { params: { [`${entity}Id`]: id }, status: 200, answer: account };
			},
		},
		[`${entity}.profile.get`]: {
			good: async ({ site }) => {
				const { id, guide, reference } = (await records(site))[entity];
				return { params: { [`${entity}Id`]: id }, status: 200, answer: { guide, reference } };
			},
		},
		[`${entity}.profile.fetch`]: {
			good: async ({ site }) => {
				const record = (await records(site))[entity];
				return { body: { [idsKey]: [record.id, "unknown"] }, status: 200, answer: listOf(record) };
			},
			bad: [
				["invalid_request", {}],
				["invalid_request", { [idsKey]: "1" }],
				["invalid_request", { [idsKey]: Array(26).fill("1") }],
			],
		},
		[`${entity}.history`]: {
			good: async ({ site }) => {
				const { id } = (await records(site))[entity];
				return {
					params: { [`${entity}Id`]: id },
					status: 200,
					answer: { results: [expect.objectContaining({ outcome: "created" })], isComplete: true },
				};
			},
		},
		[`${entity}.list`]: {
			good: async ({ site }) => {
				const record = (await records(site))[entity];
				const query = entity === "customer" ? "?email=JANE&name=Jane" : "?name=ac";
				return { query, status: 200, answer: listOf(record) };
			},
		},
	};
}

/** Writing records one by one. */
function writeCases(entity: Entity): Readonly<Record<string, RouteCase>> {
	const isCustomer = entity === "customer";
	const key = isCustomer ? { email: "new@acme.com" } : { name: "New" };
	const named = isCustomer ? { displayName: "new" } : {};
	const id = isCustomer ? expect.stringMatching(/^qm:/) : expect.stringMatching(/^\d+$/);
	const account = { [isCustomer ? "customerId" : "id"]: id, ...key, ...named };
	const rest = {
		...(isCustomer ? { organizations: [] } : {}),
		createdDate: time,
		updatedDate: time,
	};
	const idKey = `${entity}Id`;
	return {
		[`${entity}.create`]: {
			isItem: true,
			good: async () => ({ body: key, status: 200, answer: account }),
			bad: [["invalid_request", {}]],
		},
		[`${entity}.profile.create`]: {
			isItem: true,
			good: async () => ({
				body: { ...key, details: { plan: "Free" } },
				status: 200,
				answer: {
					guide: { ...account, details: { plan: "Free" }, ...rest },
					reference: {
						...account,
						details: [
							{
								id: "plan",
								name: "plan",
								type: { name: "TEXT" },
								configuration: { position: 0 },
								values: ["Free"],
							},
						],
						...rest,
					},
				},
			}),
			bad: [["invalid_request", {}]],
		},
		[`${entity}.update`]: {
			isItem: true,
			good: async ({ site }) => {
				const record = (await records(site))[entity];
				const change = isCustomer ? { displayName: "Jane" } : { name: "Acme Ltd" };
				return {
					params: { [idKey]: record.id },
					body: change,
					status: 200,
					answer: { ...record.account, ...change },
				};
			},
			bad: [["invalid_request", isCustomer ? { email: "none" } : { name: "" }]],
		},
		[`${entity}.delete`]: {
			good: async ({ site }) => ({
				params: { [idKey]: (await records(site))[entity].id },
				status: 204,
				answer: null,
			}),
		},
		[`${entity}.searchByDetailField`]: {
			good: async ({ site }) => {
				const { guide, reference } = (await records(site))[entity];
				const page = { page: 0, maxResults: 50 };
				return {
					body: { name: "Plan", values: ["Premium"] },
					status: 200,
					answer: {
						guide: { results: [guide], ...page },
						reference: { results: [reference], ...page },
					},
				};
			},
			bad: [["invalid_request", {}]],
		},
	};
}

function recordDetailCases(entity: Entity): Readonly<Record<string, RouteCase>> {
	const idKey = `${entity}Id`;
	const query = "?fieldName=Plan";
	const answer = (values: readonly string[]): unknown => ({
		...plan,
		configuration: { position: 0 },
		values,
	});
	return {
		[`${entity}.detail.get`]: {
			good: async ({ site }) => ({
				params: { [idKey]: (await records(site))[entity].id },
				query,
				status: 200,
				answer: answer(["Premium"]),
			}),
		},
		[`${entity}.detail.set`]: {
			good: async ({ site }) => ({
				params: { [idKey]: (await records(site))[entity].id },
				query,
				body: { values: ["Free"] },
				status: 200,
				answer: answer(["Free"]),
			}),
			bad: [["invalid_request", {}]],
		},
		[`${entity}.export`]: {
			good: async ({ site }) => {
				await records(site);
				// A file, and no JSON: export.test.ts reads it.
				return { query: "?format=jsonl", status: 200, answer: null };
			},
		},
	};
}

function detailFieldCases(entity: FieldOwner): Readonly<Record<string, RouteCase>> {
	const field = { ...plan, configuration: { position: 0 } };
	const fieldName = "PLAN";
	return {
		[`${entity}.detailField.list`]: {
			good: async ({ site }) => {
				await ownersWithPlan(site, entity);
				return { status: 200, answer: { results: [field] } };
			},
		},
		[`${entity}.detailField.create`]: {
			good: async () => ({
				body: { name: plan.name, type: plan.type },
				status: 200,
				answer: field,
			}),
			bad: [
				["invalid_detail_field", {}],
				["invalid_detail_field", { name: "Tier", type: "SELECT" }],
				["unknown_key", { name: "Tier", options: ["Free"] }],
			],
		},
		[`${entity}.detailField.change`]: {
			good: async ({ site }) => {
				await ownersWithPlan(site, entity);
				await site.post(`${entity}/details`, { name: "Phone" });
				return {
					params: { fieldName },
					body: { name: "Tier", renameOptions: { Premium: "Gold" }, configuration: { position: 1 } },
					status: 200,
					answer: {
						id: "plan",
						name: "Tier",
						type: { name: "SELECT", options: ["Free", "Gold"] },
						configuration: { position: 1 },
					},
				};
			},
			bad: [
				["invalid_detail_field", { name: "" }],
				["invalid_detail_field", { options: ["Free"] }],
				["invalid_detail_field", { type: "TEXT" }],
				["invalid_detail_field", { configuration: { position: 9 } }],
			],
		},
		[`${entity}.detailField.delete`]: {
			good: async ({ site }) => {
				await ownersWithPlan(site, entity);
				return { params: { fieldName }, query: "?confirm=true", status: 204, answer: null };
			},
		},
	};
}

/** Something with a plan, of what has the field. */
function ownersWithPlan(site: TestSite, entity: FieldOwner): Promise<unknown> {
	return entity === "entitlement" ? anEntitlement(site, "customer") : records(site);
}

/** A record's entitlement to Gold, with a plan. */
async function anEntitlement(
	site: TestSite,
	entity: Entity,
): Promise<{ id: string; recordId: string; productId: string; guide: unknown; reference: unknown }> {
	const recordId = (await records(site))[entity].id;
	await site.post("entitlement/details", { name: plan.name, type: plan.type });
	const { body: product } = await site.post("product", { name: "Gold" });
	const made = await site.post(`${entity}/${recordId}/entitlement`, {
		productId: product.id,
		details: { plan: "Premium" },
	});
	const { id } = made.body;
	return { id, recordId, productId: product.id, ...shownEntitlement(id, entity, recordId, product) };
}

function shownEntitlement(
	id: unknown,
	entity: Entity,
	recordId: string,
	product: unknown,
): { guide: unknown; reference: unknown } {
	const rest = { id, product, [`${entity}Id`]: recordId, createdDate: time, updatedDate: time };
	const value = { ...plan, configuration: { position: 0 }, values: ["Premium"] };
	return { guide: { ...rest, details: { plan: "Premium" } }, reference: { ...rest, details: [value] } };
}

function entitlementCases(entity: Entity): Readonly<Record<string, RouteCase>> {
	const idKey = `${entity}Id`;
	return {
		[`${entity}.entitlement.list`]: {
			good: async ({ site }) => {
				const { recordId, productId, guide, reference } = await anEntitlement(site, entity);
				return {
					params: { [idKey]: recordId },
					query: `?product=${productId}`,
					status: 200,
					answer: { guide: { results: [guide] }, reference: { results: [reference] } },
				};
			},
		},
		[`${entity}.entitlement.create`]: {
			good: async ({ site }) => {
				const { recordId } = await anEntitlement(site, entity);
				const { body: silver } = await site.post("product", { name: "Silver" });
				return {
					params: { [idKey]: recordId },
					body: { product: "silver", details: [{ name: "Plan", values: ["premium"] }] },
					status: 200,
					answer: shownEntitlement(uuid, entity, recordId, silver),
				};
			},
			bad: [
				["invalid_request", {}],
				["invalid_request", { product: "Bronze" }],
				["invalid_request", { product: "Silver", details: { plan: "Best" } }],
			],
		},
	};
}
