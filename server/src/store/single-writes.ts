import type { Image } from "../domain/image.ts";
import type { Transaction } from "./database.ts";

const numberStatement = {
	name: "next-change",
	text: "select nextval(pg_get_serial_sequence('muster.task', 'number')) as number",
};

/** A number for a single write, in the order of the numbers of tasks. One that is not used leaves a gap. */
export async function takeChangeNumber(transaction: Transaction): Promise<number> {
	const [row] = await transaction.query<{ number: number }>(numberStatement, []);
	if (row === undefined) throw new Error("no number was given for a single write");
	return row.number;
}

export interface SingleWrite {
	readonly number: number;
	readonly tokenId: string;
	/** A customer's UUID, an organization's number. */
	readonly recordId: string;
	/** null where the record was created. */
	readonly image: Image | null;
}

const insertStatement = {
	name: "keep-single-write",
	text: "insert into muster.single_write (site_id, number, token_id, record_id, image) values ($1, $2, $3, $4, $5)",
};

/** Keeps what a write of one record found there; in the transaction that writes it. */
export async function keepSingleWrite(
	transaction: Transaction,
	siteId: string,
	{ number, tokenId, recordId, image }: SingleWrite,
): Promise<void> {
	await transaction.query(insertStatement, [
		siteId,
		number,
		tokenId,
		recordId,
		image === null ? null : JSON.stringify(image),
	]);
}
