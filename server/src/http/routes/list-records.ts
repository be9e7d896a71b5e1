import {
	CustomerProfile,
	type Entity,
	OrganizationProfile,
	ReferenceCustomerProfile,
	ReferenceOrganizationProfile,
	readScopes,
	Type,
} from "@muster/client/contract";

import type { DetailField } from "../../domain/detail-value.ts";
import { uuidForm } from "../../domain/record.ts";
import type { RecordSearch } from "../../domain/record-search.ts";
import { cutPage, pageLimitOf, pageOf, pageParameters } from "../page.ts";
import { cursorOf } from "../query.ts";
import { readOne } from "../read-record.ts";
import { readSearch, searchParameters } from "../record-query.ts";
import type { Call, Reply, Route } from "../route.ts";
import { findPage } from "../search-page.ts";

const shapes = {
	customer: { guide: CustomerProfile, reference: ReferenceCustomerProfile },
	organization: { guide: OrganizationProfile, reference: ReferenceOrganizationProfile },
} as const;

/** Pages of customers and organizations, by what they are sought by. */
export const listRoutes: readonly Route[] = [
	listRoute("customer"),
	listRoute("organization"),
	membersRoute(),
];

function listRoute(entity: Entity): Route {
	const { guide, reference } = shapes[entity];
	return {
		method: "GET",
		path: `${entity}s`,
		id: `${entity}.list`,
		tag: entity === "customer" ? "Customers" : "Organizations",
		summary: `List and search ${entity}s, oldest first`,
		description:
			"What is given has to hold, all of it. A page comes with a `nextCursor` as long as there is more to look at: it may hold fewer records than `limit`, or none, where a site has more than 30,000 and few of them are sought. Records that are added meanwhile move nothing: none comes twice, none is left out.",
		scope: readScopes[entity],
		query: Type.Object({ ...searchParameters(entity), ...pageParameters }),
		answers: [
			{
				status: 200,
				description: `A page of ${entity}s`,
				guide: pageOf(guide),
				reference: pageOf(reference),
			},
		],
		handle: (call) => answerPage(call, entity, (fields) => readSearch(call.query, entity, fields)),
	};
}

function membersRoute(): Route {
	return {
		method: "GET",
		path: "organization/{organizationId}/customers",
		id: "organization.customers",
		tag: "Organizations",
		summary: "List the customers of an organization",
		scope: readScopes.organization,
		query: Type.Object({ ...pageParameters }),
		answers: [
			{
				status: 200,
				description: "A page of customers",
				guide: pageOf(CustomerProfile),
				reference: pageOf(ReferenceCustomerProfile),
			},
		],
		handle: async (call) => {
			const { id } = await readOne(call, "organization");
			return answerPage(call, "customer", () => ({ words: [], conditions: [], organizationId: id }));
		},
	};
}

async function answerPage(
	call: Call,
	entity: Entity,
	searchBy: (fields: readonly DetailField[]) => RecordSearch,
): Promise<Reply> {
	const limit = pageLimitOf(call.query);
	const after = call.query.cursor(entity === "customer" ? uuidForm : /^\d{1,15}$/) ?? null;
	const { siteId } = call.principal;
	// One more than asked for tells whether there is a further one.
	const { records, place, fields } = await findPage(call.services.database, siteId, entity, searchBy, {
		after,
		limit: limit + 1,
	});
	const { page, more } = cutPage(records, limit, (last) => last.id);
	const next = more.nextCursor === undefined && place !== null ? { nextCursor: cursorOf(place) } : more;
	return {
		status: 200,
		body: { results: page.map((record) => call.dialect.profile(siteId, entity, record, fields)), ...next },
	};
}
