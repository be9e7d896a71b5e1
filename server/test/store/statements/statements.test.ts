import { readdirSync, readFileSync } from "node:fs";
import { loadModule } from "libpg-query";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startMuster, type TestMuster } from "../../muster.ts";
import { firstParameters, type Node, ownedIn, treeOf, unboundIn } from "./bound-to-site.ts";
import { askEveryRoute, sayTheRest } from "./every-statement.ts";
import { callsIn, lockedIn, mergedIn, tablesIn } from "./over-shards.ts";
import { Recording } from "./recording.ts";

// Every statement is of one site, by site_id, and so are the keys: it is what lets the tables be spread over machines by it.

/** Looked up before the site is known, each by a key of its own: the same everywhere, small, and read by all. */
const known = ["access_token", "console_key", "migration", "site", "worker_seen"];

const recording = new Recording();
let muster: TestMuster;
let admin: pg.Client;
let owned: ReadonlySet<string>;
beforeAll(async () => {
	await loadModule();
	muster = await startMuster({ through: (database) => recording.of(database) });
	admin = new pg.Client({ connectionString: muster.databaseUrl });
	await admin.connect();
	owned = new Set((await namesOf("bySite")).filter((name) => !known.includes(name)));
	await askEveryRoute(muster);
	await sayTheRest(recording.onPaper);
}, 120_000);
afterAll(async () => {
	await admin.end();
	await muster.close();
});

const lists = {
	all: "select relname as name from pg_class where relnamespace = 'muster'::regnamespace and relkind = 'r'",
	bySite: `
		select relname as name from pg_class join pg_attribute on attrelid = pg_class.oid
		where relnamespace = 'muster'::regnamespace and relkind = 'r' and attname = 'site_id' and attnum > 0`,
	// A unique index whose columns do not have site_id among them; included columns make nothing unique.
	keysOverSites: `
		select made.relname as name
		from pg_index join pg_class on pg_class.oid = indrelid join pg_class as made on made.oid = indexrelid
		where pg_class.relnamespace = 'muster'::regnamespace and indisunique and pg_class.relname = any($1) and not exists (
			select from pg_attribute
			where attrelid = indrelid and attname = 'site_id' and attnum = any(indkey[0:indnkeyatts - 1]))`,
	referencesOverSites: `
		select conname as name
		from pg_constraint join pg_class on pg_class.oid = conrelid join pg_class as other on other.oid = confrelid
		where contype = 'f' and pg_class.relname = any($1) and other.relname = any($1) and not exists (
			select from pg_attribute where attrelid = conrelid and attname = 'site_id' and attnum = any(conkey))`,
} as const;

async function namesOf(list: keyof typeof lists): Promise<string[]> {
	const values = lists[list].includes("$1") ? [[...owned]] : [];
	const { rows } = await admin.query<{ name: string }>(lists[list], values);
	return rows.map(({ name }) => name).toSorted();
}

describe("the tables", () => {
	test("belong to sites, but for those that are looked up before the site is known", async () => {
		expect(await namesOf("all")).toEqual([...owned, ...known].toSorted());
		expect(owned.size).toBeGreaterThan(12);
	});

	test("have site_id in every unique key and in every reference", async () => {
		expect(await namesOf("keysOverSites")).toEqual([]);
		expect(await namesOf("referencesOverSites")).toEqual([]);
	});

	test("a key over sites is found", async () => {
		await admin.query(
			"begin; create unique index over_sites on muster.product (product_id) include (site_id)",
		);
		expect(await namesOf("keysOverSites")).toEqual(["over_sites"]);
		await admin.query("rollback");
	});
});

