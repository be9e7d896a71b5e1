import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type CustomerProfile, MusterClient } from "@muster/client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCommand } from "../command.ts";
import { startMuster, type TestMuster } from "../muster.ts";
import { aFolder, type Ended, type Environment, startProgram } from "../program.ts";

let muster: TestMuster;
let folder: Awaited<ReturnType<typeof aFolder>>;
beforeAll(async () => {
	muster = await startMuster({ workerStarted: true });
	folder = await aFolder();
});
afterAll(async () => {
	await muster.close();
	await folder.remove();
});

interface Desk {
	readonly client: MusterClient;
	readonly environment: Environment;
	run(...parameters: string[]): Promise<Ended>;
	// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever is printed
	json(...parameters: string[]): Promise<any>;
}

/** A site with three customers, one of whose organizations was missing, and the id of the task that told so. */
async function aDesk(): Promise<Desk & { readonly taskId: string }> {
	const { token } = await muster.aSite();
	const client = new MusterClient({ url: muster.url, token });
	const environment = { MUSTER_URL: muster.url, MUSTER_TOKEN: token, MUSTER_DATA: folder.path };
	const run = (...parameters: string[]) => runCommand(parameters, environment, { cwd: folder.path });
	const items = [
		{ email: "ann@example.com", displayName: "Ann Smith", details: { Tier: "Gold" } },
		{ email: "bob@example.com", displayName: "Bob \u001b[31mSmith", details: { Tier: "Silver" } },
		{ email: "carl@example.com", displayName: "Carl Jones", organizations: ["Acme"], clientRef: "row 4" },
	];
	const { taskId } = await client.submit("customer.profile", items, { waitSeconds: 10 });
	return {
		client,
		environment,
		taskId,
		run,
		json: async (...parameters) => JSON.parse((await run(...parameters)).stdout),
	};
}

describe("muster tasks", () => {
	test("lists, shows and waits for a task, and ends with 3 where items failed", async () => {
		const { run, json, client, taskId } = await aDesk();
		const task = await client.getTask(taskId);
		expect(await json("tasks", "list", "--with-failures", "--json")).toEqual([task]);
		expect((await run("tasks", "list", "--status", "processing", "--jsonl")).stdout).toBe("");
		const lines = (await run("tasks", "list")).stdout.split("\n");
		expect(lines[0]).toMatch(/^task +accepted \(UTC\) +status +items +failed +operation$/);
		expect(lines[1]).toMatch(
			new RegExp(`^${taskId} +\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d +completed +3 +1 +customer.profile$`),
		);
		expect(await json("tasks", "show", taskId, "--json")).toEqual(task);
		const watched = await run("tasks", "watch", taskId);
		expect(watched.code).toBe(3);
		expect(watched.stdout).toContain("items      3: 2 created, 1 failed\n");
		expect(watched.stdout).toContain("item 2  row 4\n");
	}, 30_000);

	test("gives what failed as it was sent, and sends it again when the cause is gone", async () => {
		const { run, json, client, taskId } = await aDesk();
		const [failure] = await json("tasks", "failures", taskId, "--json");
		expect(failure).toMatchObject({ index: 2, code: "organization_not_found", clientRef: "row 4" });
		expect(await json("tasks", "failures", taskId, "--request")).toEqual(await client.failedRequest(taskId));
		await client.submit("organization", [{ name: "Acme" }], { waitSeconds: 10 });
		const retried = await run("tasks", "retry", taskId, "--json");
		expect({ code: retried.code, task: JSON.parse(retried.stdout) }).toMatchObject({
			code: 0,
			task: { status: "completed", summary: { total: 1, created: 1 } },
		});
		const again = await run("tasks", "retry", taskId);
		expect(again).toMatchObject({ code: 0, stderr: expect.stringContaining("It was sent again before") });
	}, 30_000);

	test("shows what an undo would give back, and gives it back but for what was changed since", async () => {
		const { run, client } = await aDesk();
		const items = [
			{ email: "ann@example.com", details: { Tier: "Silver" } },
			{ email: "bob@example.com", displayName: "Robert" },
		];
		const { taskId } = await client.submit("customer.profile", items, { waitSeconds: 10 });
		await client.submit("customer", [{ email: "bob@example.com", displayName: "Rob" }], { waitSeconds: 10 });
		const preview = await run("tasks", "undo", taskId, "--dry-run");
		expect(preview.code).toBe(0);
		expect(preview.stdout).toContain("operation  customer.undo (dry run)\n");
		expect(preview.stdout).toContain(
			"  item 0  ann@example.com  updated\n    details.tier: Silver -> Gold\n  item 1  bob@example.com  skipped\n    displayName was changed since, so it stays.\n",
		);
		const undone = await run("tasks", "undo", taskId);
		expect(undone.stdout).toContain("items      2: 1 updated, 1 skipped\n");
		expect(undone.stdout).toContain("displayName was changed since");
		const people: CustomerProfile[] = [];
		for await (const person of client.customers()) people.push(person);
		const [ann, bob] = people;
		expect([ann, bob]).toMatchObject([{ details: { tier: "Gold" } }, { displayName: "Rob" }]);
		const again = await run("tasks", "undo", taskId);
		expect(again).toMatchObject({ code: 0, stderr: expect.stringContaining("It was undone before") });
		const changes: unknown[] = [];
		for await (const entry of client.history("customer", ann?.customerId ?? ""))
			changes.push(entry.operation);
		expect(changes.slice(0, 2)).toEqual(["customer.undo", "customer.profile"]);
	}, 30_000);
});

