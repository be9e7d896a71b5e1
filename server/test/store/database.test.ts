import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import {
	type Database,
	DatabaseUnavailable,
	OutcomeUnknown,
	openDatabase,
	type Transaction,
} from "../../src/store/database.ts";
import { aDatabase } from "../muster.ts";

let url: string;
let drop: () => Promise<void>;
let admin: pg.Client;
let database: Database;
const unhandled: unknown[] = [];
const note = (reason: unknown): void => {
	unhandled.push(reason);
};

beforeAll(async () => {
	({ url, drop } = await aDatabase());
	admin = new pg.Client({ connectionString: url });
	await admin.connect();
	await admin.query(`
		create table public.entry (name text primary key);
		grant select, insert on public.entry to public`);
	process.on("unhandledRejection", note);
});
afterAll(async () => {
	process.off("unhandledRejection", note);
	await admin.end();
	await drop();
});
beforeEach(async () => {
	await admin.query("truncate public.entry");
	database = openDatabase({ url });
});
afterEach(async () => {
	// Whatever a test did to it, the pool goes on.
	await database.inNoSite((transaction) => insert(transaction, "afterwards"));
	expect(await names()).toContain("afterwards");
	await database.close();
	expect(unhandled).toEqual([]);
});

function insert(transaction: Transaction, name: string): Promise<number> {
	return transaction.execute({ name: "insert-entry", text: "insert into public.entry (name) values ($1)" }, [
		name,
	]);
}

function expectThat(transaction: Transaction, holds: boolean): Promise<unknown> {
	return transaction.query({ name: "expect", text: "select muster.expect($1)" }, [holds]);
}

/** Holds up whoever inserts this name, until the connection ends. */
async function holding(name: string): Promise<pg.Client> {
	const holder = new pg.Client({ connectionString: url });
	await holder.connect();
	await holder.query("begin");
	await holder.query("insert into public.entry values ($1)", [name]);
	return holder;
}

/** Ends the one connection that waits for a lock. */
async function cutWaiting(): Promise<void> {
	for (let looks = 0; looks < 10_000; looks += 1) {
		const { rowCount } = await admin.query(
			`select pg_terminate_backend(pid) from pg_stat_activity
			where datname = current_database() and wait_event_type = 'Lock'`,
		);
		if (rowCount !== 0) return;
	}
	throw new Error("nobody waits for a lock");
}

async function names(): Promise<string[]> {
	const { rows } = await admin.query<{ name: string }>("select name from public.entry order by name");
	return rows.map((row) => row.name);
}

async function failureOf(work: Promise<unknown>): Promise<unknown> {
	return work.then(
		() => null,
		(error: unknown) => error,
	);
}

test("statements that are sent together with the commit are saved together", async () => {
	const counts = await database.inNoSite((transaction) =>
		transaction.commit(() => Promise.all([insert(transaction, "one"), insert(transaction, "two")])),
	);
	expect(counts).toEqual([1, 1]);
	expect(await names()).toEqual(["one", "two"]);
});

test.each([
	["the first", ["twice", "twice", "one", "two"]],
	["the last", ["one", "two", "twice", "twice"]],
])("of statements sent together, %s one that fails says why, and nothing is saved", async (_which, list) => {
	const together = (transaction: Transaction): Promise<number[]> =>
		Promise.all(list.map((name) => insert(transaction, name)));
	for (const work of [
		together,
		(transaction: Transaction) => transaction.commit(() => together(transaction)),
		async (transaction: Transaction) => {
			await insert(transaction, "before");
			return transaction.commit(() => together(transaction));
		},
	]) {
		expect(await failureOf(database.inNoSite(work))).toMatchObject({ code: "23505" });
		expect(await names()).toEqual([]);
	}
});

test("the statement that fails first says why, also where one behind it is awaited first", async () => {
	const failure = await failureOf(
		database.inNoSite(async (transaction) => {
			expectThat(transaction, false).catch(() => undefined);
			await insert(transaction, "one");
		}),
	);
	expect(failure).toMatchObject({ code: "40001", message: "somebody else was faster" });
	expect(await names()).toEqual([]);
});

