import type { BulkResult, Change, MusterClient, OperationName } from "@muster/client";
import type { Entity } from "@muster/client/contract";
import type { Tally } from "../tally.ts";
import type { HubSpotApi, Kind } from "./api.ts";
import type { FieldPlan } from "./fields.ts";
import { fieldAt, type SyncItem } from "./item.ts";
import type { KnownRecords } from "./known.ts";

/** What happens to a record that is archived in HubSpot, or was merged into another one there. */
export const goneWays = ["mark", "delete", "leave"] as const;
export type GoneWay = (typeof goneWays)[number];

export interface SyncSettings {
	/** Property names, each with the field's name behind a = or without; null takes the usual ones. */
	readonly properties: Readonly<Record<Kind, readonly string[] | null>>;
	readonly archived: GoneWay;
	readonly merged: GoneWay;
}

/** What all steps of a run work with. */
export interface SyncContext {
	readonly client: MusterClient;
	readonly api: HubSpotApi;
	readonly known: KnownRecords;
	readonly tally: Tally;
	readonly settings: SyncSettings;
	readonly fields: Readonly<Record<Kind, readonly FieldPlan[]>>;
	/** Names the run: keys of submissions are made from it. */
	readonly runName: string;
	readonly dryRun: boolean;
	readonly signal: AbortSignal;
	/** Told of each record, when it is known what became of it. */
	readonly onEnd: (end: RecordEnd) => void;
}

export interface RecordEnd {
	/** "contact 4711" */
	readonly record: string;
	readonly outcome: BulkResult<never>["outcome"];
	readonly changes: readonly Change[];
}

/** Where in a run something is sent, so that sent again it is the task that it was. */
export interface Place {
	/** Of the page: where it begins. */
	readonly name: string;
	/** Whether records of the page may be here already; else they are not looked for. */
	readonly mayBeKnown: boolean;
}

const singular: Readonly<Record<Kind, string>> = { contacts: "contact", companies: "company" };

export function recordName(kind: Kind, id: string): string {
	return `${singular[kind]} ${id}`;
}

/** A bulk operation under the name of the run and of its place in it. */
export function runBulk<Row>(
	{ client, dryRun, runName, signal }: SyncContext,
	operation: OperationName,
	rows: readonly Row[],
	name: string,
	toItem: (row: Row) => object,
): AsyncGenerator<BulkResult<Row>, void> {
	return client.bulk(operation).run(rows, {
		toItem,
		name: `${runName} ${name}`,
		source: "sync-hubspot",
		dryRun,
		withIds: operation.startsWith("org"),
		signal,
	});
}

/** Counts what became of a record, and tells why where it failed. */
export function countResult(
	{ tally, onEnd }: SyncContext,
	kind: Kind,
	entity: Entity,
	{ row, outcome, errors = [], changes = [] }: BulkResult<{ readonly item: SyncItem }>,
): void {
	const record = recordName(kind, row.item.clientRef);
	// The service is a Muster, which tells each outcome.
	tally.count(entity, outcome === "succeeded" ? "updated" : outcome);
	if (outcome === "failed") {
		for (const { code, pointer } of errors) tally.fault({ record, code, field: fieldAt(row.item, pointer) });
	}
	onEnd({ record, outcome, changes });
}

/** Tells of values that were left out, so that the rest of their record was not. */
export function tellLeftOut({ tally }: SyncContext, record: string, properties: readonly string[]): void {
	for (const field of properties) tally.fault({ record, code: "invalid_detail_value", field });
}
