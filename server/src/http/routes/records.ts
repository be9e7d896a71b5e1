import { type Entity, readScopes } from "@muster/client/contract";
import { accountOf } from "../dialects/guide.ts";
import { profiles, readOne } from "../read-record.ts";
import { recordSchemas } from "../record-schemas.ts";
import type { Route } from "../route.ts";

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
