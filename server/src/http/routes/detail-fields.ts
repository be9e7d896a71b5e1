import {
	DetailField,
	DetailFieldChange,
	DetailFieldList,
	entitlementScopes,
	type FieldOwner,
	fieldOwners,
	NewDetailField,
	operations,
	readScopes,
	Type,
} from "@muster/client/contract";

import { insertDetailFields, listDetailFields } from "../../store/detail-fields.ts";
import { detailFieldOf } from "../detail-field-of.ts";
import { answerWith, planDetailFields, readDefinitions } from "../detail-fields.ts";
import { readJsonObject, refuseUnknownKeys } from "../read-json.ts";
import type { Call, Reply, Route } from "../route.ts";
import { change, remove } from "./change-detail-field.ts";

/** Detail fields, one by one: the same set of routes for each that has some. */
export const detailFieldRoutes: readonly Route[] = fieldOwners.flatMap(routesFor);

function routesFor(entity: FieldOwner): readonly Route[] {
	const tag = "Detail fields";
	const path = `${entity}/details`;
	const one = `${path}/{fieldName}`;
	const scope = writeScopeOf(entity);
	const answer = { guide: DetailField, reference: DetailField };
	return [
		{
			method: "GET",
			path,
			id: `${entity}.detailField.list`,
			tag,
			summary: `List the detail fields of ${entity}s`,
			scope: readScopes[entity],
			answers: [
				{
					status: 200,
					description: "All fields, in order",
					guide: DetailFieldList,
					reference: DetailFieldList,
				},
			],
			handle: (call) => list(call, entity),
		},
		{
			method: "POST",
			path,
			id: `${entity}.detailField.create`,
			tag,
			summary: `Make a detail field of ${entity}s`,
			scope,
			bodies: [
				{
					name: "field",
					schema: NewDetailField,
					example: { name: "Support tier", type: { name: "SELECT", options: ["Free", "Premium"] } },
				},
			],
			answers: [{ status: 200, description: "The field", ...answer }],
			problems: ["invalid_json", "invalid_detail_field", "detail_field_exists", "detail_field_limit"],
			handle: (call) => create(call, entity),
		},
		{
			method: "PUT",
			path: one,
			id: `${entity}.detailField.change`,
			tag,
			summary: "Rename a detail field, change its options, or give it another place",
			description:
				"The field is named by its name or its id. Its id and its type stay, and records keep their values: those of a renamed option follow, on a large site over the next minutes. An option that records have cannot be dropped.",
			scope,
			bodies: [
				{
					name: "change",
					schema: DetailFieldChange,
					example: { options: ["Free", "Gold"], renameOptions: { Premium: "Gold" } },
				},
			],
			answers: [{ status: 200, description: "The field", ...answer }],
			problems: ["invalid_json", "invalid_detail_field", "detail_field_exists", "not_found"],
			handle: (call) => change(call, entity),
		},
		{
			method: "DELETE",
			path: one,
			id: `${entity}.detailField.delete`,
			tag,
			summary: "Delete a detail field with its values",
			description:
				"Where records have values in it, a call without `confirm=true` deletes nothing and says how many they are. A deleted field is out of use at once; on a large site its values are taken from the records over the next minutes, and until then no field gets its id.",
			scope,
			query: Type.Object({
				confirm: Type.Optional(Type.Boolean({ description: "Whether its values may go", default: false })),
			}),
			answers: [{ status: 204, description: "The field is gone, and its values with it" }],
			problems: ["values_at_stake"],
			handle: (call) => remove(call, entity),
		},
	];
}

function writeScopeOf(entity: FieldOwner): string {
	if (entity === "entitlement") return entitlementScopes.writeFields;
	const found = operations.find(
		(operation) => operation.entity === entity && operation.scope === "definitions",
	);
	if (found === undefined) throw new Error(`no operation defines fields of ${entity}s`);
	return found.writeScope;
}

async function list(call: Call, entity: FieldOwner): Promise<Reply> {
	const { siteId } = call.principal;
	const fields = await call.services.database.inSite(siteId, (transaction) =>
		listDetailFields(transaction, siteId, entity),
	);
	return { status: 200, body: { results: fields.map(detailFieldOf) } };
}

async function create(call: Call, entity: FieldOwner): Promise<Reply> {
	// The body itself is the definition.
	const pointerOf = (): string => "";
	const body = readJsonObject(call.body);
	refuseUnknownKeys(body, ["name", "type"]);
	const { siteId, settings } = call.principal;
	const [asked] = readDefinitions([body], pointerOf, settings);
	if (asked === undefined) throw new Error("a definition without a fault was not read");
	return call.services.lanes.alone(siteId, async (transaction) => {
		const made = await planDetailFields(transaction, siteId, entity, settings, [asked], pointerOf);
		await insertDetailFields(transaction, siteId, entity, made);
		return answerWith(transaction, siteId, entity, made[0]?.id ?? "");
	});
}
