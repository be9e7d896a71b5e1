import {
	Customer,
	CustomerFetch,
	CustomerProfile,
	type Entity,
	Organization,
	OrganizationFetch,
	OrganizationProfile,
	ReferenceCustomerProfile,
	ReferenceOrganizationProfile,
	readScopes,
} from "@muster/client/contract";
import Type from "typebox";
import { show } from "../../domain/fault.ts";
import { readCustomerId, readOrganizationId } from "../../domain/record.ts";
import { listDetailFields } from "../../store/detail-fields.ts";
import { findRecords, type ReadRecord } from "../../store/find-records.ts";
import { accountOf } from "../dialects/guide.ts";
import { notFound, ProblemError } from "../problem-error.ts";
import { readJsonObject, refuseUnknownKeys } from "../read-json.ts";
import type { Call, Reply, Route } from "../route.ts";

/** Most ids in one fetch (reference). */
const fetchMax = 25;

const shapes = {
	customer: {
		account: Customer,
		guide: CustomerProfile,
		reference: ReferenceCustomerProfile,
		fetch: CustomerFetch,
	},
	organization: {
		account: Organization,
		guide: OrganizationProfile,
		reference: ReferenceOrganizationProfile,
		fetch: OrganizationFetch,
	},
} as const;

/** Reading customers and organizations back: the same set of routes for both. */
export const recordRoutes: readonly Route[] = (["customer", "organization"] as const).flatMap(routesFor);

function routesFor(entity: Entity): readonly Route[] {
	const tag = entity === "customer" ? "Customers" : "Organizations";
	const scope = readScopes[entity];
	const { account, guide, reference, fetch } = shapes[entity];
	const id = `${entity}Id`;
	const isCustomer = entity === "customer";
	return [
		{
			method: "GET",
			path: `${entity}/{${id}}`,
			id: `${entity}.get`,
			tag,
			summary: isCustomer ? "Read a customer's account" : "Read an organization",
			scope,
			answers: [{ status: 200, description: `The ${entity}`, guide: account, reference: account }],
			handle: async (call) => ({
				status: 200,
				body: accountOf(call.principal.siteId, entity, await readOne(call, entity)),
			}),
		},
		{
			method: "GET",
			path: `${entity}/profile/{${id}}`,
			id: `${entity}.profile.get`,
			tag,
			summary: isCustomer
				? "Read a customer with details and organizations"
				: "Read an organization with details",
			scope,
			answers: [{ status: 200, description: `The ${entity}`, guide, reference }],
			handle: async (call) => profiles(call, entity, [await readOne(call, entity)], ([only]) => only),
		},
		{
			method: "POST",
			path: `${entity}/profile/fetch`,
			id: `${entity}.profile.fetch`,
			tag,
			summary: `Read up to ${fetchMax} ${entity}s by id`,
			description: "In the order asked; unknown ids are left out.",
			scope,
			bodies: [{ name: "ids", schema: fetch, example: { [`${entity}Ids`]: [isCustomer ? "qm:..." : "1"] } }],
			answers: [
				{
					status: 200,
					description: `The ${entity}s that are known`,
					guide: Type.Object({ results: Type.Array(guide) }),
					reference: Type.Object({ results: Type.Array(reference) }),
				},
			],
			problems: ["invalid_json", "unknown_key"],
			handle: (call) => fetchRecords(call, entity),
		},
	];
}

function readId(call: Call, entity: Entity, value: unknown): string | null {
	if (entity === "customer") {
		return typeof value === "string" ? readCustomerId(call.principal.siteId, value) : null;
	}
	return typeof value === "string" || typeof value === "number" ? readOrganizationId(value) : null;
}

/** What cannot be an id of this site is as unknown as an unknown id. */
export async function readOne(call: Call, entity: Entity): Promise<ReadRecord> {
	const id = readId(call, entity, call.params[`${entity}Id`]);
	if (id === null) throw notFound();
	const { siteId } = call.principal;
	const [found] = await call.services.database.inSite(siteId, (transaction) =>
		findRecords(transaction, siteId, entity, [id]),
	);
	if (found === undefined) throw notFound();
	return found;
}

/** Answers with records in the call's dialect, which needs the site's fields. */
async function profiles(
	call: Call,
	entity: Entity,
	records: readonly ReadRecord[],
	bodyOf: (shown: unknown[]) => unknown,
): Promise<Reply> {
	const { siteId } = call.principal;
	const fields = await call.services.database.inSite(siteId, (transaction) =>
		listDetailFields(transaction, siteId, entity),
	);
	return {
		status: 200,
		body: bodyOf(records.map((record) => call.dialect.profile(siteId, entity, record, fields))),
	};
}

async function fetchRecords(call: Call, entity: Entity): Promise<Reply> {
	const key = `${entity}Ids`;
	const body = readJsonObject(call.body);
	refuseUnknownKeys(body, [key]);
	const asked = body[key];
	if (!Array.isArray(asked) || asked.length > fetchMax) {
		const seen = Array.isArray(asked) ? `a list of ${asked.length}` : show(asked);
		throw new ProblemError(
			"invalid_request",
			`${key} is ${seen}; a list of up to ${fetchMax} ids is expected.`,
		);
	}
	const ids = asked.flatMap((value) => readId(call, entity, value) ?? []);
	const { siteId } = call.principal;
	const found = await call.services.database.inSite(siteId, (transaction) =>
		findRecords(transaction, siteId, entity, ids),
	);
	const byId = new Map(found.map((record) => [record.id, record]));
	const inOrder = [...new Set(ids)].flatMap((id) => byId.get(id) ?? []);
	return profiles(call, entity, inOrder, (results) => ({ results }));
}