/** Names in the sources of the store, with what is put into them left open. */
function namedInSources(): RegExp[] {
	const folder = new URL("../../../src/store/", import.meta.url);
	return readdirSync(folder)
		.filter((file) => file.endsWith(".ts"))
		.flatMap((file) => [
			...readFileSync(new URL(file, folder), "utf8").matchAll(/\bname: (["`])(.+?)\1,\s*text\b/g),
		])
		.map(([, , name = ""]) => new RegExp(`^${name.replace(/\$\{[^}]+\}/g, ".+")}$`));
}

describe("the statements", () => {
	test("are all looked at", () => {
		const names = recording.statements.map(({ name }) => name);
		const sources = namedInSources();
		expect(sources.length).toBeGreaterThan(100);
		expect(sources.filter((source) => !names.some((name) => source.test(name))).map(String)).toEqual([]);
	});

	test("name no table of a site without binding it in the same query", () => {
		const unbound = recording.statements.flatMap(({ name, text }) =>
			unboundIn(treeOf(text), owned).map((what) => `${name}: ${what}\n${text}`),
		);
		expect(unbound).toEqual([]);
	});

	test("are found wanting, whichever site_id = $1 is taken out of whichever of them", () => {
		let taken = 0;
		const spare: string[] = [];
		for (const { name, text } of recording.statements) {
			const tree = treeOf(text);
			if (ownedIn(tree, owned).length === 0) continue;
			const parameters: readonly Node[] = firstParameters(tree);
			expect(parameters, name).not.toEqual([]);
			for (const parameter of parameters) {
				parameter.ParamRef.number = 99;
				if (unboundIn(tree, owned).length === 0) spare.push(name);
				parameter.ParamRef.number = 1;
				taken += 1;
			}
		}
		// They name the site itself, or a token, beside the site's tables; both are looked up by their ids anyway.
		expect(spare.toSorted()).toEqual(["find-change", "find-task", "find-task-with-results", "list-tasks"]);
		expect(taken).toBeGreaterThan(150);
	});

	test.each([
		["or lets other sites in", "select from muster.task where site_id = $1 or number = $2"],
		[
			"a condition of another query binds nothing",
			"select from muster.task where exists (select from muster.task where site_id = $1)",
		],
		[
			"the other half of a union",
			"select 1 from muster.task where site_id = $1 union all select 1 from muster.task where number = $2",
		],
		["of two tables one is left", "select from muster.task, muster.customer where task.site_id = $1"],
		["another parameter is another site", "select from muster.task where site_id = $2"],
		["an insert into another site", "insert into muster.product (product_id, site_id) values ($1, $2)"],
		["a change of all sites", "update muster.customer set details = $1"],
		[
			"what is taken out behind a name",
			"with gone as (delete from muster.task where number = $1 returning 1) select 1 from gone",
		],
	])("%s", (_name, text) => {
		expect(unboundIn(treeOf(text), owned)).toHaveLength(1);
	});
});

// docs/scale.md says what Citus refuses, with the sources. What is listed here has its place there.
describe("of what Citus refuses or does elsewhere, the statements have", () => {
	/** Names of the statements in which something is found, and what. */
	function found(look: (tree: Node) => readonly string[]): Record<string, string[]> {
		return Object.fromEntries(
			recording.statements
				.map(({ name, text }) => [name, [...new Set(look(treeOf(text)))].toSorted()] as const)
				.filter(([, names]) => names.length > 0)
				.toSorted(([one], [other]) => (one < other ? -1 : 1)),
		);
	}

	test("no `merge`, which Citus does from its own tables alone", () => {
		expect(found(mergedIn)).toEqual({});
	});

	test("no lock on rows of several sites, and of what belongs to none only by key", () => {
		expect(found((tree) => lockedIn(tree).filter((name) => known.includes(name)))).toEqual({
			"lock-webhooks": ["site"],
			"note-token-use": ["access_token"],
			"note-worker-seen": ["worker_seen"],
		});
	});

	test("few joins of a site's tables with those of none", () => {
		const mixed = (tree: Node): string[] =>
			ownedIn(tree, owned).length === 0 ? [] : tablesIn(tree).filter((name) => known.includes(name));
		expect(found(mixed)).toEqual({
			"advance-import": ["access_token"],
			"find-change": ["access_token"],
			"find-task": ["access_token"],
			"find-task-with-results": ["access_token"],
			"list-tasks": ["access_token"],
		});
	});

	test("one sequence besides those of the tables, and functions over sites only to find work and to count it", () => {
		const anywhere = ["muster.expect", "muster.new_id", "muster.number_of", "muster.bound_site"];
		const elsewhere = (tree: Node): string[] =>
			callsIn(tree).filter(
				(name) => name === "nextval" || (name.startsWith("muster.") && !anywhere.includes(name)),
			);
		expect(found(elsewhere)).toEqual({
			"audit-erasure": ["muster.add_audit_entry"],
			"count-all-unfinished-tasks": ["muster.unfinished_tasks"],
			"find-by-words": ["muster.find_by_words"],
			"find-due-webhooks": ["muster.webhooks_with_work"],
			"find-sites-with-work": ["muster.sites_with_work"],
			"next-change": ["nextval"],
			"queue-state": ["muster.queue_state"],
		});
	});

	test("numbers of transactions, which are those of the machine that a row is on", () => {
		const numbered = (tree: Node): string[] => callsIn(tree).filter((name) => name === "pg_current_xact_id");
		expect(Object.keys(found(numbered))).toEqual([
			"await-lane",
			"await-shared-lane",
			"open-lane",
			"share-lane",
			"take-lane",
			"update-customers",
			"update-organizations",
		]);
	});

	test("two columns that a sequence numbers, over all sites", async () => {
		const { rows } = await admin.query<{ name: string }>(
			`select relname || '.' || attname as name from pg_attribute join pg_class on pg_class.oid = attrelid
			where relnamespace = 'muster'::regnamespace and attidentity <> '' order by 1`,
		);
		expect(rows.map(({ name }) => name)).toEqual(["audit_entry.number", "task.number"]);
	});
});
