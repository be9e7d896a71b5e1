import type { Fault } from "./fault.ts";
import type { ItemResult } from "./item-result.ts";
import { parseJson } from "./json.ts";
import { isNamedIn, isNamedInText, type Person, withoutPerson } from "./person.ts";

/** What is kept of a task that has ended, as JSON texts. */
export interface TaskTexts {
	readonly results: string | null;
	readonly failedItems: string | null;
	readonly images: string | null;
}

/** What a task tells of one person, by the places of its items. */
export interface TaskMentions {
	readonly index: number;
	readonly result: ItemResult;
	/** As it was sent, where it failed. */
	readonly sent?: unknown;
	/** What it found in the record, where it changed it. */
	readonly image?: unknown;
}

/** The items of a task that are about the person: by their id, or failed ones by their email. */
export function mentionsIn(texts: TaskTexts, person: Person): TaskMentions[] {
	const { results, failedItems, images } = read(texts);
	return results.flatMap((result, index) => {
		if (!isAbout(person, result, failedItems[index])) return [];
		return [
			{
				index,
				result,
				...(index in failedItems ? { sent: failedItems[index] } : {}),
				...(index in images ? { image: images[index] } : {}),
			},
		];
	});
}

/**
 * The texts without the person: of items that are about them the outcomes and codes stay; other items lose the texts that
 * name them. @returns null where nothing names them
 */
export function eraseFromTask(texts: TaskTexts, person: Person): TaskTexts | null {
	const { results, failedItems, images } = read(texts);
	if (![results, failedItems, images].some((value) => isNamedIn(person, value))) return null;
	const keptItems: Record<string, unknown> = {};
	const keptImages: Record<string, unknown> = {};
	const keptResults = results.map((result, index) => {
		const sent = failedItems[index];
		const image = images[index];
		if (isAbout(person, result, sent)) return withoutItem(result);
		if (index in failedItems) keptItems[index] = withoutPerson(person, sent);
		if (index in images) keptImages[index] = withoutPerson(person, image);
		return isNamedIn(person, [result, sent]) ? withoutMentions(person, result) : result;
	});
	return {
		results: JSON.stringify(keptResults),
		failedItems: textOf(keptItems),
		images: textOf(keptImages),
	};
}

function read({ results, failedItems, images }: TaskTexts) {
	// Written by finish-tasks.ts from the same types.
	return {
		results: parseJson(results ?? "[]") as readonly ItemResult[],
		failedItems: parseJson(failedItems ?? "{}") as Readonly<Record<string, unknown>>,
		images: parseJson(images ?? "{}") as Readonly<Record<string, unknown>>,
	};
}

/** Another record may have had the person's email before or after them: its id says that it is not theirs. */
function isAbout(person: Person, { id, key }: ItemResult, sent: unknown): boolean {
	if (id !== undefined) return id === person.id;
	if (key !== undefined && isNamedInText(person, key)) return true;
	return sent !== undefined && namesItself(person, sent);
}

/** Whether an item as it was sent is of this customer, in either shape, and does not only name them among others. */
function namesItself(person: Person, sent: unknown): boolean {
	const outer = { ...(sent as object) } as Readonly<Record<string, unknown>>;
	const payload = { ...(outer.payload as object) } as Readonly<Record<string, unknown>>;
	return [outer.email, outer.customerId, payload.email, payload.customerId].some(
		(named) => typeof named === "string" && isNamedInText(person, named),
	);
}

function withoutItem({ outcome, operation, faults }: ItemResult): ItemResult {
	return {
		outcome,
		...(operation === undefined ? {} : { operation }),
		...(faults === undefined ? {} : { faults: faults.map(withoutTexts) }),
	};
}

/** Messages show only the beginning of long values, so they go as a whole. */
function withoutMentions(person: Person, result: ItemResult): ItemResult {
	const { faults, ...rest } = result;
	// Only texts and entries of lists are taken out, so it is still a result.
	const kept = withoutPerson(person, rest) as ItemResult;
	return faults === undefined ? kept : { ...kept, faults: faults.map(withoutTexts) };
}

function withoutTexts({ code }: Fault): Fault {
	return { code, pointer: "", message: "What this item held was erased." };
}

function textOf(kept: Readonly<Record<string, unknown>>): string | null {
	return Object.keys(kept).length === 0 ? null : JSON.stringify(kept);
}
