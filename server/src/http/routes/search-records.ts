import { DetailSearch, type Entity, readScopes, Type } from "@muster/client/contract";
import type { TSchema } from "typebox";
import { type DetailCondition, isComparable } from "../../domain/detail-condition.ts";
import { type DetailField, readDetailValue } from "../../domain/detail-value.ts";
import { type Fault, pointerTo, show } from "../../domain/fault.ts";
import { FieldSet } from "../../domain/field-set.ts";
import { isJsonObject } from "../../domain/json.ts";
import { nearest } from "../../domain/nearest.ts";
import { listDetailFields } from "../../store/detail-fields.ts";
import { readAtOneMoment } from "../../store/read-at-one-moment.ts";
import { searchByDetail } from "../../store/search-by-detail.ts";
import { messageOf } from "../dialects/dialect.ts";
import { errorOf } from "../dialects/guide.ts";
import { ProblemError } from "../problem-error.ts";
import { readJsonObject, refuseUnknownKeys } from "../read-json.ts";
import { profiles, readInOrder } from "../read-record.ts";
import { recordSchemas } from "../record-schemas.ts";
import type { Call, Reply, Route } from "../route.ts";

/** Most fields of one search, and most values over all of them. */
const criteriaMax = 10;
const valuesMax = 100;

const resultsMax = 100;
const resultsDefault = 50;
/** Pages are counted off from the front, so that far ones cost more; whoever wants all records lists them by cursor. */
const pageMax = 10_000;

/** Finding records by the values of their details, as the reference does: the same route for both entities. */
export const searchRecordRoutes: readonly Route[] = (["customer", "organization"] as const).map(searchRoute);

function searchRoute(entity: Entity): Route {
	const { guide, reference } = recordSchemas[entity];
	const pageWith = (shown: TSchema): TSchema =>
		Type.Object({
			results: Type.Array(shown),
			page: Type.Integer({ minimum: 0 }),
			maxResults: Type.Integer({ minimum: 1 }),
			nextPage: Type.Optional(Type.Integer({ minimum: 1, description: "Absent on the last page" })),
		});
	return {
		method: "POST",
		path: `${entity}/search-by-detail-field`,
		id: `${entity}.searchByDetailField`,
		tag: entity === "customer" ? "Customers" : "Organizations",
		summary: `Find ${entity}s by the values of their details`,
		description: `Those that have one of the values; with \`detailFields\`, one of each field's. Values are compared as they are stored: a SELECT in any case, a text to the letter, a number by what it is worth (5 is 5.0). In the order in which the ${entity}s were created.`,
		scope: readScopes[entity],
		query: Type.Object({
			page: Type.Optional(
				Type.Integer({ minimum: 0, maximum: pageMax, default: 0, description: "Counted from 0" }),
			),
			maxResults: Type.Optional(Type.Integer({ minimum: 1, maximum: resultsMax, default: resultsDefault })),
		}),
		bodies: [{ name: "search", schema: DetailSearch, example: { name: "Plan", values: ["Premium"] } }],
		answers: [
			{
				status: 200,
				description: `A page of ${entity}s`,
				guide: pageWith(guide),
				reference: pageWith(reference),
			},
		],
		handle: (call) => search(call, entity),
	};
}

async function search(call: Call, entity: Entity): Promise<Reply> {
	const page = call.query.integer("page", 0, pageMax) ?? 0;
	const maxResults = call.query.integer("maxResults", 1, resultsMax) ?? resultsDefault;
	const asked = readSearch(readJsonObject(call.body));
	const { siteId } = call.principal;
	const { found, hasMore } = await call.services.database.inSite(
		siteId,
		async (transaction) => {
			await readAtOneMoment(transaction);
			const fields = new FieldSet(await listDetailFields(transaction, siteId, entity));
			const ids = await searchByDetail(transaction, siteId, entity, conditionsOf(asked, fields), {
				// One more than asked for tells whether there is a further page.
				limit: maxResults + 1,
				offset: page * maxResults,
			});
			const found = await readInOrder(transaction, siteId, entity, ids.slice(0, maxResults));
			return { found, hasMore: ids.length > maxResults };
		},
		{ readOnly: true, byKey: true },
	);
	return profiles(call, entity, found, (results) => ({
		results,
		page,
		maxResults,
		...(hasMore ? { nextPage: page + 1 } : {}),
	}));
}

