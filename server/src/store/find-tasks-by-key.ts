import type { AcceptedTask } from "./accept-tasks.ts";
import type { Transaction } from "./database.ts";

const statement = {
	name: "find-tasks-by-key",
	text: `
		select task_id as "taskId", operation, idempotency_key as "idempotencyKey", fingerprint
		from muster.task
		where site_id = $1
			and (operation, idempotency_key) in (select * from unnest($2::text[], $3::text[]))`,
};

/** The tasks of a site that were accepted under any of these keys. */
export function findTasksByKey(
	transaction: Transaction,
	siteId: string,
	keys: readonly { readonly operation: string; readonly idempotencyKey: string }[],
): Promise<AcceptedTask[]> {
	return transaction.query<AcceptedTask>(statement, [
		siteId,
		keys.map((key) => key.operation),
		keys.map((key) => key.idempotencyKey),
	]);
}
