import {
	Entitlement,
	type Entity,
	entitlementScopes,
	NewEntitlement,
	ReferenceEntitlement,
	readScopes,
	Type,
} from "@muster/client/contract";

import { readCustomerId, readOrganizationId, uuidForm } from "../../domain/record.ts";
import type { Transaction } from "../../store/database.ts";
import { listDetailFields } from "../../store/detail-fields.ts";
import {
	deleteEntitlement,
	type EntitlementFilter,
	findEntitlement,
	listEntitlements,
	type StoredEntitlement,
} from "../../store/entitlements.ts";
import { findRecords } from "../../store/find-records.ts";
import { createEntitlement } from "../create-entitlement.ts";
import { cutPage, pageLimitOf, pageOf, pageParameters } from "../page.ts";
import { notFound, ProblemError } from "../problem-error.ts";
import { idOfPath } from "../read-record.ts";
import type { Call, Reply, Route } from "../route.ts";
import { whilePassing } from "../write-record.ts";

const tag = "Entitlements";
const one = "entitlement/{entitlementId}";
const answer = {
	status: 200,
	description: "The entitlement",
	guide: Entitlement,
	reference: ReferenceEntitlement,
} as const;
const pageAnswer = {
	status: 200,
	description: "A page of entitlements",
	guide: pageOf(Entitlement),
	reference: pageOf(ReferenceEntitlement),
} as const;

export const entitlementRoutes: readonly Route[] = [
	...(["customer", "organization"] as const).flatMap(routesOf),
	{
		method: "GET",
		path: one,
		id: "entitlement.get",
		tag,
		summary: "Read an entitlement with its details",
		scope: readScopes.entitlement,
		answers: [answer],
		handle: (call) => {
			const id = entitlementIdOf(call);
			return inSite(call, async (transaction, siteId) =>
				replyWith(call, transaction, await findEntitlement(transaction, siteId, id)),
			);
		},
	},
	{
		method: "DELETE",
		path: one,
		id: "entitlement.delete",
		tag,
		summary: "Take a product from a customer or an organization",
		scope: entitlementScopes.delete,
		answers: [{ status: 204, description: "The entitlement and its details are gone" }],
		handle: (call) => {
			const id = entitlementIdOf(call);
			return whilePassing(() =>
				inSite(call, async (transaction, siteId) => {
					if (!(await deleteEntitlement(transaction, siteId, id))) throw notFound();
					return { status: 204 };
				}),
			);
		},
	},
	{
		method: "GET",
		path: "entitlements",
		id: "entitlement.list",
		tag,
		summary: "List entitlements, oldest first",
		description:
			"Of a product, of a customer by itself, of an organization, or of several of these at once. `entityType` and `entityId` together are the reference's way to name a customer or an organization.",
		scope: readScopes.entitlement,
		query: Type.Object({
			productId: Type.Optional(Type.String()),
			customerId: Type.Optional(Type.String()),
			organizationId: Type.Optional(Type.String()),
			entityType: Type.Optional(Type.Enum(["CUSTOMER", "ORGANIZATION"])),
			entityId: Type.Optional(Type.String()),
			...pageParameters,
		}),
		answers: [pageAnswer],
		handle: (call) => {
			const filter = readFilter(call);
			return inSite(call, (transaction) => page(call, transaction, filter));
		},
	},
];

