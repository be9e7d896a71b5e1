import { connect, type Socket } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import pg from "pg";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Database } from "../../src/store/database.ts";
import { startMuster, type TestMuster, type TestSite } from "../muster.ts";

// Exports to clients that read slowly, not at all, or go away. A file is far larger than what the system keeps for a client.

const customers = 12_000;
/** Characters of a detail of each: 72 MB in all, as JSON lines. */
const notesLength = 6_000;
/** An export that is read to its end: one page for each hundred customers. */
const pagesOfAll = customers / 100;
/** More than the server has connections to its database. */
const clients = 24;

let muster: TestMuster;
let site: TestSite;
let admin: pg.Client;
/** Transactions that read a page, begun and under way. */
let begun = 0;
let open = 0;
beforeAll(async () => {
	muster = await startMuster({ through: counted });
	admin = new pg.Client({ connectionString: muster.databaseUrl });
	await admin.connect();
	site = await muster.aSite();
	await site.post("customer/details", { name: "Notes" });
	await admin.query(
		`insert into muster.customer (site_id, customer_id, email, email_key, display_name, details)
		select $1, muster.new_id(), email, email, email, jsonb_build_object('notes', repeat('x', $3))
		from generate_series(1, $2::int) as n, lateral (select 'c' || n || '@acme.com') as made (email)`,
		[site.siteId, customers, notesLength],
	);
	await admin.query("vacuum analyze muster.customer");
}, 60_000);
afterAll(async () => {
	await admin.end();
	await muster.close();
});

const sockets: Socket[] = [];
afterEach(() => {
	for (const socket of sockets.splice(0)) socket.destroy();
});

/** Only pages of records are read by key and not written. */
function counted(database: Database): Database {
	return {
		...database,
		inNoSite: database.inNoSite.bind(database),
		close: () => database.close(),
		inSite: async (siteId, work, limits) => {
			if (limits?.byKey !== true || limits.readOnly !== true) return database.inSite(siteId, work, limits);
			begun += 1;
			open += 1;
			return database.inSite(siteId, work, limits).finally(() => {
				open -= 1;
			});
		},
	};
}

/** Asks for an export and reads nothing of it. */
async function anIdleClient(): Promise<Socket> {
	const socket = connect(Number(new URL(muster.url).port), "127.0.0.1");
	sockets.push(socket);
	socket.on("error", () => undefined);
	await new Promise((resolve) => socket.once("connect", resolve));
	socket.pause();
	const path = "/api/v1/customers/export?format=jsonl";
	const headers = `Host: muster.test\r\nAuthorization: Bearer ${site.token}\r\nConnection: close`;
	socket.write(`GET ${path} HTTP/1.1\r\n${headers}\r\n\r\n`);
	return socket;
}

/** Resolves when no page was begun while others were served for a while, and none is under way. */
async function untilNothingIsRead(): Promise<void> {
	for (let quiet = 0, last = -1; quiet < 50; quiet += 1) {
		if (begun !== last || open > 0) quiet = 0;
		last = begun;
		expect((await site.get("settings")).status).toBe(200);
	}
}

/** What is in use, in megabytes, once what is not has been taken away. */
function megabytesInUse(): number {
	setFlagsFromString("--expose-gc");
	(runInNewContext("gc") as () => void)();
	const { heapUsed, external } = process.memoryUsage();
	return (heapUsed + external) / 1e6;
}

test("clients that do not read, more than there are connections, hold none, no transaction and little memory", async () => {
	const before = { begun, megabytes: megabytesInUse() };
	const idle: Socket[] = [];
	for (let number = 0; number < clients; number += 1) idle.push(await anIdleClient());
	await untilNothingIsRead();
	const pages = begun - before.begun;
	// All have begun, and none has got far.
	expect(pages).toBeGreaterThanOrEqual(clients);
	expect(pages).toBeLessThan((clients * pagesOfAll) / 3);
	// Ten pages each: what is being read, put into words, and sent.
	expect(megabytesInUse() - before.megabytes).toBeLessThan((clients * 10 * 100 * notesLength) / 1e6);
	const { rows } = await admin.query(
		"select state from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle'",
	);
	expect(rows).toEqual([]);
	const together = await Promise.all(Array.from({ length: 50 }, () => site.get("customers?limit=1")));
	expect(together.map(({ status }) => status)).toEqual(Array(50).fill(200));
}, 60_000);

test("a client that goes away ends the reading of its export", async () => {
	const before = begun;
	const socket = await anIdleClient();
	await untilNothingIsRead();
	const read = begun - before;
	socket.destroy();
	await untilNothingIsRead();
	// What was under way when it went: a page, and no more.
	expect(begun - before).toBeLessThanOrEqual(read + 1);
	expect(read).toBeLessThan(pagesOfAll / 3);
}, 60_000);

test("a client that reads on after a pause gets the whole file", async () => {
	const socket = await anIdleClient();
	await untilNothingIsRead();
	let lines = 0;
	let text = "";
	for await (const chunk of socket) {
		const read: string = text + chunk;
		lines += read.split('{"customerId"').length - 1;
		text = read.slice(-20).replace('{"customerId"', "");
	}
	expect([lines, text.trimEnd().endsWith("0")]).toEqual([customers, true]);
}, 60_000);
