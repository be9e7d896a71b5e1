import { copyFile, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { MusterClient } from "@muster/client";
import { parse } from "csv-parse/sync";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { runCommand } from "../command.ts";
import { startMuster, type TestMuster, type TestSite } from "../muster.ts";
import { aFolder, type Ended, type ProgramOptions, startProgram } from "../program.ts";

let muster: TestMuster;
beforeAll(async () => {
	muster = await startMuster({ workerStarted: true });
});
afterAll(() => muster.close());

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
	for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const examples = fileURLToPath(new URL("../../../examples/", import.meta.url));

interface Imported {
	readonly code: number | null;
	// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever is printed
	readonly report: any;
}

/** A folder of a user, and a site for it. */
interface Desk {
	readonly folder: string;
	readonly site: TestSite;
	readonly client: MusterClient;
	readonly environment: Record<string, string>;
	write(name: string, text: string | Uint8Array): Promise<void>;
	read(name: string): Promise<string>;
	run(parameters: readonly string[], options?: ProgramOptions): Promise<Ended>;
	/** The report of an import as JSON. */
	import(parameters: readonly string[], options?: ProgramOptions): Promise<Imported>;
	// biome-ignore lint/suspicious/noExplicitAny: as above
	customers(): Promise<any[]>;
}

test("what nobody foresaw ends with 1, with all that is known of it and before anything was sent", async () => {
	const desk = await aDesk();
	await desk.write("people.csv", "Email\nada@example.com\n");
	// Where the folder of journals is to be made, there is a file.
	await desk.write(".muster-import", "");
	const { code, stdout, stderr } = await desk.run(["import", "people.csv"]);
	expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
	expect(stderr).toMatch(/EEXIST: file already exists, mkdir '\.muster-import'/);
	expect(await desk.customers()).toEqual([]);
});

async function aDesk(settings: Parameters<TestMuster["aSite"]>[0] = {}): Promise<Desk> {
	const { path: folder, remove } = await aFolder();
	cleanups.push(remove);
	const site = await muster.aSite(settings);
	const client = new MusterClient({ url: muster.url, token: site.token });
	const environment = {
		MUSTER_URL: muster.url,
		MUSTER_TOKEN: site.token,
		MUSTER_DATA: join(folder, ".muster"),
	};
	const run = (parameters: readonly string[], options: ProgramOptions = {}) =>
		runCommand(parameters, environment, { cwd: folder, ...options });
	return {
		folder,
		site,
		client,
		environment,
		run,
		write: (name, text) => writeFile(join(folder, name), text),
		read: (name) => readFile(join(folder, name), "utf8"),
		import: async (parameters, options) => {
			const { code, stdout, stderr } = await run(["import", "--json", ...parameters], options);
			if (stdout === "") throw new Error(`no report: ${stderr}`);
			return { code, report: JSON.parse(stdout) };
		},
		customers: async () => {
			const found = [];
			for await (const customer of client.customers()) found.push(customer);
			return found.sort((one, other) => (one.email < other.email ? -1 : 1));
		},
	};
}

const counts = { created: 0, updated: 0, unchanged: 0, skipped: 0, failed: 0, succeeded: 0 };

/** Places of faults, as examples/README.md has them. */
// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever is printed
function placesOf(report: any): string[] {
	return report.faults
		.flatMap((group: { first: unknown[] }) => group.first)
		.map((fault: { file: string; line: number; column: string; code: string }) =>
			[`${fault.file}:${fault.line}`, fault.column, fault.code].join(" | "),
		)
		.sort();
}

async function withExamples(desk: Desk): Promise<void> {
	for (const name of ["customers.csv", "organizations.csv"]) {
		await copyFile(join(examples, name), join(desk.folder, name));
	}
}

test("the sample exports are imported with no mapping, the report names every planted fault by line, and a corrected failed.csv ends with no failure and nothing doubled", async () => {
	const desk = await aDesk();
	await withExamples(desk);
	const { code, report } = await desk.import(["customers.csv", "organizations.csv"]);
	expect(code).toBe(3);
	expect(placesOf(report)).toEqual([
		"customers.csv:13 | Email | invalid_email",
		"customers.csv:13 | Subscription Date | invalid_detail_value",
		"customers.csv:38 | First Name | text_too_long",
		"customers.csv:58 | Company | organization_not_found",
		"customers.csv:71 | Subscription Date | invalid_detail_value",
		"organizations.csv:169 | Founded | invalid_detail_value",
		"organizations.csv:317 | Website | invalid_detail_value",
		"organizations.csv:59 | Name | invalid_name",
		"organizations.csv:608 | Industry | invalid_detail_value",
		"organizations.csv:745 | Employees | invalid_detail_value",
	]);
	expect(
		report.stages.map(({ records, counts }: { records: string; counts: object }) => [records, counts]),
	).toEqual([
		["organizations", { ...counts, created: 995, failed: 5 }],
		["companies", { ...counts, created: 93 }],
		["customers", { ...counts, created: 96, unchanged: 1, failed: 4 }],
	]);
	const hints = report.faults.flatMap((group: { first: { value: string; hint: string }[] }) =>
		group.first.map(({ value, hint }) => [value, hint]),
	);
	expect(Object.fromEntries(hints)).toMatchObject({
		"6,346": "Did you mean 6346?",
		Cosmetcis: "Did you mean Cosmetics?",
		"31.12.2021": "Did you mean 2021-12-31?",
		"www.cox.org": "Did you mean https://www.cox.org?",
	});

	const before = (await desk.customers()).length;
	const organizations = (await desk.read("failed-organizations.csv"))
		.replace("around 1990", "1990")
		.replace("www.cox.org", "https://www.cox.org")
		.replace("Cosmetcis", "Cosmetics")
		.replace('"6,346"', "6346")
		.replace(/^(58,[^,]*),,/m, "$1,Blank Name Ltd,");
	await desk.write("failed-organizations.csv", organizations);
	expect((await desk.import(["failed-organizations.csv"])).report.total).toEqual({ ...counts, created: 5 });
	const customers = (await desk.read("failed-customers.csv"))
		.replace("mark42 at robbins.com", "mark42@robbins.com")
		.replace("2021-02-30", "2021-02-28")
		.replace("31.12.2021", "2021-12-31")
		.replace(/"Prefers mornings[^"]*"/, "Nicholas");
	await desk.write("failed-customers.csv", customers);
	const corrected = await desk.import(["failed-customers.csv"]);
	expect([corrected.code, corrected.report.faults]).toEqual([0, []]);
	expect(await desk.customers()).toHaveLength(before + 4);
	const whole = await desk.import(["customers.csv", "organizations.csv"]);
	expect(whole.report.total.created).toBe(0);
});

test("after SIGKILL, resume ends with the counts and records of an undisturbed import", async () => {
	const rows = Array.from({ length: 4_000 }, (_, place) => {
		const mail = place % 400 === 7 ? "no address" : `person-${place}@example.com`;
		return `${mail},Ann,Smith ${place},Company ${place % 50},${place}`;
	});
	const text = ["Email,First Name,Last Name,Company,Points", ...rows].join("\n");
	const [calm, killed] = [await aDesk(), await aDesk()];
	for (const desk of [calm, killed]) await desk.write("people.csv", text);
	const whole = await calm.import(["people.csv"]);

	const program = startProgram(["import", "people.csv", "--jsonl"], killed.environment, {
		cwd: killed.folder,
	});
	await program.printed('people.csv","line":1500,');
	expect(await program.end("SIGKILL")).toMatchObject({ signal: "SIGKILL" });
	expect((await readdir(killed.folder)).includes("failed.csv")).toBe(false);
	const resumed = await killed.run(["import", "resume", "--json"]);
	const report = JSON.parse(resumed.stdout);

	expect(resumed.code).toBe(3);
	const pick = ({ stages, faults }: { stages: unknown; faults: unknown }) => ({ stages, faults });
	expect(pick(report)).toEqual(pick(whole.report));
	expect(report.total).toEqual({ ...counts, created: 4_040, failed: 10 });
	const records = (all: { email: string; displayName: string; details: object }[]) =>
		all.map(({ email, displayName, details }) => ({ email, displayName, details }));
	expect(records(await killed.customers())).toEqual(records(await calm.customers()));
	expect(await killed.read("failed.csv")).toBe(await calm.read("failed.csv"));
	// Done with: there is nothing left to resume.
	expect((await killed.run(["import", "resume"])).code).toBe(2);
}, 90_000);

test("Ctrl-C finishes what is under way and says how to go on", async () => {
	const desk = await aDesk();
	const rows = Array.from({ length: 3_000 }, (_, place) => `person-${place}@example.com`);
	await desk.write("people.csv", ["email", ...rows].join("\n"));
	const program = startProgram(["import", "people.csv", "--jsonl"], desk.environment, { cwd: desk.folder });
	await program.printed('"line":300,');
	const ended = await program.end("SIGINT");
	expect(ended.code).toBe(130);
	const [, run = ""] = /muster import resume (import-\w+)/.exec(ended.stderr) ?? [];
	const told = ended.stdout.trim().split("\n").length;
	expect(told % 100).toBe(0);
	expect(told).toBeLessThan(3_000);
	const resumed = await desk.run(["import", "resume", run, "--json"]);
	expect(JSON.parse(resumed.stdout).total).toEqual({ ...counts, created: 3_000 });
	expect(resumed.code).toBe(0);
});

describe("whatever a file is written in", () => {
	test("it is found out: separators, encodings, ends of lines, and JSONL, of each file by itself", async () => {
		const desk = await aDesk();
		const csv = "E-Mail;Vorname;Nachname;Tier\njose@example.com;José;Müller;Gold\n";
		const json = { email: "jose@example.com", displayName: "José Müller", details: { Tier: "Gold" } };
		const files: Record<string, string | Uint8Array> = {
			"semicolons.csv": csv,
			"tabs.tsv": csv.replaceAll(";", "\t"),
			"windows-1252.csv": Buffer.from(csv, "latin1"),
			"utf-16.csv": Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(csv, "utf16le")]),
			"mark.csv": `\ufeff${csv}`,
			"cr-lf.csv": csv.replaceAll("\n", "\r\n"),
			"lines.jsonl": `${JSON.stringify(json)}\n`,
		};
		for (const [name, text] of Object.entries(files)) await desk.write(name, text);
		const { code, report } = await desk.import(Object.keys(files));
		expect([code, report.total]).toEqual([0, { ...counts, created: 1, unchanged: 6 }]);
		const found = await desk.customers();
		expect(found.map(({ email, displayName, details }) => ({ email, displayName, details }))).toEqual([
			{ email: "jose@example.com", displayName: "José Müller", details: { tier: "Gold" } },
		]);
	});

	test("standard input is imported, and a row with too many cells is told of by its line", async () => {
		const desk = await aDesk();
		const input = 'email,name\na@example.com,"Ann\nSmith"\nb@example.com,Bob,Smith\n\nc@example.com,Carl\n';
		const { code, report } = await desk.import(["-"], { input });
		expect(code).toBe(3);
		expect(placesOf(report)).toEqual(["stdin:4 |  | too_many_cells"]);
		expect(report.total).toEqual({ ...counts, created: 2, failed: 1 });
		const [row] = parse(await desk.read("failed.csv"), { columns: true, bom: true });
		expect(row).toMatchObject({ email: "b@example.com", line: "4", code: "too_many_cells" });
		expect(await readdir(join(desk.folder, ".muster-import"))).toEqual([]);
	});
});

