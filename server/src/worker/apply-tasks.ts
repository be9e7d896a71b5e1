import { type Operation, operationNamed } from "@muster/client/contract";
import type { DetailField } from "../domain/detail-value.ts";
import type { Draft } from "../domain/draft.ts";
import { FieldSet } from "../domain/field-set.ts";
import { type Fold, foldItems, type Snapshot } from "../domain/fold-items.ts";
import type { Item } from "../domain/item.ts";
import { type ItemResult, resultOf } from "../domain/item-result.ts";
import { parseItems } from "../domain/json.ts";
import { judgeItem } from "../domain/judge-item.ts";
import { words } from "../domain/record.ts";
import type { ClaimedTask } from "../store/claim-tasks.ts";
import type { Transaction } from "../store/database.ts";
import { insertDetailFields, listDetailFields } from "../store/detail-fields.ts";
import type { Site } from "../store/find-site.ts";
import { insertMemberships } from "../store/insert-memberships.ts";
import { insertRecords } from "../store/insert-records.ts";
import { loadMemberships, nameRecords } from "../store/load-links.ts";
import { loadRecords } from "../store/load-records.ts";
import { updateRecords } from "../store/update-records.ts";

/** Somebody else wrote one of the records between reading and writing them; applying again will see it. */
export class SnapshotOutdated extends Error {
	override readonly name = "SnapshotOutdated";
}

/**
 * Applies tasks of one operation, in order: judges their items, reads the records they name, folds the items into them in
 * memory, and writes what has changed in a few statements. The caller holds the site's lane.
 * @returns one list of results a task, in the order of its items
 * @throws SnapshotOutdated
 */
export async function applyTasks(
	transaction: Transaction,
	site: Site,
	tasks: readonly ClaimedTask[],
): Promise<ItemResult[][]> {
	const first = tasks[0];
	if (first === undefined) return [];
	const operation = operationNamed(first.operation);
	const perTask = tasks.map((task) => judgeTask(operation, task, site));
	const items = perTask.flat();
	const fields = await listDetailFields(transaction, site.siteId, operation.entity);
	const snapshot = await loadSnapshot(transaction, site.siteId, operation, items);
	const fold = foldItems(items, snapshot, {
		entity: operation.entity,
		settings: site.settings,
		dryRun: first.dryRun,
		fields: new FieldSet(fields),
	});
	if (!first.dryRun) await write(transaction, site.siteId, operation, fold);
	const results = fold.items.map((folded) => resultOf(folded, first.dryRun));
	let taken = 0;
	return perTask.map((taskItems) => {
		const mine = results.slice(taken, taken + taskItems.length);
		taken += taskItems.length;
		return mine;
	});
}

function judgeTask(operation: Operation, task: ClaimedTask, site: Site): Item[] {
	const context = { siteId: site.siteId, ignoreUnknownKeys: site.settings.unknownKeys === "ignore" };
	return parseItems(task.items).map((sent, index) => judgeItem(operation, sent, index, context));
}

async function loadSnapshot(
	transaction: Transaction,
	siteId: string,
	{ entity }: Operation,
	items: readonly Item[],
): Promise<Snapshot> {
	const records = await loadRecords(transaction, siteId, entity, {
		ids: present(items.map((item) => item.id)),
		keys: present(items.map((item) => item.address?.key)),
	});
	const links = items.flatMap((item) => item.links);
	if (links.length === 0) return { records, others: [], links: [] };
	const others = await nameRecords(transaction, siteId, words[entity].other, {
		ids: present(links.map((link) => link.id)),
		keys: present(links.map((link) => link.key)),
	});
	const recordIds = [...new Set(records.map((record) => record.id))];
	const otherIds = [...new Set(others.map((other) => other.id))];
	const memberships =
		entity === "customer"
			? await loadMemberships(transaction, siteId, recordIds, otherIds)
			: await loadMemberships(transaction, siteId, otherIds, recordIds);
	return {
		records,
		others,
		links: memberships.map(({ customer, organization }) =>
			entity === "customer"
				? { record: customer, other: organization }
				: { record: organization, other: customer },
		),
	};
}

function present(texts: readonly (string | null | undefined)[]): string[] {
	return [...new Set(texts.filter((text) => text != null))];
}

async function write(
	transaction: Transaction,
	siteId: string,
	{ entity }: Operation,
	fold: Fold,
): Promise<void> {
	const newFields: readonly DetailField[] = fold.newFields;
	if (newFields.length > 0) await insertDetailFields(transaction, siteId, entity, newFields);
	const rows = fold.drafts.filter((draft) => draft.isRowChanged());
	const changed = rows.filter((draft) => draft.stored !== null);
	// Updates first: a new record may take a key that an old one has given up.
	if (changed.length > 0) {
		const updated = await updateRecords(transaction, siteId, entity, changed);
		if (updated < changed.length) throw new SnapshotOutdated("a record was changed by somebody else");
	}
	await create(
		transaction,
		siteId,
		entity,
		rows.filter((draft) => draft.stored === null),
	);
	const memberships = fold.drafts.flatMap((draft) =>
		draft.addedLinks.map((other) => {
			if (draft.id === null) throw new Error("a record was written without getting an id");
			return entity === "customer"
				? { customer: draft.id, organization: other }
				: { customer: other, organization: draft.id };
		}),
	);
	if (memberships.length > 0) await insertMemberships(transaction, siteId, memberships);
}

async function create(
	transaction: Transaction,
	siteId: string,
	entity: Operation["entity"],
	drafts: readonly Draft[],
): Promise<void> {
	if (drafts.length === 0) return;
	const created = await insertRecords(transaction, siteId, entity, drafts);
	if (created.length < drafts.length) throw new SnapshotOutdated("a record was created by somebody else");
	const ids = new Map(created.map((row) => [row.key, row.id]));
	for (const draft of drafts) draft.id = ids.get(draft.state.address.key) ?? null;
}
