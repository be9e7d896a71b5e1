import type { Entity } from "@muster/client/contract";
import type { DetailCondition } from "../domain/detail-condition.ts";
import type { RecordSearch } from "../domain/record-search.ts";
import { caselessPattern, spellingsOf } from "./caseless-pattern.ts";
import type { Parameters } from "./parameters.ts";

/**
 * What a search asks of a row, as conditions on a row named `record`; none where it asks nothing. Which organization a
 * customer belongs to is not among them: members are found by their own index.
 */
export function conditionsOf(entity: Entity, search: RecordSearch, parameters: Parameters): string[] {
	const conditions = search.words.map((word) => holds(entity, word, parameters));
	if (search.keyPrefix !== undefined) {
		conditions.push(keyBegins(entity, search.keyPrefix, parameters));
	}
	if (search.displayNamePrefix !== undefined) {
		conditions.push(textHolds("record.display_name", search.displayNamePrefix, "", parameters));
	}
	if (search.changedSince !== undefined) {
		conditions.push(`record.updated_at >= ${parameters.add(search.changedSince, "timestamptz")}`);
	}
	for (const condition of search.conditions) {
		if (!isRangeOfNumbers(condition)) conditions.push(detailHolds(condition, parameters));
	}
	return [...conditions, ...numbersBetween(search.conditions.filter(isRangeOfNumbers), parameters)];
}

/** A key is compared as bytes, so all that begins with a prefix lies between it and it with the last character. */
export function keyBegins(entity: Entity, prefix: string, parameters: Parameters): string {
	const key = entity === "customer" ? "record.email_key" : "record.name_key";
	const text = parameters.add(prefix, "text");
	return `${key} >= ${text} and ${key} < ${text} || chr(1114111)`;
}

/** A customer's email and name are looked through as one text: no word holds the blank between them. */
function holds(entity: Entity, word: string, parameters: Parameters): string {
	if (entity === "organization")
		return `record.name_key like ${parameters.add(`%${escaped(word)}%`, "text")}`;
	return textHolds("(record.email || ' ' || record.display_name)", word, "%", parameters);
}

/**
 * Lowering A to Z is several times as fast as lowering by Unicode, and reads the same in every locale. What is beyond ASCII
 * is left open there, and looked for by a pattern of its own in those texts alone that have the rest: a pattern costs twice
 * as much, and PostgreSQL would begin with it.
 * @param before "%", or "" where the text has to begin with it
 */
function textHolds(text: string, sought: string, before: "%" | "", parameters: Parameters): string {
	const isAscii = !/[^\0-\x7f]/.test(sought);
	const ascii = escaped(sought).replace(/[^\0-\x7f]+/g, "%");
	const hasAscii = /[^%]/.test(ascii);
	const rough = hasAscii
		? `lower(${text} collate "C") like ${parameters.add(`${before}${ascii}%`, "text")}`
		: `${text} collate "C" like any(${parameters.add(
				spellingsOf(Array.from(sought)[0] ?? "").map((letter) => `${before}${letter}%`),
				"text[]",
			)})`;
	if (isAscii) return rough;
	const pattern = `${before === "" ? "^" : ""}${caselessPattern(sought)}`;
	return `case when ${rough} then ${text} collate "C" ~ ${parameters.add(pattern, "text")} else false end`;
}

function escaped(text: string): string {
	return text.replace(/[\\%_]/g, "\\$&");
}

function detailHolds(condition: DetailCondition, parameters: Parameters): string {
	const field = parameters.add(condition.field.id, "text");
	const value = `record.details ->> ${field}`;
	const isList = condition.field.type === "MULTISELECT";
	const isNumber = condition.field.type === "NUMBER";
	switch (condition.kind) {
		case "oneOf": {
			const values = condition.values.filter((each) => each !== null);
			const ways: string[] = [];
			if (values.length < condition.values.length) ways.push(`not record.details ? ${field}`);
			if (values.length > 0 && isList) {
				ways.push(`record.details -> ${field} ?| ${parameters.add(values, "text[]")}`);
			} else if (values.length > 0) {
				const list = parameters.add(values, isNumber ? "numeric[]" : "text[]");
				ways.push(`${isNumber ? numberOf(value) : `(${value})`} = any(${list})`);
			}
			return `(${ways.join(" or ")})`;
		}
		case "not": {
			if (condition.value === null) return `record.details ? ${field}`;
			const other = parameters.add(condition.value, isNumber ? "numeric" : "text");
			if (isList) return `(record.details -> ${field} ? ${other}) is not true`;
			return `${isNumber ? numberOf(value) : `(${value})`} is distinct from ${other}`;
		}
		case "range": {
			// Days of four-digit years sort as texts do, byte by byte.
			return `(${value}) collate "C" ${condition.operator} ${parameters.add(condition.value, "text")}`;
		}
	}
}

type RangeCondition = Extract<DetailCondition, { readonly kind: "range" }>;

function isRangeOfNumbers(condition: DetailCondition): condition is RangeCondition {
	return condition.kind === "range" && condition.field.type === "NUMBER";
}

/** The ranges of one field as one, so that each record's number is read once: that is what they cost. */
function numbersBetween(conditions: readonly RangeCondition[], parameters: Parameters): string[] {
	const byField = Map.groupBy(conditions, ({ field }) => field.id);
	return [...byField].map(([fieldId, ranges]) => {
		const allowed = ranges.map(({ operator, value }) => {
			const number = parameters.add(value, "numeric");
			if (operator === ">") return `numrange(${number}, null, '()')`;
			if (operator === ">=") return `numrange(${number}, null, '[)')`;
			return `numrange(null, ${number}, '${operator === "<" ? "()" : "(]"}')`;
		});
		const value = numberOf(`record.details ->> ${parameters.add(fieldId, "text")}`);
		return `${value} <@ (${allowed.join(" * ")})`;
	});
}

function numberOf(value: string): string {
	return `muster.number_of(${value})`;
}
