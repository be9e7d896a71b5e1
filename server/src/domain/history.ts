import type { Change, Entity } from "@muster/client/contract";
import { type AddedAssociations, changesBetween, type RecordState } from "./draft.ts";
import { type Image, removalsOf, stateBefore } from "./image.ts";
import type { ItemResult } from "./item-result.ts";

/** What one change holds of one record: what each item of a task did, the last one first. */
export interface Step {
	/** Of the item; null for a single write. */
	readonly index: number | null;
	readonly isCreation: boolean;
	/** null where the record was created with no association. */
	readonly image: Image | null;
}

/**
 * The steps of a change that are about a record.
 * @param results of the task's items; null for a single write, which is about one record
 */
export function stepsOf(
	recordId: string,
	results: readonly ItemResult[] | null,
	images: ReadonlyMap<number, Image>,
): Step[] {
	if (results === null) {
		const image = images.get(0) ?? null;
		return [{ index: null, isCreation: image === null || image.created === true, image }];
	}
	return results
		.flatMap(({ id, outcome }, index): Step[] =>
			id === recordId && (outcome === "created" || outcome === "updated")
				? [{ index, isCreation: outcome === "created", image: images.get(index) ?? null }]
				: [],
		)
		.reverse();
}

/** One step back from a state. */
export interface StepBack {
	/** The state before; null where the step created the record. */
	readonly before: RecordState | null;
	readonly changes: readonly Change[];
	/** Number of the change before, where the step knows it; null for the end of the chain. */
	readonly previous: number | null;
}

export function stepBack(after: RecordState, step: Step, entity: Entity): StepBack {
	const { image, isCreation } = step;
	const added: AddedAssociations = { links: image?.links ?? [], products: image?.products ?? [] };
	const removed = { links: image?.unlinked ?? [], products: image?.unentitled ?? [] };
	const before = isCreation || image === null ? null : stateBefore(after, image, entity);
	return {
		before,
		changes: changesBetween(before, after, added, entity).concat(removalsOf(entity, removed)),
		previous: image?.previous ?? null,
	};
}