test("cells that an export guards for spreadsheets are read as they were, and guarded again in failed.csv", async () => {
	const desk = await aDesk();
	await desk.write("a.csv", "email,Phone\na@example.com,'+1-555-0123\nno address,'+1-555-0124\n");
	await desk.import(["a.csv"]);
	expect((await desk.customers()).map(({ details }) => details)).toEqual([{ phone: "+1-555-0123" }]);
	expect(await desk.read("failed.csv")).toContain("no address,'+1-555-0124,3,invalid_email");
});

test("a dry run changes nothing and says what would, field by field", async () => {
	const desk = await aDesk();
	await desk.write("a.csv", "email,name,Tier,Company\na@example.com,Ann,Gold,Acme\n");
	await desk.import(["a.csv"]);
	await desk.write(
		"b.csv",
		"email,name,Tier,Company\na@example.com,Ann,Silver,Acme\nb@example.com,Bob,Gold,New\n",
	);
	const { code, report } = await desk.import(["b.csv", "--dry-run"]);
	expect({ code, total: report.total, changes: report.changes, absent: report.absentOrganizations }).toEqual({
		code: 0,
		total: { ...counts, created: 2, updated: 1, unchanged: 1 },
		changes: [
			{ field: "details.tier", rows: 1, first: [{ place: "b.csv:2", before: "Gold", after: "Silver" }] },
		],
		absent: 1,
	});
	expect((await desk.customers()).map(({ email }) => email)).toEqual(["a@example.com"]);
});

