import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { MusterClient } from "@muster/client";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { emulatedSettings } from "../../src/domain/first-site.ts";
import { runCommand } from "../command.ts";
import { startMuster, type TestMuster } from "../muster.ts";
import { aFolder, type Ended } from "../program.ts";

// `muster import --dialect reference` into a service that tells no more than the real one does.

let muster: TestMuster;
beforeAll(async () => {
	const emulation = { rates: {}, seed: 1, slowSeconds: 60, timeoutSeconds: 1_800 };
	muster = await startMuster({ emulation, workerStarted: true });
});
afterAll(() => muster.close());

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
	for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function aDesk() {
	const { path: folder, remove } = await aFolder();
	cleanups.push(remove);
	const site = await muster.aSite(emulatedSettings);
	const environment = {
		MUSTER_URL: muster.url,
		MUSTER_TOKEN: site.token,
		MUSTER_DATA: join(folder, ".muster"),
	};
	const client = new MusterClient({ url: muster.url, token: site.token });
	return {
		site,
		client,
		write: (name: string, text: string) => writeFile(join(folder, name), text),
		import: (files: readonly string[]): Promise<Ended> => {
			const flags = ["--json", "--create-fields", "yes", "--dialect", "reference", "--site", site.siteId];
			return runCommand(["import", ...files, ...flags], environment, { cwd: folder });
		},
		/** Emails of customers with the names of their organizations. */
		members: async (): Promise<Record<string, string[]>> => {
			const found: Record<string, string[]> = {};
			for await (const { email, organizations } of client.customers()) {
				found[email] = organizations.map(({ name }) => name);
			}
			return found;
		},
	};
}

test("customers are in their organizations, those of a file and those that only customers name", async () => {
	const desk = await aDesk();
	await desk.write("orgs.csv", "name,Industry\nAcme,Steel\nBolt,Screws\n");
	await desk.write("people.csv", "email,Company\na@example.com,ACME\nb@example.com,Cord\nc@example.com,\n");
	const { code, stdout, stderr } = await desk.import(["orgs.csv", "people.csv"]);
	expect(code, stderr).toBe(0);
	expect(stderr.replace(/\s+/g, " ")).toContain("tells an organization's id only when it makes it");
	expect(JSON.parse(stdout)).toMatchObject({
		unassociated: 0,
		unknownOrganizations: [],
		total: { succeeded: 6 },
	});
	expect(await desk.members()).toEqual({
		"a@example.com": ["Acme"],
		"b@example.com": ["Cord"],
		"c@example.com": [],
	});
	// Acme and Cord are made side by side, so that either may be the first.
	const organizations: Record<string, unknown> = {};
	for await (const { name, details } of desk.client.organizations()) organizations[name] = details;
	expect(organizations).toEqual({ Acme: { industry: "Steel" }, Bolt: { industry: "Screws" }, Cord: {} });
	// What this folder has made is known to it later on, as it is to an import that goes on after a crash.
	await desk.write("more.csv", "email,Company\nd@example.com,Cord\n");
	const later = await desk.import(["more.csv"]);
	expect(JSON.parse(later.stdout)).toMatchObject({ unassociated: 0 });
	expect(await desk.members()).toMatchObject({ "d@example.com": ["Cord"] });
});

test("customers of an organization that was there already go without, are told of, and are associated by a file with its id", async () => {
	const desk = await aDesk();
	const id = await desk.client.records.organization.make({ name: "Old" });
	await desk.write("people.csv", "email,Company\na@example.com,Old\nb@example.com,New\n");
	const first = await desk.import(["people.csv"]);
	expect([first.code, JSON.parse(first.stdout)]).toMatchObject([
		0,
		{ unassociated: 1, unknownOrganizations: ["Old"] },
	]);
	expect(await desk.members()).toEqual({ "a@example.com": [], "b@example.com": ["New"] });
	await desk.write("ids.csv", `name,organizationId\nOld,${id}\n`);
	const second = await desk.import(["ids.csv", "people.csv"]);
	expect(JSON.parse(second.stdout), second.stderr).toMatchObject({ unassociated: 0 });
	expect(await desk.members()).toEqual({ "a@example.com": ["Old"], "b@example.com": ["New"] });
});

test("a row whose failure names its record by id is told of by its line", async () => {
	const desk = await aDesk();
	await desk.site.post("customer/details", { name: "Seats", type: { name: "NUMBER" } }, optIn);
	await desk.client.records.customer.make({ email: "b@example.com" });
	await desk.write("people.csv", "email,Seats\na@example.com,1\nb@example.com,many\nc@example.com,3\n");
	const { code, stdout } = await desk.import(["people.csv"]);
	expect(code).toBe(3);
	const report = JSON.parse(stdout);
	expect(report.total).toMatchObject({ succeeded: 2, failed: 1 });
	expect(report.faults.flatMap(({ first }: { first: object[] }) => first)).toMatchObject([{ line: 3 }]);
});

test("a service that lists no tasks knows no dry run either, and is sent nothing", async () => {
	const desk = await aDesk();
	const asked: (string | undefined)[] = [];
	const service = createServer((request, response) => {
		asked.push(request.method);
		response.writeHead(404, { "content-type": "application/json" }).end("{}");
	});
	service.listen(0, "127.0.0.1");
	await once(service, "listening");
	cleanups.push(async () => service.close());
	const { port } = service.address() as AddressInfo;
	await desk.write("people.csv", "email\na@example.com\n");
	const { code, stderr } = await desk.import(["people.csv", "--dry-run", "--to", `http://127.0.0.1:${port}`]);
	expect([code, stderr]).toEqual([2, expect.stringContaining("this service knows no dry run")]);
	expect(asked).toEqual(["HEAD", "GET"]);
});

const optIn = { headers: { "x-experimentalapi": "true" } };
