import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { type Kind, propertiesOf } from "./hubspot-account.ts";

// A HubSpot of our own: it speaks the documented CRM API over HTTP, with its limits, and forgets everything at the end.
//   lists      https://developers.hubspot.com/docs/api-reference/crm-contacts-v3/basic/get-crm-v3-objects-contacts
//   search     https://developers.hubspot.com/docs/api-reference/search/guide
//   properties https://developers.hubspot.com/docs/api-reference/legacy/crm/properties/create-property
//   associations https://developers.hubspot.com/docs/api-reference/crm-associations-v4/batch/post-crm-v4-associations-fromObjectType-toObjectType-batch-read
//   dated paths https://developers.hubspot.com/blog/a-developers-guide-to-hubspots-date-based-api-versioning
//   limits     https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines
//   merging    https://developers.hubspot.com/docs/api-reference/latest/crm/objects/contacts/merge-contacts
//              https://developers.hubspot.com/changelog/updated-merge-functionality-for-contacts-and-companies

export interface StoredRecord {
	readonly id: string;
	readonly properties: Record<string, string | null>;
	readonly createdAt: string;
	updatedAt: string;
	archivedAt: string | null;
}

export interface StandIn {
	readonly url: string;
	/** The one that it knows; an OAuth token is another one after half an hour. */
	key: string;
	readonly records: Readonly<Record<Kind, Map<string, StoredRecord>>>;
	/** Companies of contacts. */
	readonly associations: Map<string, string[]>;
	/** Every request that was answered, limits included. */
	readonly log: { readonly method: string; readonly path: string; readonly status: number }[];
	/** Requests in a window; null is no limit. */
	limit: { readonly max: number; readonly windowMs: number } | null;
	/** What the next requests are answered with, before anything else is looked at. */
	readonly faults: { readonly status: number; readonly policyName?: string }[];
	/** Called before each answer; awaited. */
	onRequest: (path: string) => unknown;
	add(kind: Kind, properties: Record<string, string | null>, updatedAt: string): StoredRecord;
	change(kind: Kind, id: string, properties: Record<string, string | null>): void;
	archive(kind: Kind, id: string): void;
	restore(kind: Kind, id: string): void;
	/** Two become a third, which has what the first had and the associations of both. @returns its id */
	merge(kind: Kind, primary: string, merged: string): string;
	/** The second is merged into the first and gone, as it was until merging made new records. */
	absorb(kind: Kind, primary: string, merged: string): void;
	close(): Promise<void>;
}

/** Most records of a list, of a search, and most results that a search gives in all. */
const [listMax, searchMax, resultsMax] = [100, 200, 10_000];
/** Most contacts of one reading of associations, and companies of one of them at a time. */
const [inputsMax, companiesMax] = [1_000, 3];
const searchesASecond = 5;