test("the reference dialect is spoken too, and customers are associated by the ids of their organizations", async () => {
	const desk = await aDesk();
	await desk.write("a.csv", "email,First Name,Company,Tier\na@example.com,Ann,Acme,Gold\nb,Bob,ACME,Gold\n");
	const { code, report } = await desk.import(["a.csv", "--dialect", "reference", "--site", desk.site.siteId]);
	expect(code).toBe(3);
	expect(placesOf(report)).toEqual(["a.csv:3 | email | invalid_email"]);
	expect(await desk.customers()).toMatchObject([
		{
			email: "a@example.com",
			displayName: "Ann",
			details: { tier: "Gold" },
			organizations: [{ name: "Acme" }],
		},
	]);
});

test("a mapping is written, edited and used", async () => {
	const desk = await aDesk();
	await desk.write("a.csv", "Mail,Who,Since,Junk\na@example.com,Ann,03/04/2026,x\n");
	const written = await desk.run(["map", "a.csv"]);
	expect({ code: written.code, stderr: written.stderr }).toEqual({ code: 0, stderr: "" });
	const edited = written.stdout
		.replace(/Who: .*/, "Who: displayName")
		.replace(/Junk: .*/, "Junk: skip")
		.replace(/Since: .*/, "Since: { detail: Member since, type: DATE, dates: dmy }");
	await desk.write("a.yaml", edited);
	expect((await desk.import(["a.csv", "--map", "a.yaml"])).report.total).toEqual({ ...counts, created: 1 });
	expect(await desk.customers()).toMatchObject([
		{ displayName: "Ann", details: { "member-since": "2026-04-03" } },
	]);
	await desk.write("bad.yaml", "records: customers\ncolumns: { Mail: emial }\n");
	const refused = await desk.run(["import", "a.csv", "--map", "bad.yaml"]);
	expect(refused.code).toBe(2);
	expect(refused.stderr).toContain('column "Mail": "emial" is none of email');
});

