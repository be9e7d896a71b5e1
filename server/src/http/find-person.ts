import { readEmail } from "../domain/email.ts";
import { mentionsIn } from "../domain/erase-task.ts";
import type { Image } from "../domain/image.ts";
import { parseJson } from "../domain/json.ts";
import { isNamedIn, type Person, wordsFor } from "../domain/person.ts";
import type { StoredRecord } from "../domain/record.ts";
import type { Database } from "../store/database.ts";
import {
	findBounds,
	findOwnWrites,
	type MentioningPart,
	type MentioningTask,
	type OwnWrite,
	searchParts,
	searchTasks,
} from "../store/find-mentions.ts";
import { loadRecords } from "../store/load-records.ts";

/** A person, and where they are named. */
export interface FoundPerson {
	readonly person: Person;
	/** The customer as it is now; null where it was deleted before. */
	readonly record: StoredRecord | null;
	readonly ownWrites: readonly OwnWrite[];
	/** The tasks that name them. */
	readonly tasks: readonly Pick<MentioningTask, "number" | "idempotencyKey">[];
	/** The parts of imports that name them. */
	readonly parts: readonly MentioningPart[];
	/** All tasks below this number that name them were found. */
	readonly foundBelow: number;
	/** When the search began, by the database's clock. */
	readonly since: Date;
}

/** Tasks that are just being accepted have their numbers already; far fewer than this are at any moment. */
const acceptingMax = 10_000;

/**
 * Finds a person by the customer's id: first what has the id, which tells the emails that they have had, then what has one
 * of those. Locks nothing, and takes as long as reading all that is kept of tasks.
 * @returns null where nothing of them is known
 */
export async function findPerson(
	database: Database,
	siteId: string,
	id: string,
	onTask: (task: MentioningTask, person: Person) => void = () => undefined,
): Promise<FoundPerson | null> {
	const [bounds, [record], ownWrites] = await database.inSite(
		siteId,
		(transaction) =>
			Promise.all([
				findBounds(transaction, siteId),
				loadRecords(transaction, siteId, "customer", { ids: [id], keys: [] }),
				findOwnWrites(transaction, siteId, id),
			]),
		{ readOnly: true },
	);
	const addresses = new Set<string>(record === undefined ? [] : [record.address]);
	for (const { image } of ownWrites) addAddress(addresses, image === null ? null : JSON.parse(image));
	const byId = { id, keys: new Set<string>() };
	let isKnown = record !== undefined || ownWrites.length > 0;
	for await (const task of search(database, siteId, byId)) {
		for (const { result, image } of mentionsIn(task, byId)) {
			isKnown = true;
			if (result.key !== undefined) addresses.add(result.key);
			addAddress(addresses, image);
		}
	}
	if (!isKnown) return null;
	const person = { id, keys: await keysOf(database, siteId, id, addresses) };
	const tasks: FoundPerson["tasks"][number][] = [];
	for await (const task of search(database, siteId, person)) {
		if (!isNamedInTask(person, task)) continue;
		tasks.push({ number: task.number, idempotencyKey: task.idempotencyKey });
		onTask(task, person);
	}
	const keys = tasks.map(({ idempotencyKey }) => idempotencyKey);
	const parts = await database.inSite(
		siteId,
		(transaction) => searchParts(transaction, siteId, { words: wordsFor(person), keys, since: null }),
		{ readOnly: true },
	);
	return {
		person,
		record: record ?? null,
		ownWrites,
		tasks,
		parts,
		foundBelow: bounds.endedBelow - acceptingMax,
		since: bounds.now,
	};
}

/** Whether a task names the person in anything that is kept of it. */
export function isNamedInTask(person: Person, task: MentioningTask): boolean {
	return [task.items, task.results, task.failedItems, task.images].some(
		(text) => text !== null && isNamedIn(person, parseJson(text)),
	);
}

function search(database: Database, siteId: string, person: Person): AsyncGenerator<MentioningTask> {
	return searchTasks(
		(work) => database.inSite(siteId, work, { readOnly: true }),
		siteId,
		0,
		wordsFor(person),
	);
}

function addAddress(addresses: Set<string>, image: unknown): void {
	// Written from this type; see image.ts.
	const { address } = (image ?? {}) as Partial<Image>;
	if (address !== undefined) addresses.add(address);
}

/** An email that somebody else has by now is theirs: what names it may be about them. */
async function keysOf(
	database: Database,
	siteId: string,
	id: string,
	addresses: ReadonlySet<string>,
): Promise<Set<string>> {
	const keys = [...addresses].flatMap((address) => {
		const read = readEmail(address, "");
		return "code" in read ? [] : [read.key];
	});
	const holders = await database.inSite(
		siteId,
		(transaction) => loadRecords(transaction, siteId, "customer", { ids: [], keys }),
		{ readOnly: true },
	);
	const others = new Set(holders.filter((holder) => holder.id !== id).map(({ key }) => key));
	return new Set(keys.filter((key) => !others.has(key)));
}
