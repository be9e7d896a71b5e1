import { type ExecFileException, execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startMuster, type TestMuster, type TestSite } from "../muster.ts";

let muster: TestMuster;
let site: TestSite;
beforeAll(async () => {
	muster = await startMuster({ workerStarted: true });
	site = await muster.aSite();
});
afterAll(() => muster.close());

interface Ran {
	readonly code: ExecFileException["code"] | 0;
	readonly stdout: string;
	readonly stderr: string;
}

const examples = fileURLToPath(new URL("../../../examples/", import.meta.url));

function run(program: string, example: string, environment: Record<string, string> = {}): Promise<Ran> {
	const env = {
		PATH: process.env.PATH ?? "",
		MUSTER_URL: muster.url,
		MUSTER_TOKEN: site.token,
		...environment,
	};
	return new Promise((resolve) => {
		execFile(program, [examples + example], { env }, (error, stdout, stderr) =>
			resolve({ code: error?.code ?? 0, stdout, stderr }),
		);
	});
}

/** What the site has, by email or name. */
async function stored(): Promise<unknown> {
	const customers = await site.get("customers");
	const organizations = await site.get("organizations");
	return Object.fromEntries(
		[...customers.body.results, ...organizations.body.results].map(
			({ email, name, displayName, details }) => [email ?? name, { displayName, details }],
		),
	);
}

test("every request of the guide runs as printed, with curl, and again", async () => {
	const first = await run("sh", "guide.sh");
	expect(first.stderr).toBe("");
	expect(first.code).toBe(0);
	expect(first.stdout.match(/^POST .*/gm)).toEqual([
		"POST /api/v1/customer/profile/bulk",
		"POST /api/v1/customer/details/bulk",
		"POST /api/v1/organization/profile/bulk",
		"POST /api/v1/organization/details/bulk",
		"POST /api/v1/customer/bulk",
		"POST /api/v1/organization/bulk",
		"POST /api/v1/customer/profile/bulk",
	]);
	expect(await stored()).toEqual({
		"jane.smith@acme.com": {
			displayName: "Jane Smith",
			details: { phone: "+1-555-0123", "support-tier": "Premium" },
		},
		"john.doe@acme.com": { displayName: "John Doe", details: { phone: "+1-555-0124" } },
		"Acme Corporation": { details: { industry: "Retail" } },
	});
	expect(await run("sh", "guide.sh")).toMatchObject({ code: 0, stderr: "" });
});

test("guide.sh fails on an answer that it did not expect, and says which", async () => {
	const refused = await run("sh", "guide.sh", { MUSTER_TOKEN: "mst_mistyped" });
	expect(refused).toMatchObject({ code: 1, stderr: "\nFAILED: 202 was expected, not 401.\n" });
	const nobody = await run("sh", "guide.sh", { MUSTER_URL: "http://127.0.0.1:1" });
	expect(nobody.code).toBe(1);
	expect(nobody.stderr).toContain("FAILED: There is no answer at http://127.0.0.1:1. Is Muster running?");
});

test("the guide's requests run with the client", async () => {
	const { code, stdout, stderr } = await run(process.execPath, "guide.ts");
	expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
	expect(stdout.match(/^[a-z.]+ completed/gm)).toHaveLength(4);
	expect(stdout).toContain('item 1: Invalid email format: "invalid-email" has no @.');
});
