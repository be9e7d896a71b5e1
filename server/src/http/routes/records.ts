import { CustomerProfile, type Entity, ReferenceCustomerProfile, readScopes } from "@muster/client/contract";
import Type from "typebox";
import { nameKey } from "../../domain/name.ts";
import { uuidForm } from "../../domain/record.ts";
import { listRecords, type RecordFilter } from "../../store/find-records.ts";
import { accountOf } from "../dialects/guide.ts";
import { cutPage, pageLimitOf, pageOf, pageParameters } from "../page.ts";
import { profiles, readOne } from "../read-record.ts";
import { recordSchemas } from "../record-schemas.ts";
import type { Call, Reply, Route } from "../route.ts";

/** Reading customers and organizations back: the same set of routes for both. */
export const recordRoutes: readonly Route[] = (["customer", "organization"] as const).flatMap(routesFor);

function routesFor(entity: Entity): readonly Route[] {
	const tag = entity === "customer" ? "Customers" : "Organizations";
	const scope = readScopes[entity];
	const { guide, reference } = recordSchemas[entity];
	const id = `${entity}Id`;
	const isCustomer = entity === "customer";
	return [
		accountRoute(entity, `${entity}/{${id}}`, `${entity}.get`),
		...(isCustomer ? [accountRoute(entity, `customer/account/{${id}}`, "customer.account.get")] : []),
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
			method: "GET",
			path: `${entity}s`,
			id: `${entity}.list`,
			tag,
			summary: `List ${entity}s, oldest first`,
			scope,
			query: Type.Object({
				...(isCustomer
					? { email: Type.Optional(Type.String({ description: "Beginning of the email" })) }
					: {}),
				name: Type.Optional(
					Type.String({ description: `Beginning of the ${isCustomer ? "display " : ""}name` }),
				),
				...pageParameters,
			}),
			answers: [
				{
					status: 200,
					description: `A page of ${entity}s`,
					guide: pageOf(guide),
					reference: pageOf(reference),
				},
			],
			handle: (call) => list(call, entity),
		},
		...(isCustomer ? [] : [membersRoute()]),
	];
}

function accountRoute(entity: Entity, path: string, id: string): Route {
	const { account } = recordSchemas[entity];
	return {
		method: "GET",
		path,
		id,
		tag: entity === "customer" ? "Customers" : "Organizations",
		summary: entity === "customer" ? "Read a customer's account" : "Read an organization",
		scope: readScopes[entity],
		answers: [{ status: 200, description: `The ${entity}`, guide: account, reference: account }],
		handle: async (call) => ({
			status: 200,
			body: accountOf(call.principal.siteId, entity, await readOne(call, entity)),
		}),
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
		query: Type.Object({
			...pageParameters,
		}),
		answers: [
			{
				status: 200,
				description: "A page of customers",
				guide: pageOf(CustomerProfile),
				reference: pageOf(ReferenceCustomerProfile),
			},
		],
		handle: async (call) => {
			const organization = await readOne(call, "organization");
			return listPage(call, "customer", { organizationId: organization.id });
		},
	};
}

function list(call: Call, entity: Entity): Promise<Reply> {
	const isCustomer = entity === "customer";
	const { query } = call;
	const email = isCustomer ? query.text("email") : undefined;
	const name = query.text("name");
	const keyPrefix = isCustomer ? email?.trim().normalize("NFC").toLowerCase() : name && nameKey(name);
	return listPage(call, entity, {
		...(keyPrefix ? { keyPrefix } : {}),
		...(isCustomer && name ? { displayNamePrefix: name } : {}),
	});
}

async function listPage(
	call: Call,
	entity: Entity,
	filter: Omit<RecordFilter, "limit" | "after">,
): Promise<Reply> {
	const { query } = call;
	const pageLimit = pageLimitOf(query);
	const after = query.cursor(entity === "customer" ? uuidForm : /^\d{1,15}$/);
	const { siteId } = call.principal;
	const found = await call.services.database.inSite(siteId, (transaction) =>
		// One more than asked for tells whether there is a further page.
		listRecords(transaction, siteId, entity, {
			...filter,
			...(after === undefined ? {} : { after }),
			limit: pageLimit + 1,
		}),
	);
	const { page, more } = cutPage(found, pageLimit, (last) => last.id);
	return profiles(call, entity, page, (results) => ({ results, ...more }));
}
