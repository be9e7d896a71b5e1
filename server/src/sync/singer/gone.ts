import type { BulkResult, MusterClient, OperationName } from "@muster/client";
import type { Entity } from "@muster/client/contract";
import { keyOfName } from "@muster/client/import";

/**
 * Records are kept with the version of their stream. A tap that reads whole tables gives each reading a new version, and says
 * by ACTIVATE_VERSION that those of all others are gone. (singer-python, ActivateVersionMessage)
 */
export interface GoneRecords {
	readonly way: (typeof goneWays)[number];
	/** Names of the two detail fields. */
	readonly versionField: string;
	readonly statusField: string;
}

export const goneWays = ["mark", "delete"] as const;

/** Columns of a record that are made here. Taps have none that begin so. */
const versionColumn = "_sdc_table_version";
const statusColumn = "_sdc_status";

/** What a mapping says of the columns that are made here. */
export function ownMapping({ versionField, statusField }: GoneRecords): Readonly<Record<string, object>> {
	return {
		[versionColumn]: { detail: versionField, type: "TEXT" },
		[statusColumn]: { detail: statusField, type: "SELECT", options: ["active", "gone"] },
	};
}

/** Without a version a record has none of them. */
export function ownColumns(version: string | null): Readonly<Record<string, string>> {
	return version === null ? {} : { [versionColumn]: version, [statusColumn]: "active" };
}

export function isOwnColumn(column: string): boolean {
	return column === versionColumn || column === statusColumn;
}

/** Sends a bulk operation; the last argument names it. */
export type RunBulk = <Row>(
	operation: OperationName,
	rows: readonly Row[],
	toItem: (row: Row) => object,
	part: string,
) => AsyncGenerator<BulkResult<Row>, void>;

/**
 * Marks or deletes the records of a stream that are of another version. All records of the site are looked at, because there
 * may be ever so many versions.
 * @returns how many
 */
export async function removeOthers(
	entity: Entity,
	{ way, versionField, statusField }: GoneRecords,
	version: string,
	{ client, run }: { readonly client: MusterClient; readonly run: RunBulk },
): Promise<number> {
	const fields = await client.detailFields(entity);
	const idOf = (name: string): string | undefined =>
		fields.find((field) => keyOfName(field.name) === keyOfName(name))?.id;
	const [versionId, statusId] = [idOf(versionField), idOf(statusField)];
	// A tap's first reading is activated before its first record.
	if (versionId === undefined || statusId === undefined) return 0;
	const gone: string[] = [];
	for await (const profile of entity === "customer" ? client.customers() : client.organizations()) {
		const { [versionId]: own, [statusId]: status } = profile.details;
		if (own === undefined || String(own) === version || (way === "mark" && status === "gone")) continue;
		gone.push("customerId" in profile ? profile.customerId : profile.id);
	}
	let count = 0;
	if (way === "delete") {
		for (const id of gone) if (await client.deleteRecord(entity, id)) count += 1;
		return count;
	}
	const toItem = (id: string): object => ({
		[entity === "customer" ? "customerId" : "id"]: id,
		details: [{ name: statusField, operation: "UPDATE", value: "gone" }],
	});
	const results = run(`${entity}.details`, gone, toItem, `${statusField} ${version}`);
	for await (const { outcome } of results) if (outcome === "updated") count += 1;
	return count;
}
