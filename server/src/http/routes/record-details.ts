import { DetailOfRecord, type Entity, readScopes, Type } from "@muster/client/contract";
import type { TObject } from "typebox";
import type { DetailField } from "../../domain/detail-value.ts";
import { FieldSet } from "../../domain/field-set.ts";
import type { ReadRecord } from "../../store/find-records.ts";
import { detailOf } from "../detail-field-of.ts";
import { notFound, ProblemError } from "../problem-error.ts";
import { readJsonObject, refuseUnknownKeys } from "../read-json.ts";
import { fieldsOf, idOfPath, readOne } from "../read-record.ts";
import { detailBody } from "../record-schemas.ts";
import type { Answer, Call, Reply, Route } from "../route.ts";
import { writeRecord } from "../write-record.ts";
import { operationOf } from "./write-records.ts";

export const detailQuery: TObject = Type.Object({
	fieldName: Type.String({ description: "Name of the detail field in any case, or its id" }),
});
export const detailAnswer: Answer = {
	status: 200,
	description: "The field with the values of this record",
	guide: DetailOfRecord,
	reference: DetailOfRecord,
};

/** One detail of one record, read and set: the same routes for both entities. */
export const recordDetailRoutes: readonly Route[] = (["customer", "organization"] as const).flatMap(
	routesFor,
);

function routesFor(entity: Entity): readonly Route[] {
	const tag = entity === "customer" ? "Customers" : "Organizations";
	const of = entity === "customer" ? "a customer" : "an organization";
	const path = `${entity}/{${entity}Id}/details`;
	const query = detailQuery;
	const answers = [detailAnswer];
	return [
		{
			method: "GET",
			path,
			id: `${entity}.detail.get`,
			tag,
			summary: `Read one detail of ${of}`,
			scope: readScopes[entity],
			query,
			answers,
			handle: (call) => get(call, entity),
		},
		{
			method: "PUT",
			path,
			id: `${entity}.detail.set`,
			tag,
			summary: `Set one detail of ${of}`,
			description:
				"At once, beside the queue; every other detail stays as it is. A field that does not exist is made as a text field, unless the site is set to refuse it.",
			scope: operationOf(entity, "details").writeScope,
			query,
			bodies: [detailBody],
			answers,
			problems: ["stale"],
			handle: (call) => set(call, entity),
		},
	];
}

async function get(call: Call, entity: Entity): Promise<Reply> {
	const name = fieldNameOf(call);
	const [record, fields] = await Promise.all([readOne(call, entity), fieldsOf(call, entity)]);
	return answer(record, fields, name);
}

async function set(call: Call, entity: Entity): Promise<Reply> {
	const name = fieldNameOf(call);
	const body = readJsonObject(call.body);
	refuseUnknownKeys(body, ["values", "sourceUpdatedAt"]);
	const { sourceUpdatedAt, values } = body;
	if (values === undefined) {
		throw new ProblemError(
			"invalid_request",
			"values is missing; a list is expected. Nothing was saved; an empty list clears the field.",
		);
	}
	const { record, fields } = await writeRecord(call, {
		operation: operationOf(entity, "details"),
		id: idOfPath(call, entity),
		fields: {
			details: [{ name, values }],
			...(sourceUpdatedAt === undefined ? {} : { sourceUpdatedAt }),
		},
		// The name of the field stands in the query.
		pointerOf: (pointer) => pointer.replace(/^\/details\/0(\/name$)?/, ""),
	});
	return answer(record, fields, name);
}

export function fieldNameOf(call: Call): string {
	const name = call.query.text("fieldName");
	if (name !== undefined && name.trim() !== "") return name;
	throw new ProblemError(
		"invalid_request",
		`The query parameter fieldName is ${name === undefined ? "missing" : "blank"}; it names the detail field, by name or id.`,
	);
}

/** The field of that name or id, with the values of a record. */
export function answer(
	{ details }: Pick<ReadRecord, "details">,
	fields: readonly DetailField[],
	name: string,
): Reply {
	const field = new FieldSet(fields).find(name);
	if (field === undefined) throw notFound();
	return { status: 200, body: detailOf(field, fields.indexOf(field), details) };
}
