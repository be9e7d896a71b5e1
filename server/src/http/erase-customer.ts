import { eraseLines } from "../domain/erase-lines.ts";
import { eraseFromTask } from "../domain/erase-task.ts";
import { parseJson } from "../domain/json.ts";
import { isNamedIn, type Person, withoutPerson, wordsFor } from "../domain/person.ts";
import { customerIdText } from "../domain/record.ts";
import { actAs } from "../store/act-as.ts";
import type { Transaction } from "../store/database.ts";
import { deleteRecord } from "../store/delete-record.ts";
import {
	auditErasure,
	forgetOwnWrites,
	lockPerson,
	rewritePart,
	rewriteTasks,
} from "../store/erase-person.ts";
import { readTasks, searchParts, searchTasks } from "../store/find-mentions.ts";
import { keyOfPart } from "../store/save-import-parts.ts";
import { type FoundPerson, findPerson, isNamedInTask } from "./find-person.ts";
import { notFound, ProblemError } from "./problem-error.ts";
import type { Call } from "./route.ts";

/** Tasks that are read and written again at once: some megabytes of text. */
const batchMax = 100;

/** Searching anew because the customer was given another email meanwhile. */
const roundsMax = 3;

/**
 * Erases a customer and everything that names them, in every table, in one transaction: all of it or nothing. They are
 * searched for first, beside everything else; then, alone in the site, what was found is rewritten, with what has come
 * since.
 * @throws ProblemError not_found where nothing of them is known; task_unfinished where a waiting task names them
 */
export async function eraseCustomer(call: Call, id: string): Promise<void> {
	const { siteId } = call.principal;
	for (let round = 1; round <= roundsMax; round += 1) {
		const found = await findPerson(call.services.database, siteId, id);
		if (found === null) throw notFound();
		const isErased = await call.services.lanes.alone(siteId, (transaction) =>
			eraseAlone(transaction, call, found),
		);
		if (isErased) return;
	}
	throw new ProblemError(
		"unavailable",
		"Others keep changing this customer. Nothing was erased; send the same request again.",
		{ headers: { "retry-after": "1" } },
	);
}

/** @returns whether it was done; not where the customer has an email that was not searched for */
async function eraseAlone(transaction: Transaction, call: Call, found: FoundPerson): Promise<boolean> {
	const { siteId, tokenId } = call.principal;
	const { person } = found;
	await actAs(transaction, { actor: `token ${tokenId}`, origin: call.address });
	const key = await lockPerson(transaction, siteId, person.id);
	if (key !== null && !person.keys.has(key)) return false;
	const tasks = await namingTasks(transaction, siteId, found);
	for (let from = 0; from < tasks.length; from += batchMax) {
		const numbers = tasks.slice(from, from + batchMax).map(({ number }) => number);
		const read = await readTasks(transaction, siteId, numbers);
		await rewriteTasks(
			transaction,
			siteId,
			read.flatMap((task) => {
				const kept = eraseFromTask(task, person);
				return kept === null ? [] : [{ number: task.number, ...kept }];
			}),
		);
	}
	await eraseFromImports(transaction, siteId, found, tasks);
	await forgetOwnWrites(transaction, siteId, person.id);
	await deleteRecord(transaction, siteId, "customer", person.id);
	const customerId = customerIdText(siteId, person.id);
	await auditErasure(transaction, siteId, { customerId, tasks: tasks.length });
	return true;
}

/** The tasks that were found, and those that have come, or ended, since. */
async function namingTasks(
	transaction: Transaction,
	siteId: string,
	{ person, tasks, foundBelow }: FoundPerson,
): Promise<FoundPerson["tasks"]> {
	const all = tasks.filter(({ number }) => number < foundBelow);
	for await (const task of searchTasks(
		(work) => work(transaction),
		siteId,
		foundBelow - 1,
		wordsFor(person),
	)) {
		if (!isNamedInTask(person, task)) continue;
		if (task.endedAt === null) throw unfinished(task.taskId);
		all.push(task);
	}
	return all;
}

function unfinished(taskId: string): ProblemError {
	return new ProblemError(
		"task_unfinished",
		`The task ${taskId} names this customer and has not ended yet. Nothing was erased; send the same request again when it has.`,
		{ headers: { "retry-after": "1" } },
	);
}

async function eraseFromImports(
	transaction: Transaction,
	siteId: string,
	{ person, parts, since }: FoundPerson,
	tasks: FoundPerson["tasks"],
): Promise<void> {
	const keys = [
		...parts.map(({ importId, part }) => keyOfPart(importId, part)),
		...tasks.map(({ idempotencyKey }) => idempotencyKey),
	];
	const search = { words: wordsFor(person), keys, since };
	for (const part of await searchParts(transaction, siteId, search)) {
		const lines = eraseLines(part.format, part.lines, person);
		const told = part.unreadable === null ? null : parseJson(part.unreadable);
		const unreadable = told === null ? null : JSON.stringify(withoutNaming(person, told));
		if (lines === part.lines && unreadable === part.unreadable) continue;
		await rewritePart(transaction, siteId, { ...part, lines, unreadable });
	}
}

/** Lines that could not be read, each with its number, which stays. */
function withoutNaming(person: Person, lines: unknown): unknown {
	if (!Array.isArray(lines)) return lines;
	return lines.map((line) => (isNamedIn(person, line) ? withoutPerson(person, line) : line));
}