describe("muster customers and organizations", () => {
	test("find by words and details, as a table, as a list and line by line", async () => {
		const { run, json } = await aDesk();
		const found = await json("customers", "list", "--search", "smith", "--filter", "tier=Gold", "--json");
		expect(found).toMatchObject([{ email: "ann@example.com", details: { tier: "Gold" } }]);
		const some = await run("customers", "list", "--limit", "1", "--jsonl");
		expect(JSON.parse(some.stdout)).toEqual(found[0]);
		expect(some.stderr).toContain("There are more customers");
		const table = await run("customers", "list");
		expect(table.stdout.split("\n").map((line) => line.split(/ {2,}/).slice(0, 2))).toEqual([
			["email", "name"],
			["ann@example.com", "Ann Smith"],
			// What would colour the terminal of whoever looks is shown as a mark.
			["bob@example.com", "Bob \ufffd[31mSmith"],
			[""],
		]);
		expect(await run("organizations", "list")).toMatchObject({
			code: 0,
			stdout: "",
			stderr: "No organizations.\n",
		});
	}, 30_000);

	test("are shown by email, name or id", async () => {
		const { run, json, client } = await aDesk();
		await client.submit("organization.profile", [{ name: "Acme" }], { waitSeconds: 10 });
		const ann = await json("customers", "show", "Ann@Example.com", "--json");
		expect(await json("customers", "show", ann.customerId, "--json")).toEqual(ann);
		const acme = await json("organizations", "show", "ACME", "--json");
		expect(await json("organizations", "show", acme.id, "--json")).toEqual(acme);
		expect((await run("customers", "show", "ann@example.com")).stdout).toMatch(
			/^Ann Smith\n.*\n\nDetails\nTier {2}Gold\n$/s,
		);
	}, 30_000);

	test("are exported whole or as sought, and a file has its name when it is whole", async () => {
		const { run, client, environment } = await aDesk();
		const stdout = (await run("customers", "export", "--filter", "tier=Gold", "--format", "jsonl")).stdout;
		expect(JSON.parse(stdout)).toMatchObject({ email: "ann@example.com" });
		const written = await run("customers", "export", "--output", "all.csv");
		expect(written).toMatchObject({ code: 0, stdout: "", stderr: "all.csv holds the customers.\n" });
		const parts: Uint8Array[] = [];
		for await (const part of client.exportRecords("customer")) parts.push(part);
		expect(await readFile(join(folder.path, "all.csv"))).toEqual(Buffer.concat(parts));
		expect((await readdir(folder.path)).filter((name) => name.endsWith(".part"))).toEqual([]);
		expect(await run("customers", "export", "--output", "no/such/folder.csv")).toMatchObject({
			code: 2,
			stderr: expect.stringContaining("no/such/folder.csv cannot be written"),
		});
		// A reader that has enough is no trouble.
		const program = startProgram(["customers", "export"], environment);
		program.process.stdout?.destroy();
		expect(await program.ended).toMatchObject({ code: 0, stderr: "" });
	}, 30_000);
});

describe("muster fields", () => {
	test("makes, shows, renames and deletes a field, and asks before values go", async () => {
		const { run, json, client } = await aDesk();
		const made = await json(
			...["fields", "create", "customers", "Support tier", "--type", "SELECT"],
			...["--option", "Free", "Premium", "--json"],
		);
		expect(made).toMatchObject({
			id: "support-tier",
			type: { name: "SELECT", options: ["Free", "Premium"] },
		});
		expect(await json("fields", "show", "customers", "SUPPORT TIER", "--json")).toEqual(made);
		const renamed = await json("fields", "rename", "customers", "support-tier", "Level", "--json");
		expect(renamed).toEqual({ ...made, name: "Level" });
		const listed = await json("fields", "list", "--json");
		expect(listed.map(({ of, name }: { of: string; name: string }) => [of, name])).toEqual([
			["customer", "Tier"],
			["customer", "Level"],
		]);
		expect(await run("fields", "delete", "customers", "Level")).toMatchObject({ code: 0, stdout: "" });
		expect(await run("fields", "delete", "customers", "Tier")).toMatchObject({
			code: 2,
			stderr: "muster: 2 customers have values in Tier. Nothing was deleted; say --yes if they may go.\n",
		});
		expect((await run("fields", "delete", "customers", "Tier", "--yes")).code).toBe(0);
		expect(await client.detailFields("customer")).toEqual([]);
	}, 30_000);
});

test("what is not there is told of in a sentence that says where to look, with the code of wrong usage", async () => {
	const { run } = await aDesk();
	const task = "01a20a45-3501-77c6-a728-52df69a99462";
	const cases = [
		[["tasks", "show", task], `there is no task ${task} in the site of this token.`],
		[["tasks", "retry", task], `there is no task ${task} in the site of this token.`],
		[["customers", "show", "qm:none"], 'there is no customer "qm:none".'],
		[["organizations", "show", "77"], 'there is no organization "77".'],
		[["fields", "show", "customers", "Teir"], 'customers have no detail field "Teir". Did you mean Tier?'],
		[["customers", "list", "--filter", "nothing=1"], "The query parameter filter is"],
		[["customers", "list", "--limit", "many"], '--limit is "many"; a whole number from 1 to 10000'],
		[["tasks", "list", "--status", "done"], "Allowed choices are processing, completed, failed."],
	] as const;
	const ends = await Promise.all(cases.map(([parameters]) => run(...parameters)));
	for (const [place, [parameters, sentence]] of cases.entries()) {
		expect(ends[place], parameters.join(" ")).toMatchObject({
			code: 2,
			stdout: "",
			stderr: expect.stringContaining(sentence),
		});
	}
}, 30_000);