test("days that can be read in two ways are asked about, and read as said", async () => {
	const desk = await aDesk();
	await desk.write("a.csv", "email,Since\na@example.com,03/04/2026\n");
	const refused = await desk.run(["import", "a.csv"]);
	expect(refused.code).toBe(2);
	expect(refused.stderr).toContain("--dates dmy");
	expect((await desk.import(["a.csv", "--dates", "dmy"])).code).toBe(0);
	expect((await desk.customers())[0].details).toEqual({ since: "2026-04-03" });
});

test("without new fields, columns that the site has none for are left out", async () => {
	const desk = await aDesk();
	await desk.write("a.csv", "email,Tier\na@example.com,Gold\n");
	expect((await desk.import(["a.csv", "--create-fields", "no"])).code).toBe(0);
	expect((await desk.customers())[0].details).toEqual({});
});

test("each kind of end has a code of its own, and stdout stays free for data", async () => {
	const desk = await aDesk();
	await desk.write("good.csv", "email\na@example.com\n");
	await desk.write("keyless.csv", "Town,Street\nUlm,Main Street\n");
	await desk.write("bad.csv", "email\nnobody\n");
	await desk.write("empty.csv", "");
	const readOnly = await desk.site.aToken(["read:customer:jira-service-management"]);
	const nowhere = { ...desk.environment, MUSTER_URL: "http://127.0.0.1:1" };
	const cases: [string, readonly string[], Record<string, string>][] = [
		["0 all rows done", ["good.csv"], {}],
		["2 usage", [], {}],
		["2 no such file", ["gone.csv"], {}],
		["2 a mistyped option", ["good.csv", "--dry-rum"], {}],
		["4 not authorised", ["good.csv"], { MUSTER_TOKEN: readOnly }],
		["6 no column holds the email", ["keyless.csv"], {}],
		["6 no row can be used", ["bad.csv"], {}],
		["6 empty", ["empty.csv"], {}],
		["5 out of reach", ["good.csv"], nowhere],
	];
	const ends = await Promise.all(
		cases.map(async ([what, parameters, environment]) => {
			const { code, stdout } = await runCommand(
				["import", ...parameters],
				{ ...desk.environment, ...environment },
				{ cwd: desk.folder },
			);
			return [what, `${code}${stdout === "" || code === 0 ? "" : ` and printed ${stdout}`}`];
		}),
	);
	expect(ends).toEqual(cases.map(([what]) => [what, what.slice(0, 1)]));
}, 60_000);
