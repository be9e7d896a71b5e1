import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { scopes } from "@muster/client/contract";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { startMuster, type TestMuster } from "../muster.ts";
import { aFolder } from "../program.ts";
import { aDesk, type Desk } from "./desk.ts";
import { fillAccount } from "./hubspot-account.ts";
import { storedRecords } from "./hubspot-expected.ts";

// How `muster sync hubspot` behaves for its user: keys, limits, dry runs, settings, and being stopped.

let muster: TestMuster;
beforeAll(async () => {
	muster = await startMuster({ workerStarted: true });
});
afterAll(() => muster.close());

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
	for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function aFilledDesk(contacts = 250, companies = 20): Promise<Desk> {
	const desk = await aDesk(muster, cleanups);
	fillAccount(desk.standIn, contacts, companies);
	return desk;
}

const statusOf = async ({ site }: Desk) => (await site.get("connectors/hubspot")).body.run.status;

describe("the key", () => {
	test("comes from the environment or a file, is neither printed nor sent anywhere else, and a good one goes on where another was refused", async () => {
		const desk = await aFilledDesk(20, 5);
		const { path, remove } = await aFolder();
		cleanups.push(remove);
		const file = join(path, "hubspot.key");
		await writeFile(file, `${desk.standIn.key}\n`);
		const without = await desk.ends([], { HUBSPOT_TOKEN: "" });
		expect([without.code, without.stderr]).toEqual([
			2,
			"muster: there is no key for HubSpot. Set HUBSPOT_TOKEN, or say --key-file FILE; docs/guides/hubspot.md tells how to make a Service Key.\n",
		]);
		const wrong = await desk.ends([], { HUBSPOT_TOKEN: "pat-wrong-secret" });
		expect([wrong.code, wrong.stderr]).toEqual([
			4,
			expect.stringMatching(
				/^muster: HubSpot does not know the key \(401 of \/crm\/properties\/2026-03\/companies\)\. It needs the scopes crm\.objects\.contacts\.read, /,
			),
		]);
		expect(await statusOf(desk)).toBe("FAILED");
		const withFile = await desk.ends(["--key-file", file], { HUBSPOT_TOKEN: "" });
		expect(withFile.code, withFile.stderr).toBe(0);
		expect((await desk.site.get("connectors/hubspot/runs")).body.results).toHaveLength(1);
		for (const { stdout, stderr } of [withFile, wrong]) {
			expect(stdout + stderr).not.toMatch(/pat-na1|pat-wrong/);
		}
		const stored = JSON.stringify((await desk.site.get("connectors")).body);
		expect(stored).not.toMatch(/pat-na1|@/);
	});

	test("is an OAuth token that is renewed in its file while the run goes on", async () => {
		const desk = await aFilledDesk();
		const { path, remove } = await aFolder();
		cleanups.push(remove);
		const file = join(path, "hubspot.key");
		await writeFile(file, desk.standIn.key);
		let renewed = 0;
		desk.gate.onPass = async ({ path: address, isAnswered }) => {
			// Nothing is asked of HubSpot meanwhile.
			if (isAnswered || !address.endsWith("/bulk")) return;
			renewed += 1;
			desk.standIn.key = `token-${renewed}`;
			await writeFile(file, desk.standIn.key);
		};
		const { code, stderr } = await desk.ends(["--key-file", file], { HUBSPOT_TOKEN: "" });
		expect([code, stderr]).toEqual([0, expect.not.stringMatching(/pat-na1|token-/)]);
		expect(renewed).toBeGreaterThan(3);
		expect((await storedRecords(desk.client)).customers.size).toBe(248);
	});
});

