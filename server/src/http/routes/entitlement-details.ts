import { entitlementScopes, Type } from "@muster/client/contract";

import { uuidForm } from "../../domain/record.ts";
import type { Transaction } from "../../store/database.ts";
import { listDetailFields } from "../../store/detail-fields.ts";
import {
	findEntitlement,
	lockEntitlement,
	type StoredEntitlement,
	updateEntitlementDetails,
} from "../../store/entitlements.ts";
import { foldDetails } from "../fold-details.ts";
import { notFound, ProblemError } from "../problem-error.ts";
import { readJsonObject, refuseUnknownKeys } from "../read-json.ts";
import type { Call, Reply, Route } from "../route.ts";
import { oneValue } from "../submission-schemas.ts";
import { whilePassing } from "../write-record.ts";
import { answer, detailAnswer, detailQuery, fieldNameOf } from "./record-details.ts";

const tag = "Entitlements";
const path = "entitlement/{entitlementId}/details";

export const entitlementDetailRoutes: readonly Route[] = [
	{
		method: "GET",
		path,
		id: "entitlement.detail.get",
		tag,
		summary: "Read one detail of an entitlement",
		scope: entitlementScopes.readDetail,
		query: detailQuery,
		answers: [detailAnswer],
		handle: get,
	},
	{
		method: "PUT",
		path,
		id: "entitlement.detail.set",
		tag,
		summary: "Set one detail of an entitlement",
		description:
			"Every other detail stays as it is. A field that does not exist is made as a text field, unless the site is set to refuse it.",
		scope: entitlementScopes.writeDetail,
		query: detailQuery,
		bodies: [
			{
				name: "values",
				schema: Type.Object(
					{ values: Type.Array(oneValue, { description: "One for most types; none clears the field" }) },
					{ additionalProperties: false },
				),
				example: { values: ["Premium"] },
			},
		],
		answers: [detailAnswer],
		handle: set,
	},
];

async function get(call: Call): Promise<Reply> {
	const name = fieldNameOf(call);
	const { siteId } = call.principal;
	return call.services.database.inSite(siteId, async (transaction) => {
		const entitlement = await readOne(call, transaction);
		return answer(entitlement, await listDetailFields(transaction, siteId, "entitlement"), name);
	});
}

async function set(call: Call): Promise<Reply> {
	const field = fieldNameOf(call);
	const body = readJsonObject(call.body);
	refuseUnknownKeys(body, ["values"]);
	const { values } = body;
	if (values === undefined) {
		throw new ProblemError(
			"invalid_request",
			"values is missing; a list is expected. Nothing was saved; an empty list clears the field.",
		);
	}
	const edit = { field, operation: "UPDATE", value: values, parent: "", key: "values" } as const;
	const { siteId } = call.principal;
	return whilePassing(() =>
		call.services.lanes.alone(siteId, async (transaction) => {
			// Values may be following a change of their field without the lane.
			await lockEntitlement(transaction, siteId, idOf(call));
			const { id, details: before } = await readOne(call, transaction);
			const details = await foldDetails(call, transaction, [edit], before, []);
			if (details !== before) await updateEntitlementDetails(transaction, siteId, id, details);
			return answer({ details }, await listDetailFields(transaction, siteId, "entitlement"), field);
		}),
	);
}

/** What cannot be an id of an entitlement is as unknown as an unknown id. */
function idOf(call: Call): string {
	const { entitlementId = "" } = call.params;
	if (!uuidForm.test(entitlementId)) throw notFound();
	return entitlementId;
}

async function readOne(call: Call, transaction: Transaction): Promise<StoredEntitlement> {
	const found = await findEntitlement(transaction, call.principal.siteId, idOf(call));
	if (found === null) throw notFound();
	return found;
}
