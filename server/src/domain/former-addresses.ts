import type { Entity } from "@muster/client/contract";
import { type RecordState, stateOf } from "./draft.ts";
import { type Fault, show } from "./fault.ts";
import { stateBefore } from "./image.ts";
import { type StoredRecord, words } from "./record.ts";
import { faultOf, type Since, type UndoContext, type UndoneTask, type UndoSnapshot } from "./undone.ts";

/**
 * Which records cannot have their former address back, because another record has it by then. The first address that the
 * task's items found in each record is the one to be given back.
 * @param isGoing of the records that the undo deletes, whose addresses are free then
 */
export function takenAddresses(
	task: UndoneTask,
	snapshot: UndoSnapshot,
	{ entity }: UndoContext,
	isGoing: (id: string) => boolean,
): Map<string, Fault> {
	const taken = new Map<string, Fault>();
	/** Who has each address when all is done, as it looks so far. */
	const holders = new Map<string, string>();
	const wanted = new Map<string, RecordState["address"]>();
	for (const record of snapshot.holders) if (!isGoing(record.id)) holders.set(record.key, record.id);
	for (const record of snapshot.records) {
		if (isGoing(record.id)) continue;
		const former = formerAddress(task, record, snapshot.since.get(record.id), entity);
		if (former === null) holders.set(record.key, record.id);
		else {
			wanted.set(record.id, former);
			if (holders.get(record.key) === record.id) holders.delete(record.key);
		}
	}
	// Who cannot have its address back keeps the one it has, which another one may want: until nobody is left without.
	for (let isSettled = false; !isSettled; ) {
		isSettled = true;
		for (const [id, { text, key }] of wanted) {
			const holder = holders.get(key);
			if (holder === undefined || holder === id) continue;
			isSettled = false;
			wanted.delete(id);
			const { addressKey } = words[entity];
			taken.set(
				id,
				faultOf("changed_since", `The ${addressKey} ${show(text)} belongs to another ${entity} since.`),
			);
			const record = snapshot.records.find((each) => each.id === id);
			if (record !== undefined) holders.set(record.key, id);
		}
	}
	return taken;
}

function formerAddress(
	{ results, images }: UndoneTask,
	record: StoredRecord,
	since: Since | undefined,
	entity: Entity,
): RecordState["address"] | null {
	if (since === undefined || since === "unknown" || since.has("address")) return null;
	for (const [index, { id }] of results.entries()) {
		const image = images.get(index);
		if (id === record.id && image?.address !== undefined) {
			return stateBefore(stateOf(record), image, entity).address;
		}
	}
	return null;
}
