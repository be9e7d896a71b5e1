import { entityOf, type HubSpotRecord, type Kind } from "./api.ts";
import { recordName, runBulk, type SyncContext } from "./context.ts";
import { type RecordStatus, statusField } from "./fields.ts";
import { mergedIdsOf } from "./item.ts";
import type { KnownRecord } from "./known.ts";

/** Does with records what it does with those that are gone, that were merged into others and do not go on as those. */
export async function markMerged(
	context: SyncContext,
	kind: Kind,
	records: readonly HubSpotRecord[],
	known: ReadonlyMap<string, KnownRecord>,
	name: string,
): Promise<void> {
	const going = new Set([...known.values()].map(({ hubspotId }) => hubspotId));
	const ids = records.flatMap(mergedIdsOf).filter((id) => !going.has(id));
	await markGone(context, kind, ids, "merged", name);
}

/**
 * Does with records that are gone in HubSpot what the settings say: marks them, deletes them, or leaves them. Those that
 * never came here are none of them.
 */
export async function markGone(
	context: SyncContext,
	kind: Kind,
	hubspotIds: readonly string[],
	status: Exclude<RecordStatus, "active">,
	name: string,
): Promise<void> {
	const { client, dryRun, settings, tally, signal, onEnd } = context;
	const way = settings[status];
	if (way === "leave" || hubspotIds.length === 0) return;
	const entity = entityOf[kind];
	const found = [...(await context.known.find(entity, hubspotIds)).values()];
	// A record that was merged into another one is archived too, and what it was merged into says more.
	const gone = found.filter((record) => record.status !== status && record.status !== "merged");
	if (way === "delete") {
		for (const { id, hubspotId } of found) {
			if (!dryRun && (await client.deleteRecord(entity, id, { signal }))) tally.add("deleted");
			if (dryRun) onEnd(deletionOf(recordName(kind, hubspotId)));
		}
		return;
	}
	const toItem = ({ id }: { readonly id: string }): object => ({
		[entity === "customer" ? "customerId" : "id"]: id,
		details: [{ name: statusField, operation: "UPDATE", value: status }],
	});
	const results = runBulk(context, `${entity}.details`, gone, `${name} ${status}`, toItem);
	for await (const { row, outcome, changes = [], errors = [] } of results) {
		const record = recordName(kind, row.hubspotId);
		if (outcome === "updated") tally.add(status);
		for (const { code } of errors) tally.fault({ record, code, field: statusField });
		onEnd({ record, outcome, changes });
	}
}

/** What a dry run tells of a record that would be deleted. */
function deletionOf(record: string) {
	return {
		record,
		outcome: "updated",
		changes: [{ field: "record", before: "there", after: null }],
	} as const;
}
