import type { Entity } from "@muster/client/contract";
import { Type } from "@muster/client/contract";
import type { TArray, TOptional, TString } from "typebox";
import { readFilters } from "../domain/detail-condition.ts";
import type { DetailField } from "../domain/detail-value.ts";
import { FieldSet } from "../domain/field-set.ts";
import { nameKey } from "../domain/name.ts";
import { readOrganizationId } from "../domain/record.ts";
import { type RecordSearch, searchWordsMax, wordsOf } from "../domain/record-search.ts";
import { nameCharactersMax } from "../domain/text.ts";
import { ProblemError } from "./problem-error.ts";
import { invalidParameter, type Query } from "./query.ts";

/** Most filters in one request: more than a person writes, and few enough to judge every record by. */
const filtersMax = 20;

type SearchParameters = Record<string, TOptional<TString> | TOptional<TArray<TString>>>;

/** The query parameters by which customers or organizations are sought, in lists and in exports. */
export function searchParameters(entity: Entity): SearchParameters {
	const isCustomer = entity === "customer";
	return {
		search: Type.Optional(
			Type.String({
				maxLength: nameCharactersMax,
				description: `Words that stand in the ${isCustomer ? "email or display name" : "name"}, each as a whole, a beginning or a part, in any case and any order`,
				examples: [isCustomer ? "jane smi" : "acme"],
			}),
		),
		...(isCustomer ? { email: Type.Optional(Type.String({ description: "Beginning of the email" })) } : {}),
		name: Type.Optional(
			Type.String({ description: `Beginning of the ${isCustomer ? "display " : ""}name, in any case` }),
		),
		...(isCustomer
			? {
					organization: Type.Optional(Type.String({ description: "Id of an organization that they are in" })),
				}
			: {}),
		changedSince: Type.Optional(
			Type.String({
				description:
					"Written at that moment or later: a date, or a date-time with its offset (`%2B` for the plus)",
				examples: ["2026-11-24T09:30:00Z"],
			}),
		),
		filter: Type.Optional(
			Type.Array(Type.String(), {
				maxItems: filtersMax,
				description:
					"A detail field by id or name, an operator and a value: `tier=Gold`, `tier!=Gold`, `notes=` (empty), `notes!=` (not empty); NUMBER and DATE also with `<` `<=` `>` `>=`. All have to hold, but several `=` of one field are alternatives. A MULTISELECT is compared with each of its options.",
				examples: [["tier=Gold"]],
			}),
		),
	};
}

/** @param fields those of the entity @throws ProblemError that names the parameter, the value and what is allowed */
export function readSearch(query: Query, entity: Entity, fields: readonly DetailField[]): RecordSearch {
	const email = readKey(query.text("email")?.trim().normalize("NFC").toLowerCase());
	const name = readKey(nameKey(query.text("name") ?? ""));
	const keyPrefix = entity === "customer" ? email : name;
	const organizationId = readOrganization(query);
	const changedSince = readMoment(query);
	return {
		words: readWords(query),
		...(keyPrefix === undefined ? {} : { keyPrefix }),
		...(entity === "customer" && name !== undefined ? { displayNamePrefix: name } : {}),
		...(organizationId === undefined ? {} : { organizationId }),
		...(changedSince === undefined ? {} : { changedSince }),
		conditions: readConditions(query, fields),
	};
}

/** A blank one asks nothing. */
function readKey(key: string | undefined): string | undefined {
	return key === "" ? undefined : key;
}

function readWords(query: Query): readonly string[] {
	const text = query.text("search") ?? "";
	const words = text.length > nameCharactersMax ? null : wordsOf(text);
	if (words !== null && words.length <= searchWordsMax) return words;
	throw invalidParameter(
		"search",
		text,
		`up to ${searchWordsMax} words in ${nameCharactersMax} characters are allowed`,
	);
}

function readOrganization(query: Query): string | undefined {
	const text = query.text("organization");
	if (text === undefined) return undefined;
	const id = readOrganizationId(text);
	if (id === null) throw invalidParameter("organization", text, "an organization's id, a number, is allowed");
	return id;
}

const momentForm = /^(\d{4}-\d{2}-\d{2})(?:T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2}))?$/;

function readMoment(query: Query): Date | undefined {
	const text = query.text("changedSince");
	if (text === undefined) return undefined;
	const day = momentForm.exec(text)?.[1];
	const moment = new Date(text);
	// A day that its month does not have would become one of the next.
	const isDay = day !== undefined && new Date(day).getUTCDate() === Number(day.slice(-2));
	if (isDay && !Number.isNaN(moment.getTime())) return moment;
	throw invalidParameter(
		"changedSince",
		text,
		"a date or a date-time with its offset is allowed, such as 2026-12-31 or 2026-12-31T23:59:59Z (a plus is written %2B)",
	);
}

function readConditions(query: Query, fields: readonly DetailField[]): RecordSearch["conditions"] {
	const texts = query.texts("filter");
	if (texts.length > filtersMax) {
		throw new ProblemError(
			"invalid_request",
			`The query parameter filter came ${texts.length} times; ${filtersMax} are allowed.`,
		);
	}
	const conditions = readFilters(texts, new FieldSet(fields));
	if (!("trouble" in conditions)) return conditions;
	throw new ProblemError("invalid_request", `The query parameter filter is ${conditions.trouble}.`);
}
