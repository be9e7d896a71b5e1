import type { Submission } from "../domain/emulation.ts";
import type { Transaction } from "./database.ts";

const statement = {
	name: "find-submission",
	text: `
		select task_id as "taskId", operation, idempotency_key as "idempotencyKey",
			encode(fingerprint, 'hex') as fingerprint,
			extract(epoch from clock_timestamp() - accepted_at)::float8 as "ageSeconds"
		from muster.task where site_id = $1 and task_id = $2`,
};

/** What made a task, and how long ago; null where there is no such task. Only emulation asks. */
export async function findSubmission(
	transaction: Transaction,
	siteId: string,
	taskId: string,
): Promise<Submission | null> {
	const rows = await transaction.query<Submission>(statement, [siteId, taskId]);
	return rows[0] ?? null;
}
