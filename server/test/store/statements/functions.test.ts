import { loadModule, parsePlPgSQLSync } from "libpg-query";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readCatalogue } from "../../../src/store/catalogue.ts";
import { aDatabase } from "../../muster.ts";
import { firstParameters, type Node, objectsIn, ownedIn, treeOf, unboundIn } from "./bound-to-site.ts";

// Functions in the database are statements of ours too: each is of one site at a time, by a variable in the place of $1.

/** What holds the site in each function that names a table of sites. */
const sites: Readonly<Record<string, string>> = {
	add_audit_entry: "site",
	audit_webhook: "hook.site_id",
	queue_state: "candidate",
	sites_with_work: "candidate",
	unfinished_tasks: "candidate",
	webhooks_with_work: "candidate",
};

interface Kept {
	readonly name: string;
	readonly text: string;
	readonly isDefiner: boolean;
	readonly isPlpgsql: boolean;
}

let database: Awaited<ReturnType<typeof aDatabase>>;
let functions: readonly Kept[];
let owned: ReadonlySet<string>;
beforeAll(async () => {
	await loadModule();
	database = await aDatabase();
	const client = new pg.Client({ connectionString: database.url });
	await client.connect();
	const { rows } = await client.query<Kept>(
		`select proname as name, pg_get_functiondef(pg_proc.oid) as text, prosecdef as "isDefiner", lanname = 'plpgsql' as "isPlpgsql"
		from pg_proc join pg_language on pg_language.oid = prolang
		where pronamespace = 'muster'::regnamespace order by 1`,
	);
	functions = rows;
	owned = new Set(
		(await readCatalogue(client)).tables.filter(({ isOfSites }) => isOfSites).map(({ name }) => name),
	);
	await client.end();
});
afterAll(() => database.drop());

interface Inside {
	readonly name: string;
	readonly text: string;
}

/** Every statement and expression of the functions, with $1 where the site stands. */
function statementsInside(): Inside[] {
	return functions
		.filter(({ isPlpgsql }) => isPlpgsql)
		.flatMap(({ name, text }) =>
			objectsIn(parsePlPgSQLSync(text))
				.flatMap(({ PLpgSQL_expr }) => (PLpgSQL_expr === undefined ? [] : [asStatement(PLpgSQL_expr)]))
				.map((statement) => ({ name, text: withFirst(statement, sites[name]) })),
		);
}

/** PostgreSQL's modes of parsing: 0 is a statement, 2 an expression, 3 an assignment. */
function asStatement({ query, parseMode }: Node): string {
	if (parseMode === 0) return query;
	return `select ${parseMode === 3 ? query.slice(query.indexOf(":=") + 2) : query}`;
}

function withFirst(text: string, site: string | undefined): string {
	return site === undefined ? text : text.replace(new RegExp(`(?<![.\\w'])${site}(?![\\w'])`, "g"), "$$1");
}

test("functions in SQL name no table", () => {
	const plain = functions.filter(({ isPlpgsql }) => !isPlpgsql).map(({ name, text }) => ({ name, text }));
	expect(plain.map(({ name }) => name)).toEqual(["bound_site", "new_id", "number_of"]);
	for (const { text } of plain) expect(text).not.toMatch(/\bfrom muster\./);
});

test("functions name no table of a site without binding it, but for the list of sites that may have work", () => {
	const unbound = statementsInside().flatMap(({ name, text }) =>
		unboundIn(treeOf(text), owned).map((what) => `${name}: ${what}`),
	);
	// Notes are one small row a site. It is looked through for sites, and each is then looked at by itself.
	expect(unbound).toEqual([
		"queue_state: lane_note is read without site_id = $1",
		"sites_with_work: lane_note is read without site_id = $1",
		"unfinished_tasks: lane_note is read without site_id = $1",
	]);
});

test("each function that names a table of sites binds the site first", () => {
	const naming = statementsInside().filter(({ text }) => ownedIn(treeOf(text), owned).length > 0);
	expect([...new Set(naming.map(({ name }) => name))].toSorted()).toEqual(Object.keys(sites).toSorted());
	for (const [name, site] of Object.entries(sites)) {
		// What audit_webhook reads is read by a trigger of the transaction that is bound to the webhook's site.
		if (name === "audit_webhook") continue;
		expect(functions.find((each) => each.name === name)?.text).toContain(
			`set_config('muster.site', ${site}::text, true)`,
		);
	}
});

test("functions are found wanting, whichever binding is taken out of whichever of them", () => {
	let taken = 0;
	for (const { name, text } of statementsInside()) {
		const tree = treeOf(text);
		if (ownedIn(tree, owned).length === 0) continue;
		for (const parameter of firstParameters(tree)) {
			// What is shown of the site, or compared with a table that is of no site, binds nothing.
			const before = unboundIn(tree, owned).length;
			parameter.ParamRef.number = 99;
			if (unboundIn(tree, owned).length > before) taken += 1;
			else
				expect(`${name}: ${text.replace(/\s+/g, " ")}`).toMatch(/select \$1, webhook_id|update muster\.site/);
			parameter.ParamRef.number = 1;
		}
	}
	expect(taken).toBeGreaterThan(6);
});

test("the one function with its owner's power answers for the bound site alone", () => {
	const powerful = functions.filter(({ isDefiner }) => isDefiner);
	expect(powerful.map(({ name }) => name)).toEqual(["find_by_words"]);
	const [text = ""] = powerful.map((each) => each.text);
	const begun = text.slice(text.indexOf("begin"));
	expect(begun).toMatch(/^begin\s+if site is distinct from muster\.bound_site\(\) then\s+return '\{\}';/);
	expect(begun.match(/\bselect\b[^;]*\bfrom muster\./g)).toHaveLength(1);
	expect(begun).toContain("(site_id = $1) is true");
});
