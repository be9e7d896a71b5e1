import type { Answer, Connection } from "./connection.ts";
import { type OperationName, operationNamed } from "./contract/operations.ts";
import type { Dialect } from "./contract/paths.ts";
import type { SubmitOptions, Submitted } from "./options.ts";
import { readTask } from "./task.ts";
import { unexpected } from "./unexpected.ts";

/** @param items a list, as JSON: written once, by whoever needs its text for more than the request */
export async function submitItems(
	connection: Connection,
	dialect: Dialect,
	operation: OperationName,
	items: string,
	{ idempotencyKey, dryRun, waitSeconds, signal }: SubmitOptions & { readonly idempotencyKey: string },
): Promise<Submitted> {
	const { path, itemsKeys } = operationNamed(operation);
	// The guide's key stands first, the reference's last.
	const itemsKey = itemsKeys[dialect === "guide" ? 0 : itemsKeys.length - 1] ?? "";
	const answer = await connection.ask({
		method: "POST",
		path,
		query: { dryRun: dryRun === true ? true : undefined },
		headers: {
			"idempotency-key": idempotencyKey,
			...(waitSeconds === undefined ? {} : { prefer: `wait=${waitSeconds}` }),
		},
		json: `{"${itemsKey}":${items}}`,
		waitSeconds,
		signal,
	});
	return readAccepted(path, answer, idempotencyKey);
}

/** Asks for a new task that comes of an ended one: once without a key, however often it is asked for. */
export async function askOfTask(
	connection: Connection,
	taskId: string,
	what: "retry" | "undo",
	{ idempotencyKey, dryRun, waitSeconds, signal }: SubmitOptions,
): Promise<Submitted> {
	const path = `tasks/${encodeURIComponent(taskId)}/${what}`;
	const headers = {
		...(idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey }),
		...(waitSeconds === undefined ? {} : { prefer: `wait=${waitSeconds}` }),
	};
	const query = { dryRun: dryRun === true ? true : undefined };
	const answer = await connection.ask({ method: "POST", path, query, headers, waitSeconds, signal });
	return readAccepted(path, answer, idempotencyKey ?? `${what}-of-${taskId}`);
}

/** Reads the answer to a submission. */
export function readAccepted(
	path: string,
	{ body, headers, status }: Answer,
	idempotencyKey: string,
): Submitted {
	const replayed = headers.get("idempotency-replayed") === "true";
	const task = readTask(body);
	if (task !== null) return { taskId: task.taskId, idempotencyKey, replayed, task };
	return { taskId: acceptedId(body) ?? unexpected(path, status), idempotencyKey, replayed };
}

function acceptedId(body: unknown): string | null {
	if (typeof body !== "object" || body === null) return null;
	const id = "taskId" in body ? body.taskId : "id" in body ? body.id : null;
	return typeof id === "string" ? id : null;
}
