import {
	DetailField,
	DetailFieldChange,
	DetailFieldList,
	type Entity,
	NewDetailField,
	operations,
	readScopes,
} from "@muster/client/contract";
import type { DetailField as Field } from "../../domain/detail-value.ts";
import type { Fault } from "../../domain/fault.ts";
import { show } from "../../domain/fault.ts";
import { FieldSet } from "../../domain/field-set.ts";
import { type FieldChange, readFieldChange } from "../../domain/judge-field-change.ts";
import { changeDetailField, countOptionUse, deleteDetailField } from "../../store/change-detail-field.ts";
import type { Transaction } from "../../store/database.ts";
import { insertDetailFields, listDetailFields } from "../../store/detail-fields.ts";
import { detailFieldOf } from "../detail-field-of.ts";
import { planDetailFields, readDefinitions, refuse } from "../detail-fields.ts";
import { notFound, ProblemError } from "../problem-error.ts";
import { readJsonObject, refuseUnknownKeys } from "../read-json.ts";
import type { Call, Reply, Route } from "../route.ts";

/** Detail fields, one by one: the same set of routes for both entities. */
export const detailFieldRoutes: readonly Route[] = (["customer", "organization"] as const).flatMap(routesFor);

function routesFor(entity: Entity): readonly Route[] {
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
			summary: "Rename a detail field, or change its options",
			description: "The field is named by its name or its id. Its id and its type stay.",
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
			scope,
			answers: [{ status: 204, description: "The field and its values are gone" }],
			problems: ["not_found"],
			handle: (call) => remove(call, entity),
		},
	];
}

function writeScopeOf(entity: Entity): string {
	const found = operations.find(
		(operation) => operation.entity === entity && operation.scope === "definitions",
	);
	if (found === undefined) throw new Error(`no operation defines fields of ${entity}s`);
	return found.writeScope;
}

async function list(call: Call, entity: Entity): Promise<Reply> {
	const { siteId } = call.principal;
	const fields = await call.services.database.inSite(siteId, (transaction) =>
		listDetailFields(transaction, siteId, entity),
	);
	return { status: 200, body: { results: fields.map(detailFieldOf) } };
}

async function create(call: Call, entity: Entity): Promise<Reply> {
	// The body itself is the definition.
	const pointerOf = (): string => "";
	const [asked] = readDefinitions([readJsonObject(call.body)], pointerOf);
	if (asked === undefined) throw new Error("a definition without a fault was not read");
	return alone(call, async (transaction, siteId) => {
		const made = await planDetailFields(
			transaction,
			siteId,
			entity,
			call.principal.settings,
			[asked],
			pointerOf,
		);
		await insertDetailFields(transaction, siteId, entity, made);
		return answerWith(transaction, siteId, entity, made[0]?.id ?? "");
	});
}

async function change(call: Call, entity: Entity): Promise<Reply> {
	const body = readJsonObject(call.body);
	refuseUnknownKeys(body, ["name", "options", "renameOptions"]);
	return alone(call, async (transaction, siteId) => {
		const fields = await listDetailFields(transaction, siteId, entity);
		const field = fieldNamed(call, fields);
		const faults: Fault[] = [];
		const asked = readFieldChange(field, body, faults);
		refuse("invalid_detail_field", faults);
		refuseTakenName(fields, field.id, asked);
		for (const option of asked.dropped) {
			const used = await countOptionUse(transaction, siteId, entity, field, option);
			if (used === 0) continue;
			throw new ProblemError(
				"invalid_detail_field",
				`The option ${show(option)} of ${show(field.name)} cannot be dropped: ${used} ${entity}s have it. Nothing was saved; rename it with renameOptions, or change those ${entity}s first.`,
			);
		}
		await changeDetailField(transaction, siteId, entity, field, asked);
		return answerWith(transaction, siteId, entity, field.id);
	});
}

function refuseTakenName(fields: readonly Field[], id: string, asked: FieldChange): void {
	const others = new FieldSet(fields.filter((field) => field.id !== id));
	const taken = others.find(asked.name);
	if (taken === undefined) return;
	throw new ProblemError(
		"detail_field_exists",
		`The detail field ${show(taken.name)} (id ${show(taken.id)}) answers to the name ${show(asked.name)} already. Nothing was saved.`,
	);
}

async function remove(call: Call, entity: Entity): Promise<Reply> {
	return alone(call, async (transaction, siteId) => {
		const field = fieldNamed(call, await listDetailFields(transaction, siteId, entity));
		await deleteDetailField(transaction, siteId, entity, field.id);
		return { status: 204 };
	});
}

/** Alone with the site's fields: nobody applies tasks or changes fields meanwhile. */
function alone(
	call: Call,
	work: (transaction: Transaction, siteId: string) => Promise<Reply>,
): Promise<Reply> {
	const { siteId } = call.principal;
	return call.services.lanes.alone(siteId, (transaction) => work(transaction, siteId));
}

function fieldNamed(call: Call, fields: readonly Field[]): Field {
	const field = new FieldSet(fields).find(call.params.fieldName ?? "");
	if (field === undefined) throw notFound();
	return field;
}

async function answerWith(
	transaction: Transaction,
	siteId: string,
	entity: Entity,
	id: string,
): Promise<Reply> {
	const fields = await listDetailFields(transaction, siteId, entity);
	const position = fields.findIndex((field) => field.id === id);
	const field = fields[position];
	if (field === undefined) throw new Error("a detail field that was just written is not there");
	return { status: 200, body: detailFieldOf(field, position) };
}
