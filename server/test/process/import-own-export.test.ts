import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { aCustomer, organizations, prepare } from "../http/awkward-customers.ts";
import { guideBase, startMuster, type TestMuster, type TestSite } from "../muster.ts";
import { aFolder, runProgram } from "../program.ts";

// What docs/searching.md promises: an export goes in again by the command, as it is, and changes nothing.

const count = 700;

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

/** Exports as a file and imports it. */
async function imported(entity: string, format: string, from: string, into: TestSite) {
	const file = join(folder, `${entity}s.${format}`);
	await writeFile(file, (await site.get(`${entity}s/export?format=${format}`, { base: from })).text);
	const environment = { MUSTER_URL: muster.url, MUSTER_TOKEN: into.token, MUSTER_DATA: folder };
	const { code, stdout, stderr } = await runProgram(["import", "--json", file], environment, { cwd: folder });
	const report = JSON.parse(stdout || JSON.stringify(stderr));
	return {
		code,
		faults: report.faults,
		counts: report.stages?.at(-1)?.counts,
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
		expect(await imported("organization", format, base, site)).toEqual({
			code: 0,
			faults: [],
			counts: { ...counts, unchanged: organizations.length },
		});
		expect(await imported("customer", format, base, site)).toEqual({
			code: 0,
			faults: [],
			counts: { ...counts, unchanged: count },
		});
		const fieldsAfter =
			(await site.get("customer/details")).text + (await site.get("organization/details")).text;
		expect(fieldsAfter).toBe(fieldsBefore);
	},
	60_000,
);
