import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import pg from "pg";
import { describe, expect, onTestFinished, test } from "vitest";
import { anEmptyDatabase } from "../server/test/muster.ts";
import { aFolder, readDevEnvironment } from "../server/test/program.ts";
import { layOut } from "./earlier.ts";
import { Member, ownBin } from "./member.ts";

// `npm run upgrade:dry` does this under load, behind HAProxy. The processes of before are real ones, so all they say to the
// database is old: each statement that these requests need is said on the newest schema.

describe.runIf(hasHistory())("the version before the newest migration", () => {
	test("goes on, and starts, on the schema that a newer one has made, and carries out what that has accepted", {
		timeout: 300_000,
	}, async () => {
		const [earlier, database, folder] = await Promise.all([layOut(), anEmptyDatabase(), aFolder()]);
		onTestFinished(earlier.remove);
		onTestFinished(database.drop);
		onTestFinished(folder.remove);
		const environment = { MUSTER_DATA: folder.path, DATABASE_URL: database.url };
		const member = (part: "api" | "worker", bin: string): Member => {
			const made = new Member(part, environment, bin);
			onTestFinished(async () => {
				if (made.isRunning) await made.end("SIGKILL");
			});
			return made;
		};
		const oldApi = member("api", earlier.bin);
		const oldWorker = member("worker", earlier.bin);
		const newApi = member("api", ownBin);
		const newWorker = member("worker", ownBin);
		const start = async (one: Member): Promise<void> => {
			one.start();
			await one.ready;
		};

		await start(oldApi);
		await start(oldWorker);
		const { MUSTER_TOKEN = "" } = await readDevEnvironment(folder.path);
		const before = await migrationsOf(database.url);
		expect(before).toBe(earlier.migrations);
		await useAll(oldApi, MUSTER_TOKEN, "before");

		await start(newWorker);
		expect(await migrationsOf(database.url)).toBeGreaterThan(before);
		await oldWorker.end("SIGTERM");
		await useAll(oldApi, MUSTER_TOKEN, "old accepts, new carries out");

		await start(newApi);
		await start(oldWorker);
		await newWorker.end("SIGTERM");
		await useAll(newApi, MUSTER_TOKEN, "new accepts, old carries out");

		await oldApi.end("SIGTERM");
		await start(oldApi);
		await useAll(oldApi, MUSTER_TOKEN, "old, started anew");
		for (const one of [oldApi, oldWorker, newApi]) expect(await one.end("SIGTERM")).toBe(0);
	});
});

/** Bulk requests, single writes, reading and deleting: what one needs of the other's work is there and right. */
async function useAll(api: Member, token: string, phase: string): Promise<void> {
	const ask = async (method: string, path: string, body?: object) => {
		const answer = await fetch(`${api.url}/api/v1/${path}`, {
			method,
			headers: {
				authorization: `Bearer ${token}`,
				...(body === undefined ? {} : { "content-type": "application/json" }),
				...(method === "POST" ? { "idempotency-key": randomUUID(), prefer: "wait=20" } : {}),
				// Kept by those that know it, and nothing to the others.
				traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
			},
			...(body === undefined ? {} : { body: JSON.stringify(body) }),
		});
		const text = await answer.text();
		return { status: answer.status, body: text === "" ? null : JSON.parse(text) };
	};
	const email = "ann@acme.com";
	const ended = (of: object) => ({ status: 200, body: { status: "COMPLETED", failures: [], ...of } });
	expect(await ask("POST", "organization/bulk", { organizations: [{ name: "Acme" }] }), phase).toMatchObject(
		ended({}),
	);
	const profile = { email, details: { phase }, organizations: ["Acme"] };
	expect(await ask("POST", "customer/profile/bulk", { customers: [profile] }), phase).toMatchObject(
		ended({}),
	);
	const edit = { email, details: [{ fieldId: "phase", operation: "UPDATE", value: `${phase}, edited` }] };
	const edited = await ask("POST", "customer/details/bulk", { customers: [edit] });
	expect(edited, phase).toMatchObject(ended({ summary: { total: 1, updated: 1 } }));
	expect(await ask("POST", "customer/profile/bulk", { customers: [{ email: "none" }] }), phase).toMatchObject(
		{
			body: { status: "COMPLETED", failures: [{ index: 0 }] },
		},
	);
	const [{ customerId, details, organizations }] = (await ask("GET", `customers?email=${email}`)).body
		.results;
	expect({ details, organizations }).toMatchObject({
		details: { phase: `${phase}, edited` },
		organizations: [{ name: "Acme" }],
	});
	const change = { displayName: phase };
	expect((await ask("PUT", `customer/account/${customerId}`, change)).status, phase).toBe(200);
	const { results } = (await ask("GET", "tasks?limit=100")).body;
	expect(new Set(results.map(({ status }: { status: string }) => status)), phase).toEqual(
		new Set(["COMPLETED"]),
	);
	expect((await ask("DELETE", `customer/account/${customerId}`)).status, phase).toBe(204);
}

async function migrationsOf(url: string): Promise<number> {
	const client = new pg.Client({ connectionString: url });
	await client.connect();
	const { rows } = await client.query("select count(*)::integer as count from muster.migration");
	await client.end();
	return rows[0].count;
}

/** Without git's history there is no version before; a packed copy and a shallow clone have none. */
function hasHistory(): boolean {
	try {
		const told = execFileSync("git", ["rev-parse", "--is-shallow-repository"], { stdio: "pipe" }).toString();
		if (told.trim() === "false") return true;
	} catch {
		// Said below.
	}
	process.stderr.write(
		"there is no history of git here: the upgrade from the version before is not tested.\n",
	);
	return false;
}
