import { type Entity, readScopes, Type } from "@muster/client/contract";
import type { TSchema } from "typebox";
import { show } from "../../domain/fault.ts";
import type { ReadRecord } from "../../store/find-records.ts";
import { accountOf } from "../dialects/guide.ts";
import { ProblemError } from "../problem-error.ts";
import { readJsonObject, refuseUnknownKeys } from "../read-json.ts";
import { profiles, readId, readInOrder } from "../read-record.ts";
import { recordSchemas } from "../record-schemas.ts";
import type { Call, Reply, Route } from "../route.ts";

/** Most ids in one fetch (reference). */
const fetchMax = 25;

/** Reading several records by their ids. The reference has no fetch of customers' accounts. */
export const fetchRecordRoutes: readonly Route[] = [
	fetchRoute("customer", "customer/profile/fetch", recordSchemas.customer, profilesOf),
	fetchRoute("organization", "organization/profile/fetch", recordSchemas.organization, profilesOf),
	fetchRoute(
		"organization",
		"organization/fetch",
		{ guide: recordSchemas.organization.account, reference: recordSchemas.organization.account },
		accountsOf,
	),
];

type AnswerWith = (call: Call, entity: Entity, records: readonly ReadRecord[]) => Reply | Promise<Reply>;

function fetchRoute(
	entity: Entity,
	path: string,
	{ guide, reference }: { readonly guide: TSchema; readonly reference: TSchema },
	answerWith: AnswerWith,
): Route {
	return {
		method: "POST",
		path,
		id: path.replaceAll("/", "."),
		tag: entity === "customer" ? "Customers" : "Organizations",
		summary: `Read up to ${fetchMax} ${entity}s by id${answerWith === profilesOf ? ", with their details" : ""}`,
		description: "In the order asked; unknown ids are left out.",
		scope: readScopes[entity],
		bodies: [
			{
				name: "ids",
				schema: recordSchemas[entity].fetch,
				example: { [`${entity}Ids`]: [entity === "customer" ? "qm:..." : "1"] },
			},
		],
		answers: [
			{
				status: 200,
				description: `The ${entity}s that are known`,
				guide: Type.Object({ results: Type.Array(guide) }),
				reference: Type.Object({ results: Type.Array(reference) }),
			},
		],
		handle: async (call) => answerWith(call, entity, await fetchRecords(call, entity)),
	};
}

async function fetchRecords(call: Call, entity: Entity): Promise<ReadRecord[]> {
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
	return call.services.database.inSite(siteId, (transaction) =>
		readInOrder(transaction, siteId, entity, ids),
	);
}

function profilesOf(call: Call, entity: Entity, records: readonly ReadRecord[]): Promise<Reply> {
	return profiles(call, entity, records, (results) => ({ results }));
}

function accountsOf(call: Call, entity: Entity, records: readonly ReadRecord[]): Reply {
	const { siteId } = call.principal;
	return { status: 200, body: { results: records.map((record) => accountOf(siteId, entity, record)) } };
}