test("a token with the scopes that the guide names is enough, and a marked record that is restored is active again", async () => {
	const desk = await aFilledDesk(20, 5);
	const guide = await readFile(new URL("../../../docs/guides/hubspot.md", import.meta.url), "utf8");
	const named = [...guide.matchAll(/`((?:read|write):[^`]+)`/g)].map(([, scope = ""]) => scope);
	const operations = scopes.filter((scope) =>
		/^write:(customer|organization)\.(profile|detail|detail-field):/.test(scope),
	);
	const withToken = { MUSTER_TOKEN: await desk.site.aToken([...named, ...operations]) };
	const [, id = ""] = desk.standIn.records.contacts.keys();
	const statusNow = async () => {
		const { customers } = await storedRecords(desk.client);
		return [...customers.values()].find(({ details }) => details["hubspot-id"] === id)?.details[
			"hubspot-status"
		];
	};
	const first = await desk.ends([], withToken);
	desk.standIn.archive("contacts", id);
	const second = await desk.ends(["--json"], withToken);
	expect([first.code, second.code, JSON.parse(second.stdout).archived]).toEqual([0, 0, 1]);
	expect(await statusNow()).toBe("archived");
	desk.standIn.restore("contacts", id);
	await desk.sync();
	expect(await statusNow()).toBe("active");
});

describe("HubSpot's limits", () => {
	test("are kept: it waits when the window is used up, and hardly ever asks in vain", async () => {
		const desk = await aFilledDesk(250, 20);
		// Long, so that a slow machine uses it up too.
		desk.standIn.limit = { max: 6, windowMs: 3_000 };
		const { code, report } = await desk.sync();
		expect(code).toBe(0);
		expect(report.waitedMs).toBeGreaterThan(500);
		expect(desk.standIn.log.filter(({ status }) => status === 429)).toEqual([]);
		expect((await storedRecords(desk.client)).customers.size).toBe(248);
	});

	test("a 429 and a fault of HubSpot's are waited out, in the numbered version of its API too, which does as well as the dated one", async () => {
		const desk = await aFilledDesk(120, 20);
		desk.standIn.faults.push({ status: 429 }, { status: 503 }, { status: 429, policyName: "SECONDLY" });
		const { code, report } = await desk.sync(["--api-version", "v3"]);
		expect([code, report.customers.created, report.organizations.created]).toEqual([0, 119, 20]);
		expect(desk.standIn.log.every(({ path }) => /^\/crm\/v[34]\//.test(path))).toBe(true);
	});

	test("when the day's are used up it ends, and goes on where it stopped the next day", async () => {
		const desk = await aFilledDesk();
		let requests = 0;
		desk.standIn.onRequest = () => {
			requests += 1;
			if (requests === 6) desk.standIn.faults.push({ status: 429, policyName: "DAILY" });
		};
		const today = await desk.sync();
		expect([today.code, today.stderr]).toEqual([
			5,
			expect.stringContaining("daily limit of requests is used up"),
		]);
		const kept = (await desk.site.get("connectors/hubspot")).body;
		expect(kept).toMatchObject({
			heldSeconds: 0,
			state: { pass: { step: "contacts" } },
			run: { status: "FAILED" },
		});
		const tomorrow = await desk.sync();
		expect([tomorrow.code, tomorrow.report.organizations.created, tomorrow.report.customers.created]).toEqual(
			[0, 20, 248],
		);
		// The properties twice, and the list once.
		expect(desk.standIn.log.filter(({ path }) => path.endsWith("/companies")).length).toBe(3);
	});
});

describe("a dry run", () => {
	test("changes nothing, not even fields, and tells what would be made", async () => {
		const desk = await aFilledDesk();
		const { code, report, stderr } = await desk.sync(["--dry-run"]);
		expect([code, report]).toMatchObject([
			0,
			{ dryRun: true, customers: { created: 248, failed: 0 }, organizations: { created: 20, failed: 0 } },
		]);
		expect(stderr).toContain("Fields of contacts would be made: HubSpot ID (TEXT), HubSpot status (SELECT)");
		const stored = await storedRecords(desk.client);
		expect([stored.customers.size, stored.organizations.size]).toEqual([0, 0]);
		expect(await desk.client.detailFields("customer")).toEqual([]);
		expect((await desk.site.get("connectors")).body.results).toEqual([]);
	});

	test("shows the changes of records that are there, field by field, and leaves the next run all of them", async () => {
		const desk = await aFilledDesk();
		await desk.sync();
		const [id = ""] = desk.standIn.records.contacts.keys();
		desk.standIn.change("contacts", id, { city: "Paris" });
		const [, , gone = ""] = desk.standIn.records.contacts.keys();
		desk.standIn.archive("contacts", gone);
		const before = await storedRecords(desk.client);
		const { stdout } = await desk.ends(["--dry-run"]);
		expect(stdout).toContain("2 records would change, by field:");
		expect(stdout).toMatch(new RegExp(`details\\.city +1 record\\n +contact:${id} +nothing -> Paris`));
		expect(stdout).toMatch(
			new RegExp(`details\\.hubspot-status +1 record\\n +contact:${gone} +active -> archived`),
		);
		expect(await storedRecords(desk.client)).toEqual(before);
		const { report } = await desk.sync();
		expect([report.customers.updated, report.archived]).toEqual([1, 1]);
	});
});

describe("what is gone in HubSpot", () => {
	test("is deleted or left as it is, where that is said, and comes back when it is restored", async () => {
		const desk = await aFilledDesk(20, 5);
		const { standIn } = desk;
		await desk.sync();
		const [first = "", second = "", third = ""] = standIn.records.contacts.keys();
		const [company = ""] = standIn.records.companies.keys();
		standIn.archive("contacts", first);
		standIn.archive("companies", company);
		standIn.merge("contacts", third, second);
		const { report } = await desk.sync(["--archived", "delete", "--merged", "leave"]);
		expect(report).toMatchObject({ deleted: 2, archived: 0, merged: 0 });
		const stored = await storedRecords(desk.client);
		expect([stored.customers.size, stored.organizations.size]).toEqual([19, 4]);
		expect([...stored.customers.values()].map(({ details }) => details["hubspot-status"])).toEqual(
			Array(19).fill("active"),
		);
		standIn.restore("contacts", first);
		await desk.sync(["--archived", "delete"]);
		expect((await storedRecords(desk.client)).customers.size).toBe(20);
	});
});

test("merging, which makes a new record in HubSpot, goes on with the record of the first one, whatever its email is by then, and marks that of the second; so does merging into one, as it was before", async () => {
	const desk = await aFilledDesk(20, 5);
	const { standIn } = desk;
	await desk.sync();
	const stored = await storedRecords(desk.client);
	const [, first = "", second = "", third = "", fourth = "", fifth = "", sixth = ""] =
		standIn.records.contacts.keys();
	const emailOf = (id: string) => String(standIn.records.contacts.get(id)?.properties.email);
	const emails = [first, second].map(emailOf);
	const [former, kept] = [emailOf(third), emailOf(fifth)];
	const seen = async () => {
		const { customers, organizations } = await storedRecords(desk.client);
		expect([customers.size, organizations.size]).toEqual([20, 5]);
		return [
			...emails.map((email) => customers.get(email)),
			...["Company 0", "Company 1"].map((name) => organizations.get(name)),
		].map((record) => ({ id: record?.id, organizations: record?.organizations, details: record?.details }));
	};
	const before = await seen();
	const contact = standIn.merge("contacts", first, second);
	const [company = "", other = ""] = standIn.records.companies.keys();
	const merged = standIn.merge("companies", company, other);
	standIn.change("contacts", standIn.merge("contacts", third, fourth), { email: "new@company.example" });
	standIn.absorb("contacts", fifth, sixth);
	const dry = await desk.ends(["--dry-run"]);
	expect(dry.stdout).toMatch(new RegExp(`contact:${contact} +${first} -> ${contact}`));
	expect(dry.stdout).not.toContain(`contact:${first} `);
	expect((await desk.sync()).report).toMatchObject({ merged: 4, customers: { created: 0, failed: 0 } });
	const changes = [
		{ "hubspot-id": contact },
		{ "hubspot-status": "merged" },
		{ "hubspot-id": merged },
		{ "hubspot-status": "merged" },
	];
	expect(await seen()).toEqual(
		before.map((record, place) => ({ ...record, details: { ...record.details, ...changes[place] } })),
	);
	const { customers } = await storedRecords(desk.client);
	expect(["new@company.example", kept].map((email) => customers.get(email)?.id)).toEqual(
		[former, kept].map((email) => stored.customers.get(email)?.id),
	);
});

test("an email that went from one contact to another goes along, and makes no further customer", async () => {
	const desk = await aFilledDesk(250, 5);
	const { standIn } = desk;
	await desk.sync();
	const before = await storedRecords(desk.client);
	const ids = [...standIn.records.contacts.keys()];
	const [early = "", late = ""] = [ids[3], ids[240]];
	const email = String(standIn.records.contacts.get(late)?.properties.email);
	const former = String(standIn.records.contacts.get(early)?.properties.email);
	standIn.change("contacts", late, { email: "late@new.example" });
	standIn.change("contacts", early, { email });
	// Between the two, so that they are not in one page.
	for (const id of ids.slice(4, 140)) standIn.change("contacts", id, { city: "Rome" });
	const { code, report } = await desk.sync();
	expect([code, report.customers.created, report.customers.failed]).toEqual([0, 0, 0]);
	const { customers } = await storedRecords(desk.client);
	expect([customers.get(email)?.id, customers.get("late@new.example")?.id]).toEqual([
		before.customers.get(former)?.id,
		before.customers.get(email)?.id,
	]);
});

test("an item that can never be right is told with its record and field, and stops nothing; a new option, a property by another field's name, and a field that is there already are what they should be", async () => {
	const desk = await aFilledDesk(20, 5);
	const { id } = desk.standIn.add(
		"contacts",
		{ email: "not-an-email", lastname: "X" },
		"2026-01-01T00:00:00Z",
	);
	await desk.site.post("customer/details", {
		name: "Support plan",
		type: { name: "SELECT", options: ["silver"] },
	});
	const { code, stderr, report } = await desk.sync([
		"--contact-properties",
		"plan=support plan,seats,none",
		"--company-properties",
		"tier",
	]);
	expect([code, report.customers]).toMatchObject([3, { created: 20, failed: 1 }]);
	expect(report.faults).toContainEqual({ record: `contact ${id}`, code: "invalid_email", field: "email" });
	const shown = await desk.run(["sync", "status"]);
	expect(shown.stdout).toContain(`contact ${id}: Invalid email address (email)`);
	expect(shown.stdout).not.toContain("not-an-email");
	expect(stderr).toContain("HubSpot has no properties of contacts named none.");
	const fields = await desk.client.detailFields("customer");
	expect(fields.map(({ name, type }) => [name, type.name, type.options])).toEqual([
		["Support plan", "SELECT", ["silver", "Gold"]],
		["HubSpot ID", "TEXT", undefined],
		["HubSpot status", "SELECT", ["active", "archived", "merged"]],
		["Seats", "NUMBER", undefined],
	]);
});

describe("one run at a time", () => {
	test("a second process waits for the first, and says so", async () => {
		const desk = await aFilledDesk();
		const reached = Promise.withResolvers<void>();
		const release = Promise.withResolvers<void>();
		desk.standIn.onRequest = (path) => {
			if (!path.endsWith("/batch/read")) return undefined;
			reached.resolve();
			return release.promise;
		};
		const first = desk.start(["--json"]);
		await reached.promise;
		const second = desk.start(["--json"]);
		const told = new Promise<void>((resolve) => {
			let text = "";
			second.process.stderr?.on("data", (data: Buffer) => {
				text += data.toString();
				if (text.includes("Another process carries out the connector")) resolve();
			});
		});
		await told;
		release.resolve();
		const ends = await Promise.all([first.ended, second.ended]);
		expect(ends.map(({ code, stdout }) => [code, JSON.parse(stdout).customers.created])).toEqual([
			[0, 248],
			[0, 0],
		]);
	});

	test("who was taken for dead and is not saves nothing more, and says why", async () => {
		const desk = await aFilledDesk();
		const reached = Promise.withResolvers<void>();
		const release = Promise.withResolvers<void>();
		desk.standIn.onRequest = (path) => {
			if (!path.endsWith("/batch/read")) return undefined;
			reached.resolve();
			return release.promise;
		};
		const slow = desk.start();
		await reached.promise;
		await desk.letHoldRunOut();
		desk.standIn.onRequest = () => undefined;
		const other = await desk.sync();
		release.resolve();
		const { code, stderr } = await slow.ended;
		expect([other.code, code, stderr]).toEqual([0, 1, expect.stringContaining("is not held by")]);
		expect((await storedRecords(desk.client)).customers.size).toBe(248);
		expect(await statusOf(desk)).toBe("COMPLETED");
	});
});

describe("stopping", () => {
	test("SIGTERM ends a run between two requests; the next one goes on where it stopped", async () => {
		const desk = await aFilledDesk();
		const reached = Promise.withResolvers<void>();
		let bulks = 0;
		desk.gate.onPass = ({ path, isAnswered }) => {
			if (!isAnswered && path.includes("customer/profile/bulk") && ++bulks === 2) {
				program.process.kill("SIGTERM");
				reached.resolve();
			}
		};
		const program = desk.start();
		await reached.promise;
		const { code, stderr } = await program.ended;
		expect([code, stderr]).toEqual([130, expect.stringContaining("Interrupted; what was sent is saved.")]);
		const { body } = await desk.site.get("connectors/hubspot");
		expect(body).toMatchObject({
			heldSeconds: 0,
			state: { pass: { step: "contacts" } },
			// What was under way has ended and counts.
			run: { status: "STOPPED", report: { customers: { created: 198 } } },
		});
		desk.gate.onPass = () => undefined;
		const next = await desk.sync();
		expect([next.code, next.report.customers]).toMatchObject([0, { created: 248, unchanged: 0 }]);
	});

	test("--every does it again and again, also behind a time in which HubSpot was down, and SIGTERM ends it with 0", async () => {
		const desk = await aFilledDesk(20, 5);
		const rounds = Promise.withResolvers<void>();
		let begun = 0;
		desk.gate.onPass = ({ method, path, isAnswered }) => {
			if (!isAnswered || method !== "POST" || !path.endsWith("/connectors")) return;
			begun += 1;
			if (begun === 2) desk.standIn.faults.push({ status: 429, policyName: "DAILY" });
			if (begun === 4) rounds.resolve();
		};
		const program = desk.start(["--every", "1s"]);
		await rounds.promise;
		const { code, stderr } = await program.end("SIGTERM");
		expect([code, stderr]).toEqual([0, expect.stringContaining("daily limit")]);
		expect((await storedRecords(desk.client)).customers.size).toBe(20);
	});

	test.each([
		[["--every", "15"], '--every is "15"; a number with s, m or h is expected'],
		[["--every", "1s", "--dry-run"], "--every and --dry-run do not go together"],
		[["--api-version", "2026"], '--api-version is "2026"; a date such as 2026-03, or v3, is expected'],
	])("%j is refused in plain words", async (parameters, words) => {
		const desk = await aDesk(muster, cleanups);
		const { code, stderr } = await desk.ends(parameters);
		expect([code, stderr]).toEqual([2, expect.stringContaining(words)]);
	});
});
