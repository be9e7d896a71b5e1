import type { Transaction } from "./database.ts";
import type { StoredImport } from "./imports.ts";
import { joinedTextArray, textArray } from "./text-array.ts";

/** Lines of a file that are one task; none, where no line of them is an item. */
export interface ImportPart {
	readonly firstLine: number;
	/** Lines that it has, as an editor counts them. */
	readonly lineCount: number;
	/** Where it ends in the file. */
	readonly endByte: number;
	/** SHA-256 of its bytes. */
	readonly digest: Buffer;
	readonly itemCount: number;
	/** As they were sent, but for what PostgreSQL cannot keep: UTF-8. */
	readonly lines: Buffer;
	readonly unreadable: readonly UnreadableLine[];
}

/** A line that is no item, and why. */
export interface UnreadableLine {
	readonly line: number;
	readonly code: string;
	readonly message: string;
	readonly hint?: string;
}

const insertStatement = {
	name: "insert-import-parts",
	text: `
		insert into muster.import_part
			(site_id, import_id, part, first_line, end_byte, digest, item_count, lines, unreadable)
		select $1, $2, part.*
		from unnest($3::int[], $4::bigint[], $5::bigint[], $6::bytea[], $7::int[], $8::text[], $9::text[]) as part`,
};

const advanceStatement = {
	name: "advance-import",
	// Whoever sends the same file at the same time has come further, or it was canceled. An upload may take hours: a token
	// that was revoked meanwhile saves nothing more.
	text: `
		with advanced as (
			update muster.import
			set received_bytes = $4, received_lines = $5, part_count = part_count + $6, item_count = item_count + $7,
				unreadable_count = unreadable_count + $8, is_whole = $9, total_bytes = coalesce($10, total_bytes),
				received_at = clock_timestamp()
			where site_id = $1 and import_id = $2 and received_bytes = $3 and not is_whole
				and exists (
					select from muster.access_token
					where token_id = $11 and revoked_at is null
						and (expires_at is null or expires_at > clock_timestamp()))
			returning 1)
		select muster.expect(count(*) = 1) from advanced`,
};

/**
 * Saves the next parts of an import, in the transaction that accepts their tasks. Sends all it has before it waits.
 * @param from the import as it was when these parts were cut
 * @param end of these parts: whether it is the file's, how large that is where it is known, and who sends it
 * @throws 40001 where it has gone on, or ended, since, or its sender may no more
 */
export async function saveImportParts(
	transaction: Transaction,
	siteId: string,
	from: Pick<StoredImport, "importId" | "partCount" | "receivedBytes" | "receivedLines">,
	parts: readonly ImportPart[],
	end: { readonly isWhole: boolean; readonly totalBytes: number | null; readonly tokenId: string },
): Promise<void> {
	const { importId } = from;
	const lineCount = parts.reduce((sum, part) => sum + part.lineCount, 0);
	const itemCount = parts.reduce((sum, part) => sum + part.itemCount, 0);
	const unreadableCount = parts.reduce((sum, part) => sum + part.unreadable.length, 0);
	await Promise.all([
		transaction.query(advanceStatement, [
			siteId,
			importId,
			from.receivedBytes,
			parts.at(-1)?.endByte ?? from.receivedBytes,
			from.receivedLines + lineCount,
			parts.length,
			itemCount,
			unreadableCount,
			end.isWhole,
			end.totalBytes,
			end.tokenId,
		]),
		transaction.execute(insertStatement, [
			siteId,
			importId,
			parts.map((_, place) => from.partCount + place),
			parts.map((part) => part.firstLine),
			parts.map((part) => part.endByte),
			parts.map((part) => part.digest),
			parts.map((part) => part.itemCount),
			joinedTextArray(
				parts.flatMap(({ lines }) => [lengthOf(lines), lines]),
				parts.length,
			),
			textArray(parts.map(({ unreadable }) => (unreadable.length === 0 ? null : JSON.stringify(unreadable)))),
		]),
	]);
}

/** What stands before a text in a list of them. */
function lengthOf(text: Buffer): Buffer {
	const length = Buffer.allocUnsafe(4);
	length.writeInt32BE(text.length);
	return length;
}

/** The key of a part's task. Keys that come with requests hold no blanks, so nobody else has it. */
export function keyOfPart(importId: string, part: number): string {
	return `${keysOfImport(importId).from}${String(part).padStart(9, "0")}`;
}

/** Between which the keys of an import's tasks are, in the order of its parts. */
export function keysOfImport(importId: string): { readonly from: string; readonly to: string } {
	return { from: `import ${importId} `, to: `import ${importId}!` };
}
