import type { Image } from "../domain/image.ts";
import type { ItemResult } from "../domain/item-result.ts";
import type { Transaction } from "./database.ts";

/** What was changed under one number: by a task, or by a write of one record. */
export interface StoredChange {
	readonly number: number;
	readonly at: Date;
	/** The task, with what became of its items; null for a single write. */
	readonly task: {
		readonly taskId: string;
		readonly operation: string;
		readonly results: readonly ItemResult[];
	} | null;
	readonly token: { readonly tokenId: string; readonly prefix: string | null };
	/** By the index of the item; a single write has one, of index 0. */
	readonly images: ReadonlyMap<number, Image>;
}

interface Row {
	readonly number: number;
	readonly at: Date;
	readonly taskId: string | null;
	readonly operation: string | null;
	readonly results: string | null;
	readonly images: string | null;
	readonly tokenId: string;
	readonly prefix: string | null;
}

const statement = {
	name: "find-change",
	text: `
		select change.*, prefix
		from (
			select number, ended_at as at, task_id as "taskId", operation, results, images, token_id as "tokenId"
			from muster.task
			where site_id = $1 and number = $2 and ended_at is not null
			union all
			select number, written_at, null, null, null, '{"0":' || image || '}', token_id
			from muster.single_write
			where site_id = $1 and number = $2
		) as change
		left join muster.access_token on access_token.token_id = change."tokenId" and access_token.site_id = $1`,
};

/** @returns null where it is kept no more */
export async function findChange(
	transaction: Transaction,
	siteId: string,
	number: number,
): Promise<StoredChange | null> {
	const [row] = await transaction.query<Row>(statement, [siteId, number]);
	if (row === undefined) return null;
	const { taskId, operation, results, images, tokenId, prefix } = row;
	// Texts that were written by finish-tasks.ts and single-writes.ts from the same types.
	const byIndex = JSON.parse(images ?? "{}") as Record<string, Image>;
	return {
		number,
		at: row.at,
		task:
			taskId === null || operation === null
				? null
				: { taskId, operation, results: JSON.parse(results ?? "[]") as ItemResult[] },
		token: { tokenId, prefix },
		images: new Map(Object.entries(byIndex).map(([index, image]) => [Number(index), image])),
	};
}