export async function startStandIn(): Promise<StandIn> {
	let lastId = 1_000;
	const sent: number[] = [];
	const searched: number[] = [];
	const now = (): string => new Date().toISOString();

	const standIn: Omit<StandIn, "url" | "close"> = {
		key: "pat-na1-0123456789-the-key-of-the-tests",
		records: { contacts: new Map(), companies: new Map() },
		associations: new Map(),
		log: [],
		limit: null,
		faults: [],
		onRequest: () => undefined,
		add: (kind, properties, updatedAt) => {
			lastId += 7;
			const record = { id: String(lastId), properties, createdAt: updatedAt, updatedAt, archivedAt: null };
			standIn.records[kind].set(record.id, record);
			return record;
		},
		change: (kind, id, properties) => {
			const record = recordOf(kind, id);
			Object.assign(record.properties, properties);
			record.updatedAt = now();
		},
		archive: (kind, id) => {
			recordOf(kind, id).archivedAt = now();
		},
		restore: (kind, id) => {
			recordOf(kind, id).archivedAt = null;
			recordOf(kind, id).updatedAt = now();
		},
		merge: (kind, primary, merged) => {
			const { properties } = recordOf(kind, primary);
			const hs_merged_object_ids = [primary, merged]
				.flatMap((id) => [recordOf(kind, id).properties.hs_merged_object_ids ?? [], id])
				.flat()
				.join(";");
			const { id } = standIn.add(kind, { ...properties, hs_merged_object_ids }, now());
			const { associations } = standIn;
			if (kind === "contacts") {
				associations.set(id, [
					...new Set([...(associations.get(primary) ?? []), ...(associations.get(merged) ?? [])]),
				]);
			} else {
				const renamed = (company: string): string => ([primary, merged].includes(company) ? id : company);
				for (const [contact, own] of associations) {
					associations.set(contact, [...new Set(own.map(renamed))]);
				}
			}
			for (const gone of [primary, merged]) standIn.records[kind].delete(gone);
			return id;
		},
		absorb: (kind, primary, merged) => {
			const { properties } = recordOf(kind, primary);
			const before = properties.hs_merged_object_ids;
			standIn.change(kind, primary, { hs_merged_object_ids: before ? `${before};${merged}` : merged });
			standIn.records[kind].delete(merged);
		},
	};

	function recordOf(kind: Kind, id: string): StoredRecord {
		const record = standIn.records[kind].get(id);
		if (record === undefined) throw new Error(`no ${kind} ${id}`);
		return record;
	}

	async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const url = new URL(request.url ?? "", "http://hubspot.test");
		const body = request.method === "POST" ? await text(request) : "";
		await standIn.onRequest(url.pathname);
		const [status, content, headers = {}] = answerOf(request, url, body);
		standIn.log.push({ method: request.method ?? "", path: url.pathname, status });
		response.writeHead(status, { "content-type": "application/json;charset=utf-8", ...headers });
		response.end(JSON.stringify(content));
	}

	type Answer = [status: number, body: unknown, headers?: Record<string, string>];

	function answerOf(request: IncomingMessage, url: URL, body: string): Answer {
		const fault = standIn.faults.shift();
		if (fault?.status === 429) return limited(fault.policyName ?? "TEN_SECONDLY_ROLLING", {});
		if (fault !== undefined) return refused(fault.status, "An error occurred", "INTERNAL_ERROR");
		if (request.headers.authorization !== `Bearer ${standIn.key}`) {
			return refused(401, "Authentication credentials not found.", "INVALID_AUTHENTICATION");
		}
		const isSearch = url.pathname.endsWith("/search");
		const headers = isSearch ? {} : roomOf();
		if (headers === null) return limited("TEN_SECONDLY_ROLLING", { "retry-after": "1" });
		if (isSearch && !hasRoom(searched, searchesASecond, 1_000)) return limited("SECONDLY", {});
		const found = route(request, url, body);
		return [found[0], found[1], headers];
	}

	/** The headers that tell how much room is left; null where there is none. */
	function roomOf(): Record<string, string> | null {
		const { limit } = standIn;
		if (limit === null) return {};
		if (!hasRoom(sent, limit.max, limit.windowMs)) return null;
		return {
			"x-hubspot-ratelimit-daily": "250000",
			"x-hubspot-ratelimit-daily-remaining": "249000",
			"x-hubspot-ratelimit-interval-milliseconds": String(limit.windowMs),
			"x-hubspot-ratelimit-max": String(limit.max),
			"x-hubspot-ratelimit-remaining": String(limit.max - sent.length),
		};
	}

	function route(request: IncomingMessage, url: URL, body: string): Answer {
		const path = url.pathname;
		const [, , kind, action] =
			/^\/crm\/(objects\/2026-03|v3\/objects)\/(contacts|companies)(\/search)?$/.exec(path) ?? [];
		if (isKind(kind))
			return action === undefined ? list(kind, url.searchParams) : search(kind, JSON.parse(body));
		const [, , defined] =
			/^\/crm\/(properties\/2026-03|v3\/properties)\/(contacts|companies)$/.exec(path) ?? [];
		if (isKind(defined)) return [200, { results: propertiesOf(defined) }];
		const [, version] =
			/^\/crm\/(associations\/2026-03|v4\/associations)\/contacts\/companies\/batch\/read$/.exec(path) ?? [];
		if (version !== undefined && request.method === "POST")
			return associated(JSON.parse(body), version.startsWith("v4"));
		return refused(404, "resource not found", "OBJECT_NOT_FOUND");
	}

	function list(kind: Kind, query: URLSearchParams): Answer {
		const limit = Number(query.get("limit") ?? 10);
		if (limit > listMax) return refused(400, `Invalid limit ${limit}`, "VALIDATION_ERROR");
		const archived = query.get("archived") === "true";
		const after = Number(query.get("after") ?? 0);
		const properties = (query.get("properties") ?? "").split(",");
		const found = inOrder(kind).filter(
			(record) => (record.archivedAt !== null) === archived && Number(record.id) >= after,
		);
		const next = found[limit]?.id;
		return [
			200,
			{
				results: found.slice(0, limit).map((record) => shown(record, properties)),
				...(next === undefined ? {} : { paging: { next: { after: next, link: `?after=${next}` } } }),
			},
		];
	}

	// biome-ignore lint/suspicious/noExplicitAny: whatever was sent
	function search(kind: Kind, { filterGroups, sorts, properties, limit = 10, after = 0 }: any): Answer {
		if (limit > searchMax) return refused(400, `Invalid limit ${limit}`, "VALIDATION_ERROR");
		if (Number(after) + limit > resultsMax)
			return refused(400, "The maximum paging is 10000", "VALIDATION_ERROR");
		const [{ filters }] = filterGroups;
		const [{ propertyName, direction }] = sorts;
		if (propertyName !== "hs_object_id" || direction !== "ASCENDING")
			throw new Error("teach the stand-in that sort");
		const found = inOrder(kind).filter(
			(record) =>
				record.archivedAt === null && filters.every((filter: Filter) => holds(kind, record, filter)),
		);
		const [first, end] = [Number(after), Number(after) + limit];
		return [
			200,
			{
				total: found.length,
				results: found.slice(first, end).map((record) => shown(record, properties)),
				...(end < found.length ? { paging: { next: { after: String(end) } } } : {}),
			},
		];
	}

	function associated({ inputs }: { inputs: { id: string; after?: string }[] }, isV4: boolean): Answer {
		if (inputs.length > inputsMax) return refused(400, "too many inputs", "VALIDATION_ERROR");
		const results: unknown[] = [];
		const errors: unknown[] = [];
		for (const { id, after } of inputs) {
			const all = standIn.associations.get(id) ?? [];
			const first = Number(after ?? 0);
			const end = first + companiesMax;
			if (all.length === 0) {
				errors.push({
					status: "error",
					category: "OBJECT_NOT_FOUND",
					subCategory: "crm.associations.NO_ASSOCIATIONS_FOUND",
					message: `No company is associated with contact ${id}.`,
					context: { fromObjectId: [id], fromObjectType: ["contact"], toObjectType: ["company"] },
				});
				continue;
			}
			results.push({
				from: { id },
				to: all.slice(first, end).map((company) => ({
					toObjectId: isV4 ? Number(company) : company,
					associationTypes: [{ category: "HUBSPOT_DEFINED", typeId: 279, label: null }],
				})),
				...(end < all.length ? { paging: { next: { after: String(end), link: "?" } } } : {}),
			});
		}
		const times = { startedAt: now(), completedAt: now() };
		if (errors.length === 0) return [200, { status: "COMPLETE", results, ...times }];
		return [207, { status: "COMPLETE", results, numErrors: errors.length, errors, ...times }];
	}

	function inOrder(kind: Kind): StoredRecord[] {
		// Ids count up, and a Map keeps the order in which they were made.
		return [...standIn.records[kind].values()];
	}

	const server = createServer((request, response) => {
		answer(request, response).catch((error: unknown) => {
			response.writeHead(500).end(String(error));
		});
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const { port } = server.address() as AddressInfo;
	return Object.assign(standIn, {
		url: `http://127.0.0.1:${port}`,
		close: async () => {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	});
}

interface Filter {
	readonly propertyName: string;
	readonly operator: "GTE" | "GT" | "IN";
	readonly value?: string;
	readonly values?: readonly string[];
}

function holds(kind: Kind, record: StoredRecord, { propertyName, operator, value, values }: Filter): boolean {
	const modified = kind === "contacts" ? "lastmodifieddate" : "hs_lastmodifieddate";
	if (propertyName === modified && operator === "GTE") return Date.parse(record.updatedAt) >= Number(value);
	if (propertyName === "hs_object_id" && operator === "GT") return Number(record.id) > Number(value);
	if (propertyName === "hs_object_id" && operator === "IN") return values?.includes(record.id) === true;
	throw new Error(`teach the stand-in ${propertyName} ${operator}`);
}

/** Only what was asked for, null where it is not set. */
function shown(
	{ properties, id, createdAt, updatedAt, archivedAt }: StoredRecord,
	asked: readonly string[],
): unknown {
	return {
		id,
		properties: Object.fromEntries(asked.map((name) => [name, properties[name] ?? null])),
		createdAt,
		updatedAt,
		archived: archivedAt !== null,
		...(archivedAt === null ? {} : { archivedAt }),
	};
}

function hasRoom(times: number[], max: number, windowMs: number): boolean {
	const nowMs = performance.now();
	while (times[0] !== undefined && times[0] <= nowMs - windowMs) times.shift();
	if (times.length >= max) return false;
	times.push(nowMs);
	return true;
}

function limited(
	policyName: string,
	headers: Record<string, string>,
): [number, unknown, Record<string, string>] {
	const message = `You have reached your ${policyName.toLowerCase()} limit.`;
	return [
		429,
		{ status: "error", message, errorType: "RATE_LIMIT", correlationId: "c0", policyName },
		headers,
	];
}

function refused(status: number, message: string, category: string): [number, unknown] {
	return [status, { status: "error", message, correlationId: "c0", category }];
}

function isKind(text: string | undefined): text is Kind {
	return text === "contacts" || text === "companies";
}