/** A field as named, its values as sent, and where each stands in the body. */
interface Asked {
	readonly name: string;
	readonly pointer: string;
	readonly values: readonly { readonly sent: unknown; readonly pointer: string }[];
}

/** `{name, values}`, or `{detailFields: [{name, value}]}` as live clients send. */
function readSearch(body: Record<string, unknown>): readonly Asked[] {
	refuseUnknownKeys(body, ["name", "values", "detailFields"]);
	const { detailFields, ...single } = body;
	const isSingle = Object.keys(single).length > 0;
	if (detailFields !== undefined && isSingle) throw invalid("Send either name and values or detailFields.");
	if (detailFields === undefined) return [readAsked(single, "")];
	if (!Array.isArray(detailFields) || detailFields.length === 0 || detailFields.length > criteriaMax) {
		const seen = Array.isArray(detailFields) ? `a list of ${detailFields.length}` : show(detailFields);
		throw invalid(`detailFields is ${seen}; a list of 1 to ${criteriaMax} fields with values is expected.`);
	}
	return detailFields.map((each: unknown, place) => readAsked(each, `/detailFields/${place}`));
}

function readAsked(value: unknown, pointer: string): Asked {
	if (!isJsonObject(value)) throw invalid(`${pointer} is ${show(value)}; a name with values is expected.`);
	refuseUnknownKeys(value, ["name", "value", "values"]);
	const { name, value: one, values = one } = value;
	const valuesAt = pointerTo(pointer, "values" in value ? "values" : "value");
	if (typeof name !== "string") {
		throw invalid(`${pointer}/name is ${show(name)}; the name of a detail field is expected.`);
	}
	const listed = Array.isArray(values)
		? values.map((sent: unknown, place) => ({ sent, pointer: pointerTo(valuesAt, place) }))
		: values === undefined
			? []
			: [{ sent: values, pointer: valuesAt }];
	if (listed.length === 0 || listed.length > valuesMax) {
		throw invalid(`${pointer}/values has ${listed.length} values; 1 to ${valuesMax} are expected.`);
	}
	return { name, pointer: pointerTo(pointer, "name"), values: listed };
}

/** One of the values, as they would be stored, of each field. @throws ProblemError that names every field and value at fault */
function conditionsOf(asked: readonly Asked[], fields: FieldSet): DetailCondition[] {
	const faults: Fault[] = [];
	const conditions = asked.flatMap((each): DetailCondition[] => {
		const field = fields.find(each.name);
		if (field !== undefined) return [{ field, kind: "oneOf", values: valuesOf(each, field, faults) }];
		const near = nearest(each.name, fields.names());
		faults.push({
			code: "unknown_detail_field",
			pointer: each.pointer,
			message: `Invalid detail field: there is no field ${show(each.name)}.`,
			...(near === null ? {} : { hint: `Did you mean ${show(near)}?` }),
		});
		return [];
	});
	if (faults.length === 0) return conditions;
	throw new ProblemError("invalid_request", messageOf(faults), { errors: faults.map(errorOf) });
}

function valuesOf({ values }: Asked, field: DetailField, faults: Fault[]): string[] {
	return values.flatMap(({ sent, pointer }) => {
		const read = readDetailValue(field, sent, pointer);
		if ("code" in read) {
			faults.push(read);
			return [];
		}
		const texts = read.value === null ? [] : [read.value].flat();
		let trouble: string | null = null;
		if (texts.length === 0) trouble = `it is blank, and no ${show(field.name)} is stored blank`;
		else if (!texts.every((text) => isComparable(field, text))) {
			trouble = `${show(sent)} has an exponent of more than four digits, and no search compares that`;
		}
		if (trouble === null) return texts;
		faults.push({
			code: "invalid_detail_value",
			pointer,
			message: `Invalid detail field value for ${show(field.name)}: ${trouble}.`,
		});
		return [];
	});
}

function invalid(detail: string): ProblemError {
	return new ProblemError("invalid_request", detail);
}
