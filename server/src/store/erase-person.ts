import type { TaskTexts } from "../domain/erase-task.ts";
import type { Transaction } from "./database.ts";
import { textArray } from "./text-array.ts";

const lockStatement = {
	name: "lock-person",
	text: `
		select email_key as key from muster.customer
		where site_id = $1 and customer_id = $2
		for update`,
};

/** Waits for whoever writes the customer, and keeps others from it. @returns the key of the email, null for no customer */
export async function lockPerson(
	transaction: Transaction,
	siteId: string,
	id: string,
): Promise<string | null> {
	const [row] = await transaction.query<{ key: string }>(lockStatement, [siteId, id]);
	return row?.key ?? null;
}

const tasksStatement = {
	name: "rewrite-tasks",
	text: `
		update muster.task
		set results = told.results, failed_items = told.failed_items, images = told.images
		from unnest($2::bigint[], $3::text[], $4::text[], $5::text[]) as told (number, results, failed_items, images)
		where site_id = $1 and task.number = told.number and ended_at is not null`,
};

/** What is kept of tasks that have ended, by their numbers, in the place of what was. */
export async function rewriteTasks(
	transaction: Transaction,
	siteId: string,
	tasks: readonly (TaskTexts & { readonly number: number })[],
): Promise<void> {
	await transaction.query(tasksStatement, [
		siteId,
		tasks.map(({ number }) => number),
		textArray(tasks.map(({ results }) => results)),
		textArray(tasks.map(({ failedItems }) => failedItems)),
		textArray(tasks.map(({ images }) => images)),
	]);
}

const partStatement = {
	name: "rewrite-import-part",
	text: `
		update muster.import_part set lines = $4, unreadable = $5
		where site_id = $1 and import_id = $2 and part = $3`,
};

export async function rewritePart(
	transaction: Transaction,
	siteId: string,
	part: {
		readonly importId: string;
		readonly part: number;
		readonly lines: string;
		readonly unreadable: string | null;
	},
): Promise<void> {
	await transaction.query(partStatement, [siteId, part.importId, part.part, part.lines, part.unreadable]);
}

const writesStatement = {
	name: "forget-own-writes",
	text: "delete from muster.single_write where site_id = $1 and record_id = $2",
};

/** @returns how many single writes of the record were known */
export function forgetOwnWrites(transaction: Transaction, siteId: string, id: string): Promise<number> {
	return transaction.execute(writesStatement, [siteId, id]);
}

const auditStatement = {
	name: "audit-erasure",
	text: `select muster.add_audit_entry($1, 'customer.erased', $2::text::jsonb)`,
};

/** What was done stands in the audit log: by the id, which names nobody once everything else is gone. */
export async function auditErasure(
	transaction: Transaction,
	siteId: string,
	details: { readonly customerId: string; readonly tasks: number },
): Promise<void> {
	await transaction.query(auditStatement, [siteId, JSON.stringify(details)]);
}
