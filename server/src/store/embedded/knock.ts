import pg from "pg";
import { errorCode } from "../database.ts";
import { withLogTail } from "./log.ts";
import { type Place, port } from "./place.ts";

/** ready: logs in; soon: somebody is there, coming up or going down; silent: nobody is. */
export type Answer = "ready" | "soon" | "silent";

const connectMs = 5_000;
/** Making the database copies 8 MB and syncs them. */
const queryMs = 20_000;

/** Tries to log in, and makes the database `muster` when that is all that is missing. */
export async function knock(place: Place): Promise<Answer> {
	try {
		await withClient(urlOf(place, "muster"), async () => {});
		return "ready";
	} catch (error) {
		switch (errorCode(error)) {
			case "ENOENT":
			case "ECONNREFUSED":
				return "silent";
			case "3D000": // there is no such database
				return createDatabase(place);
			case "53300": // too many connections: it runs, and is busy
				return "ready";
			case "28000": // there is no such role
			case "EACCES":
				throw await withLogTail(place, `Muster is not let into the database in ${place.folder}: ${error}.`);
			default: // 57P03 coming up or going down, a connection cut in the middle, no answer in time
				return "soon";
		}
	}
}

/** pg would take a port or a wish for TLS from PGPORT and PGSSLMODE, which are about other databases: the URL says both. */
export function urlOf(place: Place, database: string): string {
	return `postgres://muster@localhost:${port}/${database}?host=${encodeURIComponent(place.sockets)}&sslmode=disable`;
}

async function createDatabase(place: Place): Promise<Answer> {
	try {
		await withClient(urlOf(place, "postgres"), (client) => client.query("create database muster"));
		return "ready";
	} catch (error) {
		const code = errorCode(error) ?? "";
		// Another process made it at the same moment, or the server went away: the next knock tells.
		if (["42P04", "23505", ""].includes(code) || /^(57|E)/.test(code)) return "soon";
		throw await withLogTail(place, `The database muster cannot be made in ${place.folder}: ${error}.`);
	}
}

async function withClient(url: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
	const client = new pg.Client({
		connectionString: url,
		connectionTimeoutMillis: connectMs,
		query_timeout: queryMs,
		application_name: "muster embedded",
	});
	// Without a listener, a server that goes away between two questions would end this process.
	client.on("error", () => {});
	try {
		await client.connect();
		await work(client);
	} finally {
		// Nothing depends on when it is gone, and a server that hangs would never let it go.
		client.end().catch(() => {});
	}
}