/** The same routes for customers and organizations. */
function routesOf(entity: Entity): readonly Route[] {
	const path = `${entity}/{${entity}Id}/entitlement`;
	return [
		{
			method: "GET",
			path,
			id: `${entity}.entitlement.list`,
			tag,
			summary: `List ${entity === "customer" ? "a customer's" : "an organization's"} entitlements`,
			...(entity === "customer"
				? { description: "Its own, and those of the organizations that it belongs to." }
				: {}),
			scope: entitlementScopes.readOf[entity],
			query: Type.Object({
				product: Type.Optional(Type.String({ description: "Only of the product of this id" })),
				...pageParameters,
			}),
			answers: [pageAnswer],
			handle: (call) => {
				const id = idOfPath(call, entity);
				const productId = call.query.text("product");
				return inSite(call, async (transaction, siteId) => {
					const [record] = await findRecords(transaction, siteId, entity, [id]);
					if (record === undefined) throw notFound();
					const held = entity === "customer" ? { heldBy: id } : { organizationId: id };
					return page(call, transaction, filterOf({ ...held, productId: asUuid(productId) }));
				});
			},
		},
		{
			method: "POST",
			path,
			id: `${entity}.entitlement.create`,
			tag,
			summary: `Entitle ${entity === "customer" ? "a customer" : "an organization"} to a product`,
			scope: entitlementScopes.writeOf[entity],
			bodies: [
				{
					name: "entitlement",
					schema: NewEntitlement,
					example: { product: "Premium support", details: { licenses: 25 } },
				},
			],
			answers: [answer],
			problems: ["conflict"],
			handle: async (call) => {
				const made = await createEntitlement(call, entity, idOfPath(call, entity));
				return inSite(call, async (transaction, siteId) =>
					replyWith(call, transaction, await findEntitlement(transaction, siteId, made)),
				);
			},
		},
	];
}

/** null stands for an id that nothing of this site can have: nothing is found by it. */
type AskedFilter = { readonly [Part in keyof EntitlementFilter]: string | null | undefined };

/** @returns null where nothing can fit */
function filterOf(asked: AskedFilter): EntitlementFilter | null {
	// What is not null is what a filter takes.
	return Object.values(asked).includes(null) ? null : (asked as EntitlementFilter);
}

function readFilter(call: Call): EntitlementFilter | null {
	const { query } = call;
	const entityType = query.word("entityType", ["CUSTOMER", "ORGANIZATION"]);
	const entityId = query.text("entityId");
	if ((entityType === undefined) !== (entityId === undefined)) {
		throw new ProblemError(
			"invalid_request",
			"The query parameters entityType and entityId go together; one came without the other.",
		);
	}
	const named = { customerId: query.text("customerId"), organizationId: query.text("organizationId") };
	const key = entityType === "CUSTOMER" ? "customerId" : "organizationId";
	if (entityId !== undefined && named[key] !== undefined) {
		throw new ProblemError(
			"invalid_request",
			`The query parameters ${key} and entityId name the same thing twice.`,
		);
	}
	if (entityId !== undefined) named[key] = entityId;
	return filterOf({
		productId: asUuid(query.text("productId")),
		customerId:
			named.customerId === undefined ? undefined : readCustomerId(call.principal.siteId, named.customerId),
		organizationId: named.organizationId === undefined ? undefined : readOrganizationId(named.organizationId),
	});
}

function asUuid(text: string | undefined): string | null | undefined {
	return text === undefined || uuidForm.test(text) ? text : null;
}

async function page(call: Call, transaction: Transaction, filter: EntitlementFilter | null): Promise<Reply> {
	const { siteId } = call.principal;
	const limit = pageLimitOf(call.query);
	const after = call.query.cursor(uuidForm);
	const [found, fields] = await Promise.all([
		filter === null ? [] : listEntitlements(transaction, siteId, { ...filter, after }, limit + 1),
		listDetailFields(transaction, siteId, "entitlement"),
	]);
	const { page: shown, more } = cutPage(found, limit, (last) => last.id);
	return {
		status: 200,
		body: { results: shown.map((each) => call.dialect.entitlement(siteId, each, fields)), ...more },
	};
}

async function replyWith(
	call: Call,
	transaction: Transaction,
	entitlement: StoredEntitlement | null,
): Promise<Reply> {
	if (entitlement === null) throw notFound();
	const { siteId } = call.principal;
	const fields = await listDetailFields(transaction, siteId, "entitlement");
	return { status: 200, body: call.dialect.entitlement(siteId, entitlement, fields) };
}

/** What cannot be an id of an entitlement is as unknown as an unknown id. */
function entitlementIdOf(call: Call): string {
	const id = asUuid(call.params.entitlementId);
	if (id == null) throw notFound();
	return id;
}

function inSite(
	call: Call,
	work: (transaction: Transaction, siteId: string) => Promise<Reply>,
): Promise<Reply> {
	const { siteId } = call.principal;
	return call.services.database.inSite(siteId, (transaction) => work(transaction, siteId));
}
