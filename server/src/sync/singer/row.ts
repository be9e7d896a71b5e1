import { joinList } from "@muster/client/contract";
import { type FilePlan, isDetail, itemOfRow, organizationsOf } from "@muster/client/import";
import { type GoneRecords, ownColumns } from "./gone.ts";
import { objectOf, textOf } from "./message.ts";

/** What becomes of the records of a stream. */
export interface StreamPlan {
	readonly plan: FilePlan;
	/**
	 * A column that holds what an organization is known by in another program, and the detail field of organizations that
	 * holds the same.
	 */
	readonly organizationBy: { readonly column: string; readonly field: string } | null;
	/** What becomes of records that are no longer in the tap's newest version of the stream; null: they stay as they are. */
	readonly gone: GoneRecords | null;
}

/** A record, ready to be sent. */
export interface StreamRow {
	readonly stream: StreamPlan;
	/** "users:17": its stream, and its line of the input, from 1. */
	readonly ref: string;
	readonly item: Readonly<Record<string, unknown>>;
	/** Names of organizations that it is in. */
	readonly organizations: readonly string[];
	/** By what it names another organization; null where it does not. */
	readonly organizationKey: string | null;
}

/** @param sent of a RECORD */
export function rowOf(
	stream: StreamPlan,
	sent: { readonly record: Readonly<Record<string, unknown>>; readonly version: string | null },
	ref: string,
): StreamRow {
	const { plan, organizationBy, gone } = stream;
	const record = gone === null ? sent.record : { ...sent.record, ...ownColumns(sent.version) };
	const values = plan.columns.map(({ column }) => valueAt(record, column));
	const cells = values.map((value) => value ?? "");
	const item = itemOfRow(plan, cells, { dialect: "guide", ref }) as Readonly<Record<string, unknown>>;
	// What is there and empty is cleared; what is not there stays as it is.
	const cleared = plan.columns.flatMap(({ target }, place) =>
		isDetail(target) && values[place] === "" ? [[target.detail, null] as const] : [],
	);
	const details = { ...objectOf(item.details), ...Object.fromEntries(cleared) };
	const key = organizationBy === null ? "" : (valueAt(record, organizationBy.column) ?? "");
	return {
		stream,
		ref,
		item: Object.keys(details).length === 0 ? item : { ...item, details },
		organizations: plan.entity === "customer" ? organizationsOf(plan, cells) : [],
		organizationKey: key === "" ? null : key,
	};
}

/** The column that a JSON Pointer into an item leads to. */
export function columnAt({ stream }: StreamRow, pointer: string): string | null {
	const [, key = "", name = ""] = pointer
		.split("/")
		.map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
	const isMeant = ({ target }: StreamPlan["plan"]["columns"][number]): boolean =>
		isDetail(target) ? key === "details" && target.detail === name : target === key;
	return stream.plan.columns.find(isMeant)?.column ?? (key === "" ? null : key);
}

/** `a`, `a.b` of an object in it, `a[]` of a list; undefined where the record has none. */
function valueAt(record: Readonly<Record<string, unknown>>, column: string): string | undefined {
	if (Object.hasOwn(record, column)) return cellOf(record[column]);
	const plain = column.replace(/\[\]$/, "");
	if (Object.hasOwn(record, plain)) return cellOf(record[plain]);
	const dot = plain.indexOf(".");
	if (dot < 0) return undefined;
	const inner = record[plain.slice(0, dot)];
	if (inner === null) return "";
	const object = objectOf(inner);
	return object === null ? undefined : valueAt(object, plain.slice(dot + 1));
}

function cellOf(value: unknown): string {
	return (Array.isArray(value) ? joinList(value.map(textOf)) : textOf(value)).trim();
}
