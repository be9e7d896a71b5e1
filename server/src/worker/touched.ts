import type { Entity } from "@muster/client/contract";
import type { PlainClaim } from "../store/plain-claims.ts";
import type { Writes } from "../store/write-fold.ts";
import type { JudgedTasks } from "./apply-tasks.ts";

/** What a claim writes, as far as the items of another one may depend on it. */
export interface Touched {
	readonly entity: Entity;
	/** Whether it makes detail fields. */
	readonly fields: boolean;
	readonly ids: ReadonlySet<string>;
	/** Emails or names, those that are given up and those that are taken. */
	readonly keys: ReadonlySet<string>;
}

/** A claim that is put into words, and on its way into the database or about to be. */
export interface Ready {
	/** Number of its last task. */
	readonly last: number;
	/** What it writes; null for nothing. */
	readonly touched: Touched | null;
	/** Resolves with its transaction, as awaitLane gives it, when it holds the lane; with null when it never will. */
	readonly holding: Promise<string | null>;
	/** Given where it shares the lane. */
	readonly plain?: SharedClaim;
}

/** A claim that another one may be applied beside. */
export interface SharedClaim {
	readonly claim: PlainClaim;
	/** How many claims shared the lane one behind the other, with never a moment in which it was free. */
	readonly inRow: number;
}

export type OnReady = (claim: Ready) => void;

/** @param writes null for a dry run, which touches nothing */
export function touchedBy(writes: Writes | null): Touched | null {
	if (writes === null) return null;
	const { entity, newFields, created, changed, stamped, linked } = writes;
	const ids = new Set<string>();
	const keys = new Set<string>();
	for (const drafts of [created, changed, stamped, linked]) {
		for (const { id, stored, state } of drafts) {
			if (id !== null) ids.add(id);
			if (stored !== null) keys.add(stored.key);
			keys.add(state.address.key);
		}
	}
	return { entity, fields: newFields.length > 0, ids, keys };
}

/** Whether items are about something that another claim writes, so that they must be folded after it. */
export function dependsOn({ operation, items }: JudgedTasks, touched: Touched): boolean {
	// Associations name records of the other entity.
	if (operation.entity !== touched.entity) return items.some((item) => item.links.length > 0);
	if (touched.fields) return true;
	return items.some(
		({ id, address }) =>
			(id != null && touched.ids.has(id)) || (address !== undefined && touched.keys.has(address.key)),
	);
}
