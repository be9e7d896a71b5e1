import { randomUUID } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { createSite } from "../../src/store/create-site.ts";
import { type Database, openDatabase } from "../../src/store/database.ts";
import { insertRecords } from "../../src/store/insert-records.ts";
import { migrate } from "../../src/store/migrate.ts";

/** A login that owns its database and is nothing more, as hosters give one. */
const name = `muster_owner_${randomUUID().replaceAll("-", "")}`;
let database: Database;
let url: string;

async function asAdmin(...texts: string[]): Promise<void> {
	const admin = new pg.Client({ connectionString: inject("database").adminUrl });
	await admin.connect();
	for (const text of texts) await admin.query(text);
	await admin.end();
}

beforeAll(async () => {
	await asAdmin(`create role ${name} login password 'secret'`, `create database ${name} owner ${name}`);
	const owned = new URL(inject("database").adminUrl);
	owned.username = name;
	owned.password = "secret";
	owned.pathname = `/${name}`;
	url = owned.href;
	await migrate(url);
	database = openDatabase({ url });
});
afterAll(async () => {
	await database.close();
	await asAdmin(`drop database ${name}`, `drop role ${name}`);
});

test("a plain owner of a database can migrate it, and migrating again changes nothing", async () => {
	expect(await migrate(url)).toEqual([]);
});

test("a plain owner is bound by row-level security too, without a role made for it", async () => {
	const [one, other] = await database.inNoSite(async (transaction) => [
		await createSite(transaction, "one"),
		await createSite(transaction, "other"),
	]);
	const state = {
		address: { text: "Acme", key: "acme" },
		displayName: "",
		details: {},
		sourceUpdatedAt: null,
	};
	// Only what inserting reads of a draft.
	const draft = { id: "1", state, lastChange: null } as never;
	await database.inSite(one ?? "", (transaction) =>
		insertRecords(transaction, one ?? "", "organization", [draft]),
	);
	const statement = { name: "all", text: "select name from muster.organization" };
	const seen = (siteId: string) => database.inSite(siteId, (transaction) => transaction.query(statement, []));
	expect(await seen(one ?? "")).toEqual([{ name: "Acme" }]);
	expect(await seen(other ?? "")).toEqual([]);
});

test.each([
	["change", "update muster.audit_entry set actor = 'nobody'"],
	["delete", "delete from muster.audit_entry"],
])("a plain owner's program cannot %s what the audit log has", async (what, text) => {
	const statement = { name: `${what}-entries`, text };
	await expect(database.inNoSite((transaction) => transaction.execute(statement, []))).rejects.toThrow(
		"permission denied for table audit_entry",
	);
});
