import pg from "pg";
import { startLoad } from "./orders.ts";
import { install } from "./peers/install.ts";
import type { PeerOrder } from "./peers/load.ts";
import type { Peer, PeerDatabase, PeerPlace } from "./peers/peer.ts";
import { start } from "./peers/running.ts";
import { startDebianPostgres } from "./postgres.ts";
import type { Sent } from "./sending.ts";

export { peers } from "./peers/table.ts";

export interface PeerLoad {
	/** Rounded up to whole requests of a hundred. */
	readonly customers: number;
	readonly inFlight: number;
	/** After so many milliseconds nothing more is sent, and the rate is that of what was done. */
	readonly msMax?: number;
}

/** `rate`: new customers a second; `reason`: why there is no rate, without an end mark. */
export type PeerResult = { readonly name: string; readonly version: string } & (
	| { readonly rate: number }
	| { readonly reason: string }
);

/** A reason is one line of the report. */
const reasonCharactersMax = 400;
const measuredMsMax = 15_000;
/** Enough for the peer's code to be compiled and its connections to be open. */
const warmUp = { customers: 2_000, msMax: 5_000 };

/** Installs a peer, runs it on a PostgreSQL of its own, and measures it; whatever fails on the way is the reason. */
export async function measurePeer(peer: Peer, load: PeerLoad): Promise<PeerResult> {
	const about = { name: peer.name, version: Object.values(peer.packages)[0] ?? "" };
	try {
		return { ...about, rate: await rateOf(peer, load) };
	} catch (error) {
		return { ...about, reason: reasonOf(error) };
	}
}

async function rateOf(peer: Peer, load: PeerLoad): Promise<number> {
	const folder = await install(peer);
	const postgres = await startDebianPostgres();
	if (postgres === null) throw new Error("Debian's PostgreSQL 15 is not installed here");
	try {
		// Only the bundled PostgreSQL has no address.
		const database = databaseOf(postgres.url ?? "");
		const running = await start(peer, folder, database);
		try {
			await peer.makeCollection?.(running.place);
			if (peer.collectionSql !== undefined) await sql(database.url, peer.collectionSql);
			return await measure(peer, running.place, load);
		} catch (error) {
			const lastWords = running.lastWords();
			if (lastWords === null) throw error;
			throw new Error(`it ended while it was measured: ${lastWords}`, { cause: error });
		} finally {
			await running.stop();
		}
	} finally {
		await postgres.stop();
	}
}

async function measure(peer: Peer, { url, database }: PeerPlace, load: PeerLoad): Promise<number> {
	const client = startLoad<PeerOrder, Sent>("./peers/load.ts");
	try {
		const order = { peer: peer.name, url, inFlight: load.inFlight };
		const warm = await client.send({ ...order, ...warmUp, set: "warm" });
		const { customers, msMax = measuredMsMax } = load;
		const sent = await client.send({ ...order, customers, msMax, set: "new" });
		const stored = await countOf(database.url, peer.table);
		const answered = warm.items + sent.items;
		// A peer that loses customers is no measure, however fast it says that it has them.
		if (stored !== answered)
			throw new Error(`it said that it stored ${answered} customers, and holds ${stored}`);
		return (sent.items / sent.elapsedMs) * 1000;
	} finally {
		await client.stop();
	}
}

function databaseOf(url: string): PeerDatabase {
	const { searchParams, pathname, username } = new URL(url);
	return { url, host: searchParams.get("host") ?? "", name: pathname.slice(1), user: username };
}

async function countOf(url: string, table: string): Promise<number> {
	const [row] = await sql<{ count: string }>(url, `select count(*) from ${table}`);
	return Number(row?.count);
}

async function sql<Row extends pg.QueryResultRow>(url: string, statement: string): Promise<Row[]> {
	const client = new pg.Client({ connectionString: url });
	await client.connect();
	try {
		return (await client.query<Row>(statement)).rows;
	} finally {
		await client.end();
	}
}

function reasonOf(error: unknown): string {
	const message = error instanceof Error ? error.message : String(error);
	return message.replace(/\s+/g, " ").trim().slice(0, reasonCharactersMax);
}