test("what does not hold undoes what was sent ahead of it and behind it", async () => {
	const failure = await failureOf(
		database.inNoSite((transaction) =>
			transaction.commit(() =>
				Promise.all([
					insert(transaction, "ahead"),
					expectThat(transaction, false),
					insert(transaction, "behind"),
				]),
			),
		),
	);
	expect(failure).toMatchObject({ code: "40001" });
	expect(await names()).toEqual([]);
});

test("what our own code fails at, before it has sent all, is not committed without it", async () => {
	const ours = new Error("ours");
	const failing = async (): Promise<never> => {
		throw ours;
	};
	const failure = await failureOf(
		database.inNoSite((transaction) =>
			transaction.commit(() => Promise.all([failing(), insert(transaction, "one")])),
		),
	);
	expect(failure).toBe(ours);
	expect(await names()).toEqual([]);
});

test("a connection that is cut before the commit was sent has saved nothing, and says so", async () => {
	const holder = await holding("held");
	const failing = failureOf(database.inNoSite((transaction) => insert(transaction, "held")));
	await cutWaiting();
	expect(await failing).toBeInstanceOf(DatabaseUnavailable);
	await holder.end();
	expect(await names()).toEqual([]);
});

test("a connection that is cut when the commit is on its way leaves the outcome unknown", async () => {
	const holder = await holding("held");
	const failing = failureOf(
		database.inNoSite((transaction) =>
			transaction.commit(() => Promise.all([insert(transaction, "one"), insert(transaction, "held")])),
		),
	);
	await cutWaiting();
	expect(await failing).toBeInstanceOf(OutcomeUnknown);
	await holder.end();
	expect(await names()).toEqual([]);
});

test("a lock that is awaited too long is told as that, and the connection goes on", async () => {
	const holder = await holding("held");
	const failure = await failureOf(
		database.inNoSite(
			(transaction) =>
				transaction.commit(() => Promise.all([insert(transaction, "one"), insert(transaction, "held")])),
			{ lockMs: 20 },
		),
	);
	expect(failure).toMatchObject({ code: "55P03" });
	await holder.end();
	expect(await names()).toEqual([]);
});

test("as many transactions as there are connections, each failing, leave every connection of use", async () => {
	const failures = await Promise.all(
		Array.from({ length: 40 }, () =>
			failureOf(
				database.inNoSite((transaction) =>
					transaction.commit(() => Promise.all([expectThat(transaction, false), insert(transaction, "one")])),
				),
			),
		),
	);
	expect(failures).toEqual(failures.map(() => expect.objectContaining({ code: "40001" })));
	await Promise.all(
		Array.from({ length: 40 }, (_, place) =>
			database.inNoSite((transaction) => transaction.commit(() => insert(transaction, `entry ${place}`))),
		),
	);
	expect(await names()).toHaveLength(40);
});

test("limits hold for their transaction alone", async () => {
	const shown = {
		name: "shown",
		text: "select current_setting('enable_seqscan') as seqscan, current_setting('lock_timeout') as lock",
	};
	const show = (limits?: Parameters<Database["inNoSite"]>[1]): Promise<unknown[]> =>
		database.inNoSite((transaction) => transaction.query(shown, []), limits);
	expect(await show({ byKey: true, lockMs: 20 })).toEqual([{ seqscan: "off", lock: "20ms" }]);
	expect(await show()).toEqual([{ seqscan: "on", lock: "0" }]);
});

test("a connection that is ended in the breath in which it is made is an answer, and ends no process", async () => {
	const message = (type: string, body: string): Buffer => {
		const bytes = Buffer.from(`${type}____${body}`, "latin1");
		bytes.writeInt32BE(bytes.length - 1, 1);
		return bytes;
	};
	const fatal = "SFATAL\0VFATAL\0C57P01\0Mterminating connection due to administrator command\0\0";
	const authenticatedAndOver = Buffer.concat([
		message("R", "\0\0\0\0"),
		message("Z", "I"),
		message("E", fatal),
	]);
	const postgres = createServer((socket) => socket.once("data", () => socket.end(authenticatedAndOver)));
	await once(postgres.listen(0, "127.0.0.1"), "listening");
	const { port } = postgres.address() as AddressInfo;
	const database = openDatabase({ url: `postgres://muster@127.0.0.1:${port}/muster` });
	await expect(database.inNoSite(async () => undefined)).rejects.toThrow(DatabaseUnavailable);
	await database.close();
	postgres.close();
});
