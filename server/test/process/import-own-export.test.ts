import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCommand } from "../command.ts";
import { aCustomer, organizations, prepare } from "../http/awkward-customers.ts";
import { guideBase, startMuster, type TestMuster, type TestSite } from "../muster.ts";
import { aFolder } from "../program.ts";

// What docs/searching.md promises: an export goes in again by the command, as it is, and changes nothing.

/** Within 175, every field meets every awkward text and is empty beside it. */
const count = 200;

let muster: TestMuster;
let site: TestSite;
let folder: string;
let remove: () => Promise<unknown>;
beforeAll(async () => {
	muster = await startMuster({ workerStarted: true });
	({ path: folder, remove } = await aFolder());
	site = await muster.aSite();
	await fill(site);
}, 60_000);
afterAll(async () => {
	await remove();
	await muster.close();
});

async function fill(of: TestSite): Promise<void> {
	await prepare(of);
	const wait = { headers: { prefer: "wait=30" } };
	const named = organizations.map((name, number) => ({ name, details: aCustomer(number).details }));
	const made = await of.post("organization/profile/bulk", { organizations: named }, wait);
	expect(made.body.summary).toMatchObject({ created: 3 });
	for (let first = 0; first < count; first += 100) {
		const customers = Array.from({ length: 100 }, (_, place) => aCustomer(first + place));
		const { body } = await of.post("customer/profile/bulk", { customers }, wait);
		expect(body.summary).toMatchObject({ created: 100 });
	}
}

/** Exports both as files and imports them together. @returns its code and faults, and the counts of each kind of record */
async function imported(format: string, from: string, into: TestSite) {
	const files = ["organizations", "customers"].map((name) => ({
		name,
		path: join(folder, `${name}.${format}`),
	}));
	for (const { name, path } of files) {
		await writeFile(path, (await site.get(`${name}/export?format=${format}`, { base: from })).text);
	}
	const environment = { MUSTER_URL: muster.url, MUSTER_TOKEN: into.token, MUSTER_DATA: folder };
	const { code, stdout, stderr } = await runCommand(
		["import", "--json", ...files.map(({ path }) => path)],
		environment,
		{ cwd: folder },
	);
	const report = JSON.parse(stdout || JSON.stringify(stderr));
	return {
		code,
		faults: report.faults,
		total: report.total,
		// Companies that only customers name are none here, which the total shows too.
		stages: report.stages
			?.filter(({ records }: { records: string }) => records !== "companies")
			.map(({ records, counts }: { records: string; counts: object }) => [records, counts]),
	};
}

const counts = { created: 0, updated: 0, unchanged: 0, skipped: 0, failed: 0, succeeded: 0 };

test.each(["csv", "jsonl", "jsonl of the reference"])(
	"an export as %s, imported, changes nothing and makes no field",
	async (what) => {
		const [format = ""] = what.split(" ");
		const base = what === format ? guideBase : site.referenceBase;
		const fieldsBefore =
			(await site.get("customer/details")).text + (await site.get("organization/details")).text;
		expect(await imported(format, base, site)).toEqual({
			code: 0,
			faults: [],
			total: { ...counts, unchanged: organizations.length + count },
			stages: [
				["organizations", { ...counts, unchanged: organizations.length }],
				["customers", { ...counts, unchanged: count }],
			],
		});
		const fieldsAfter =
			(await site.get("customer/details")).text + (await site.get("organization/details")).text;
		expect(fieldsAfter).toBe(fieldsBefore);
	},
	60_000,
);
