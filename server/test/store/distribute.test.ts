import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Catalogue } from "../../src/store/catalogue.ts";
import { readCatalogue } from "../../src/store/catalogue.ts";
import { distributionOf } from "../../src/store/distribute.ts";
import { runCommand } from "../command.ts";
import { anEmptyDatabase, startMuster, type TestMuster } from "../muster.ts";

// A Citus cannot be run here. What it is asked for is made of the catalogue of a real PostgreSQL, and looked at; what of it
// any PostgreSQL understands is carried out.

let muster: TestMuster;
let admin: pg.Client;
let catalogue: Catalogue;
beforeAll(async () => {
	muster = await startMuster();
	admin = new pg.Client({ connectionString: muster.databaseUrl });
	await admin.connect();
	catalogue = await readCatalogue(admin);
});
afterAll(async () => {
	await admin.end();
	await muster.close();
});

const spread = [
	"audit_entry",
	"connector",
	"connector_run",
	"customer",
	"detail_field",
	"organization",
	"product",
	"entitlement",
	"import",
	"import_part",
	"lane",
	"lane_note",
	"membership",
	"organization_counter",
	"single_write",
	"task",
	"webhook",
	"webhook_delivery",
];

describe("the plan for a Citus", () => {
	test("spreads every table of sites by site_id, in one group, what is referred to first", () => {
		const { statements } = distributionOf(catalogue);
		expect(statements.filter((text) => text.includes("create_distributed_table"))).toEqual(
			spread.map(
				(name, place) =>
					`select create_distributed_table('muster.${name}', 'site_id', colocate_with => '${place === 0 ? "none" : "muster.audit_entry"}')`,
			),
		);
	});

	test("gives each machine a copy of the others, but of those that have triggers or belong to one that has", () => {
		const { statements } = distributionOf(catalogue);
		expect(
			statements.filter((text) => /create_reference_table|citus_add_local_table_to_metadata/.test(text)),
		).toEqual([
			"select citus_add_local_table_to_metadata('muster.access_token')",
			"select citus_add_local_table_to_metadata('muster.console_key')",
			"select create_reference_table('muster.migration')",
			"select citus_add_local_table_to_metadata('muster.site')",
			"select create_reference_table('muster.worker_seen')",
		]);
	});

	test("takes along the functions that need no table, and no other", () => {
		expect(catalogue.functions).toEqual([
			"muster.bound_site()",
			"muster.expect(boolean)",
			"muster.new_id()",
			"muster.number_of(text)",
		]);
	});

	test("drops the triggers of webhooks, without which each site is looked at for some, and finds nothing in the way", async () => {
		const { statements, obstacles } = distributionOf(catalogue);
		expect(obstacles).toEqual([]);
		const site = await muster.aSite();
		await admin.query(
			`begin; ${statements.filter((text) => /^drop trigger|muster\.site /.test(text)).join("; ")}`,
		);
		const left = distributionOf(await readCatalogue(admin));
		const { rows } = await admin.query("select has_webhooks from muster.site where site_id = $1", [
			site.siteId,
		]);
		await admin.query("rollback");
		expect(left.statements.filter((text) => text.startsWith("drop trigger"))).toEqual([]);
		expect(rows).toEqual([{ has_webhooks: true }]);
	});

	test("says what stands in the way: another trigger", async () => {
		await admin.query(
			"begin; create trigger odd after update on muster.task for each row execute function muster.audit_webhook()",
		);
		const { obstacles } = distributionOf(await readCatalogue(admin));
		await admin.query("rollback");
		expect(obstacles).toEqual(["muster.task has the trigger odd, and Citus spreads no table with triggers"]);
	});

	test("writes policies without sub-selects, under which a site still sees its own alone", async () => {
		const [one, other] = [await muster.aSite(), await muster.aSite()];
		for (const site of [one, other])
			await site.run("customer/bulk", { customers: [{ email: "a@acme.com" }] });
		const policies = distributionOf(catalogue).statements.filter((text) => text.startsWith("alter policy"));
		expect(policies).toHaveLength(spread.length - ["lane", "lane_note"].length);
		await admin.query(`begin; ${policies.join("; ")}`);
		await admin.query(`set local role muster_app; set local muster.site = '${one.siteId}'`);
		const { rows } = await admin.query("select site_id from muster.customer");
		await admin.query("rollback");
		expect(rows).toEqual([{ site_id: one.siteId }]);
	});

	test("finds a table whose key is not of sites, and spreads it not", async () => {
		await admin.query("begin; create table muster.odd (site_id uuid, name text unique)");
		const { tables } = await readCatalogue(admin);
		await admin.query("rollback");
		expect(tables.find(({ name }) => name === "odd")).toMatchObject({ isOfSites: false });
	});
});

describe("muster migrate --distributed citus", () => {
	const run = async (...parameters: string[]) => {
		const environment = { DATABASE_URL: muster.databaseUrl };
		const { code, stdout, stderr } = await runCommand(
			["migrate", "--distributed", "citus", ...parameters],
			environment,
		);
		return { code, stdout, stderr };
	};

	test("--check prints the plan, and ends with 1 where something stands in its way", async () => {
		const plan = `${distributionOf(catalogue)
			.statements.map((text) => `${text};`)
			.join("\n")}\n`;
		expect(await run("--check")).toEqual({ code: 0, stdout: plan, stderr: "" });
		await admin.query(
			"create trigger odd after update on muster.task for each row execute function muster.audit_webhook()",
		);
		const hindered = await run("--check");
		await admin.query("drop trigger odd on muster.task");
		const obstacle = "muster.task has the trigger odd, and Citus spreads no table with triggers";
		expect(hindered).toEqual({ code: 1, stdout: `${plan}-- In the way: ${obstacle}.\n`, stderr: "" });
	});

	test("refuses a database without Citus, and leaves it as it was", async () => {
		expect(await run()).toEqual({
			code: 2,
			stdout: "The database has every migration of this program.\n",
			stderr:
				"muster: this database has no Citus: no extension citus is there. Nothing was spread. docs/scale.md says what is needed.\n",
		});
		expect(await readCatalogue(admin)).toEqual(catalogue);
	});

	test("--check of a database without tables says what to do first", async () => {
		const { url, drop } = await anEmptyDatabase();
		const ended = await runCommand(["migrate", "--distributed", "citus", "--check"], { DATABASE_URL: url });
		await drop();
		expect(ended.code).toBe(2);
		expect(ended.stderr).toMatch(
			/^muster: the database lacks migrations: 0001-first, .*Run `muster migrate` first\.\n$/,
		);
	});
});
