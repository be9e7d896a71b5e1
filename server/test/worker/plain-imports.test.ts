import { setImmediate } from "node:timers/promises";
import { stringify } from "csv-stringify/sync";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Database } from "../../src/store/database.ts";
import { sendFile } from "../http/import-files.ts";
import { startMuster, type TestMuster, type TestSite } from "../muster.ts";
import { alike, byEmail } from "./alike.ts";
import { countingPlain, plainFields } from "./counting-plain.ts";

// The same files are sent to a server that judges their items when it takes them in and applies them by the database alone,
// and to one that judges and folds them. All that can be seen must be the same.

/** Sequences of files; more by the environment, for the long run. */
const runs = Number(process.env.PLAIN_RUNS ?? 24);

let muster: TestMuster;
let folding: TestMuster;
/** Tasks that the database applied alone. */
let applied = 0;
beforeAll(async () => {
	muster = await startMuster({ through: counting });
	folding = await startMuster({ plain: false });
});
beforeEach(() => {
	applied = 0;
});
afterAll(async () => {
	await folding.close();
	await muster.close();
});

function counting(database: Database): Database {
	return countingPlain(database, (tasks) => {
		applied += tasks;
	});
}

async function aSite(of: TestMuster): Promise<TestSite> {
	const site = await of.aSite();
	await site.post("customer/details/definitions/bulk", { detailFields: plainFields });
	// What items are judged by is read when it is first asked for, and known to the next file.
	of.plainTasks?.grounds.forget(site.siteId);
	while (of.plainTasks?.grounds.of(site.siteId) === null) await setImmediate();
	of.plainTasks?.holdRead(site.siteId, []);
	return site;
}

interface SentFile {
	readonly format: "jsonl" | "csv";
	readonly text: string;
	readonly query?: string;
}

/** Sends files, one behind the other, lets the worker carry them out, and tells all that can be seen. */
async function seenBy(of: TestMuster, files: readonly SentFile[]): Promise<unknown> {
	const site = await aSite(of);
	const importIds: string[] = [];
	for (const { text, ...ask } of files) {
		const { status, text: answer, body } = await sendFile(site, text, ask);
		expect([status, answer]).toEqual([202, answer]);
		importIds.push(body.importId);
	}
	await of.worker.tick();
	const imports = [];
	for (const importId of importIds) {
		const { body } = await site.get(`imports/${importId}`);
		const { text } = await site.get(`imports/${importId}/results`);
		imports.push([body.status, body.summary, body.unreadableLines, text]);
	}
	const customers = (await site.get("customers?limit=100")).body.results.sort(byEmail);
	const histories = [];
	for (const { customerId } of customers) {
		const { results } = (await site.get(`customer/${encodeURIComponent(customerId)}/history`)).body;
		histories.push(
			results.map((entry: { changes: { field: string }[] }) => ({
				...entry,
				// In what order the fields of one change are told means nothing.
				changes: entry.changes.toSorted((one, other) => (one.field < other.field ? -1 : 1)),
				taskId: "-",
				changedDate: "-",
				tokenId: "-",
				tokenPrefix: "-",
			})),
		);
	}
	return alike(site.siteId, { imports, customers, histories });
}

async function expectTheSame(files: readonly SentFile[]): Promise<void> {
	expect(await seenBy(muster, files)).toEqual(await seenBy(folding, files));
	expect(muster.troubles).toEqual([]);
}

