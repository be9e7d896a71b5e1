import type { Database } from "./database.ts";

/** What a part of a saved file is told by. */
export interface SavedDigest {
	readonly part: number;
	readonly endByte: number;
	/** SHA-256 of its bytes. */
	readonly digest: Buffer;
}

/** Parts that are read at a time: a part is some 30 KB of a file. */
const pageParts = 1_000;

const statement = {
	name: "import-digests",
	text: `
		select part, end_byte as "endByte", digest from muster.import_part
		where site_id = $1 and import_id = $2 and part > $3
		order by part
		limit $4`,
};

/** What is saved of a file, part by part in their order. Each page is a transaction of its own. */
export async function* importDigests(
	database: Database,
	siteId: string,
	importId: string,
): AsyncGenerator<SavedDigest, void> {
	for (let last = -1; ; ) {
		const page = await database.inSite(
			siteId,
			(transaction) => transaction.query<SavedDigest>(statement, [siteId, importId, last, pageParts]),
			{ readOnly: true, byKey: true },
		);
		yield* page;
		if (page.length < pageParts) return;
		last = page.at(-1)?.part ?? last;
	}
}
