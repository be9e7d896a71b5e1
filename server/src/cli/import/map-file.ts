import { readFile } from "node:fs/promises";
import { type DetailFieldType, detailFieldTypes, type Entity } from "@muster/client/contract";
import {
	type ColumnPlan,
	customerTargets,
	type DateOrder,
	type DetailTarget,
	dateOrders,
	type FilePlan,
	isDetail,
	organizationTargets,
	type RecordTarget,
	type Target,
	troubleWith,
} from "@muster/client/import";
import { Document, isMap, parse } from "yaml";
import { UserError } from "../user-error.ts";
import type { Columns } from "./analyse.ts";
import type { FieldsOf } from "./prepare.ts";
import type { Source } from "./source.ts";

/** Where a long line of the mapping is folded, in characters. */
const lineWidth = 110;

/** A plan as a text that a person can edit. */
export function writeMap(file: string, plan: FilePlan): string {
	const targets: readonly string[] = plan.entity === "customer" ? customerTargets : organizationTargets;
	const columns = Object.fromEntries(plan.columns.map(({ column, target }) => [column, written(target)]));
	const document = new Document({ records: `${plan.entity}s`, columns });
	document.commentBefore = [
		` What the columns of ${file} become. Edit it, then: muster import ${file} --map THIS_FILE`,
		` A column is one of ${targets.join(", ")},`,
		" or a detail field: { detail: NAME, type: TYPE }, with `options` where it is a SELECT and `dates` (dmy, mdy or ymd)",
		` where it is a DATE. The types are ${detailFieldTypes.join(", ")}.`,
	].join("\n");
	const node = document.get("columns");
	if (isMap(node)) {
		for (const [place, pair] of node.items.entries()) {
			const { confidence = 1, target = "skip" } = plan.columns[place] ?? {};
			const value = pair.value as { comment?: string; flow?: boolean };
			value.flow = true;
			value.comment = ` ${Math.round(confidence * 100)}% sure${isDetail(target) && !target.isKnown ? ", a new field" : ""}`;
		}
	}
	return document.toString({ lineWidth });
}

function written(target: Target): unknown {
	if (!isDetail(target)) return target;
	const { detail, type, options, dates } = target;
	return {
		detail,
		type,
		...(options.length === 0 ? {} : { options }),
		...(dates === null ? {} : { dates }),
	};
}

/** @throws UserError that says what of the mapping cannot be used */
export async function readMap(
	path: string,
	source: Source,
	{ names }: Columns,
	fields: FieldsOf,
): Promise<FilePlan> {
	const wrong = wrongIn(path);
	const sent = await readYaml(path);
	const foreign = Object.keys(objectOf(sent.columns)).find((column) => !names.includes(column));
	if (foreign !== undefined) {
		throw wrong(`${source.name} has no column ${JSON.stringify(foreign)}; it has ${names.join(", ")}.`);
	}
	return planOf(sent, names, fields, wrong);
}

/** A mapping as an object. @throws UserError */
export async function readYaml(path: string): Promise<Readonly<Record<string, unknown>>> {
	const wrong = wrongIn(path);
	const text = await readFile(path, "utf8").catch((error: unknown) => {
		throw wrong(`it cannot be read: ${String(error)}`);
	});
	return objectOf(parseOr(text, wrong));
}

export function wrongIn(path: string): (what: string) => UserError {
	return (what) => new UserError(`the mapping ${path}: ${what}`);
}

/** Reads `records` and `columns`. @param names of the columns that there are; those that the mapping does not name are left out */
export function planOf(
	{ records, columns }: Readonly<Record<string, unknown>>,
	names: readonly string[],
	fields: FieldsOf,
	wrong: (what: string) => UserError,
): FilePlan {
	if (records !== "customers" && records !== "organizations") {
		throw wrong(`\`records\` is ${JSON.stringify(records)}; customers or organizations is expected.`);
	}
	const entity: Entity = records === "customers" ? "customer" : "organization";
	const sent = objectOf(columns);
	const plan: FilePlan = {
		entity,
		columns: names.map((column): ColumnPlan => {
			const target = targetOf(entity, sent[column] ?? "skip", fields);
			if (target instanceof Error) throw wrong(`column ${JSON.stringify(column)}: ${target.message}`);
			return { column, target, confidence: 1 };
		}),
	};
	const trouble = troubleWith(plan);
	if (trouble !== null) throw wrong(trouble);
	return plan;
}

function parseOr(text: string, wrong: (what: string) => UserError): unknown {
	try {
		return parse(text);
	} catch (error) {
		throw wrong(`it is no YAML: ${error instanceof Error ? error.message : String(error)}`);
	}
}

export function objectOf(value: unknown): Readonly<Record<string, unknown>> {
	return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function targetOf(entity: Entity, sent: unknown, fields: FieldsOf): Target | Error {
	const targets: readonly string[] = entity === "customer" ? customerTargets : organizationTargets;
	if (typeof sent === "string") {
		if (targets.includes(sent)) return sent as RecordTarget;
		return new Error(
			`${JSON.stringify(sent)} is none of ${targets.join(", ")}; a detail field is written { detail: ${sent} }.`,
		);
	}
	const { detail, type = "TEXT", options = [], dates = "ymd" } = objectOf(sent);
	if (typeof detail !== "string" || detail.trim() === "") return new Error("`detail` is missing.");
	if (!detailFieldTypes.includes(type as DetailFieldType)) {
		return new Error(`${JSON.stringify(type)} is no type; there are ${detailFieldTypes.join(", ")}.`);
	}
	if (!dateOrders.includes(dates as DateOrder)) return new Error("`dates` is dmy, mdy or ymd.");
	const known = fields[entity].find(({ name }) => name.toLowerCase() === detail.trim().toLowerCase());
	const finalType = known?.type.name ?? (type as DetailFieldType);
	return {
		detail: known?.name ?? detail.trim(),
		type: finalType,
		options: known?.type.options ?? (Array.isArray(options) ? options.map(String) : []),
		isKnown: known !== undefined,
		dates: finalType === "DATE" ? (dates as DateOrder) : null,
	} satisfies DetailTarget;
}