const good = fc.constantFrom(
	...["ann@acme.com", "Ann@Acme.com", "bob@acme.com", "cy@acme.com", "eve@acme.com", "d\u00e9@acme.com"],
);
const email = fc.oneof(
	{ weight: 20, arbitrary: good },
	{ weight: 1, arbitrary: fc.constantFrom("none", "") },
);
/** One of these, and now and then one that does not fit its field. */
function oftenOf(fitting: readonly unknown[], other: unknown): fc.Arbitrary<unknown> {
	return fc.oneof(
		{ weight: 20, arbitrary: fc.constantFrom(...fitting) },
		{ weight: 1, arbitrary: fc.constant(other) },
	);
}
const name = fc.constantFrom("Ann", " Bob B. ", 'with "quotes"; and, more', "");
const line = fc.oneof(
	{
		weight: 10,
		arbitrary: fc
			.record(
				{
					email,
					displayName: name,
					clientRef: oftenOf(["row 1"], 5),
					details: fc.record(
						{
							Note: fc.constantFrom("one", "two", "\u{1f600} \u2028", "", 5, null),
							seats: oftenOf(["12", 12, 1.5, null], "many"),
							Tier: fc.constantFrom("Gold", "free", null),
							Tags: fc.constantFrom(["Red"], ["green", "Red"], "Blue", []),
						},
						{ requiredKeys: [] },
					),
				},
				{ requiredKeys: ["email"] },
			)
			.map((item) => JSON.stringify(item)),
	},
	{
		weight: 1,
		arbitrary: fc.constantFrom(
			'{"email":"ann@acme.com","details":{"seats":1.50}}',
			'{"email":"bob@acme.com","details":{"seats":12345678901234567890}}',
			'{"email":"bob@acme.com","email":"cy@acme.com","details":{"__proto__":"x"}}',
			'{"email":"ann@acme.com","sourceUpdatedAt":"2026-01-01T00:00:00Z"}',
			'{"operationType":"UPDATE","payload":{"email":"ann@acme.com","displayName":"Ann"}}',
			'{"email":"ann@acme.com","details":{"Note":"a\\u0000b"}}',
			'{"email":"ann@acme.com"',
			"",
		),
	},
);
const lines = fc.uniqueArray(line, { minLength: 1, maxLength: 4, selector: keyOf }).map(
	// One good line at least, or it is no file.
	(found): SentFile => ({ format: "jsonl", text: `${found.join("\n")}\n{"email":"last@acme.com"}\n` }),
);
const row = fc.tuple(
	email,
	name,
	fc.constantFrom("one", "two", ""),
	oftenOf(["12", "1.50", ""], "many"),
	fc.constantFrom("Gold", "free", ""),
	fc.constantFrom("Red", "green; Red", ""),
);
const csv = fc.uniqueArray(row, { minLength: 1, maxLength: 4, selector: ([key]) => key.toLowerCase() }).map(
	(rows): SentFile => ({
		format: "csv",
		text: stringify([["email", "displayName", "Note", "Seats", "Tier", "Tags"], ...rows]),
	}),
);

/** Nearly always the lines of a file are about different customers. */
function keyOf(text: string): string {
	return /[^"]+@acme\.com/i.exec(text)?.[0].toLowerCase() ?? text;
}

test("what the database does alone with files is what judging and folding come to, whatever they hold", {
	timeout: 240_000,
}, async () => {
	await fc.assert(
		fc.asyncProperty(fc.array(fc.oneof(lines, csv), { minLength: 1, maxLength: 5 }), expectTheSame),
		{ numRuns: runs },
	);
	// Many of them can be.
	expect(applied).toBeGreaterThan(runs / 2);
});

test("of a file of many parts, those that are plain keep their places among the others", async () => {
	const item = (number: number): string => {
		// Every part but the second and the eighth: one is about an organization, one has a stamp.
		if (number === 150) return '{"email":"p150@acme.com","organizations":["Nobody"]}';
		if (number === 750) return '{"email":"p50@acme.com","sourceUpdatedAt":"2026-01-01T00:00:00Z"}';
		// The last two parts are about customers of the first two.
		return `{"email":"p${number % 800}@acme.com","details":{"Note":"line ${number}"}}`;
	};
	const text = Array.from({ length: 1_000 }, (_, number) => `${item(number)}\n`).join("");
	await expectTheSame([
		{ format: "jsonl", text },
		{ format: "jsonl", text, query: "operation=customer.profile&dryRun=true" },
		{ format: "jsonl", text: '{"email":"p1@acme.com","displayName":"One"}\n', query: "operation=customer" },
	]);
	// Nine tasks are plain; one behind another that is not may be claimed with it, and is judged and folded then.
	expect(applied).toBeGreaterThan(1);
});
