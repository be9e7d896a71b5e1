import { randomUUID } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openDatabase } from "../../src/store/database.ts";
import { describeWith } from "../installed.ts";
import { anEmptyDatabase } from "../muster.ts";
import { type Pgbouncer, startPgbouncer } from "../pgbouncer.ts";
import { aFolder, type Program, readDevEnvironment, runProgram, startProgram } from "../program.ts";

/** Fewer than two processes make, so that transactions of both take turns on each. */
const connectionsMax = 6;

describeWith("pgbouncer")("through pgbouncer in transaction mode", () => {
	let database: Awaited<ReturnType<typeof anEmptyDatabase>>;
	let folder: Awaited<ReturnType<typeof aFolder>>;
	let bouncer: Pgbouncer;
	let admin: pg.Client;
	let api: Program;
	let worker: Program;
	let url = "";
	let token = "";
	beforeAll(async () => {
		[database, folder] = await Promise.all([anEmptyDatabase(), aFolder()]);
		bouncer = await startPgbouncer(database.url, connectionsMax);
		admin = new pg.Client({ connectionString: database.url });
		await admin.connect();
		const environment = { MUSTER_DATA: folder.path, DATABASE_URL: bouncer.url };
		// Both migrate the same empty database at the same time.
		api = startProgram(["serve", "--no-worker"], environment);
		worker = startProgram(["worker"], environment);
		await Promise.all([api.printed("Muster is ready"), worker.printed("is ready")]);
		({ MUSTER_URL: url = "", MUSTER_TOKEN: token = "" } = await readDevEnvironment(folder.path));
	});
	afterAll(async () => {
		await Promise.all([api, worker].map((program) => program?.end("SIGKILL")));
		await admin?.end();
		await bouncer?.stop();
		await database?.drop();
		await folder?.remove();
	});

	// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the wire holds
	async function ask(method: string, path: string, body?: unknown): Promise<any> {
		const response = await fetch(`${url}/api/v1/${path}`, {
			method,
			headers: {
				authorization: `Bearer ${token}`,
				"content-type": "application/json",
				"idempotency-key": randomUUID(),
				prefer: "wait=10",
			},
			...(body === undefined ? {} : { body: JSON.stringify(body) }),
		});
		const text = await response.text();
		return { status: response.status, body: text === "" ? null : JSON.parse(text) };
	}

	test("two processes accept and carry out what is sent side by side, on fewer connections than they have", async () => {
		const rounds = Array.from({ length: 60 }, (_, round) => round);
		await ask("POST", "organization/bulk", { organizations: [{ name: "Acme" }] });
		const tasks = await Promise.all(
			rounds.map((round) =>
				ask("POST", "customer/profile/bulk", {
					customers: [
						{
							email: `own-${round}@acme.com`,
							details: { plan: `Plan ${round}` },
							organizations: ["Acme"],
						},
						{ email: "all@acme.com", displayName: `All ${round}` },
						{ email: "nobody" },
					],
				}),
			),
		);
		expect(tasks.map(({ status, body }) => [status, body.status, body.summary?.failed])).toEqual(
			rounds.map(() => [200, "COMPLETED", 1]),
		);
		const { rows } = await admin.query(
			`select count(*)::int as count from pg_stat_activity
			where datname = current_database() and application_name = 'muster'`,
		);
		expect(rows[0].count).toBeGreaterThan(0);
		expect(rows[0].count).toBeLessThanOrEqual(connectionsMax);
		const found = await ask("GET", "customers?limit=100");
		expect(found.body.results).toHaveLength(61);
	});

	test("what stands beside the queue works too: single writes, fields, search, undo, statistics, metrics of readiness", async () => {
		expect((await ask("PUT", "settings", { history: true })).status).toBe(200);
		const made = await ask("POST", "customer", { email: "single@acme.com", displayName: "Single" });
		expect(made.status).toBe(200);
		const field = await ask("POST", "customer/details", { name: "Region", type: { name: "TEXT" } });
		expect(field.status).toBe(200);
		const sent = await ask("POST", "customer/bulk", {
			customers: [{ email: "single@acme.com", displayName: "Changed" }],
		});
		expect(sent.body.summary).toMatchObject({ updated: 1 });
		expect((await ask("POST", `tasks/${sent.body.taskId}/undo`)).status).toBe(200);
		expect((await ask("GET", "customers?email=single@acme.com")).body.results).toMatchObject([
			{ displayName: "Single" },
		]);
		expect((await ask("DELETE", "customer/details/Region")).status).toBe(204);
		expect((await ask("GET", "statistics")).status).toBe(200);
		expect(await (await fetch(`${url}/readyz`)).json()).toMatchObject({ reasons: [] });
	});

	test("each transaction has its own site, role and bounds, whoever else has just used its connection", async () => {
		const opened = openDatabase({ url: bouncer.url });
		const sites = Array.from({ length: 200 }, () => randomUUID());
		const read = {
			name: "read-what-is-bound",
			text: `select current_setting('muster.site') as site, current_user as role,
				current_setting('idle_in_transaction_session_timeout') as silent,
				current_setting('statement_timeout') as statement`,
		};
		const answers = await Promise.all(
			sites.map((site) => opened.inSite(site, (transaction) => transaction.query(read, []))),
		);
		await opened.close();
		expect(answers.flat()).toEqual(
			sites.map((site) => ({ site, role: "muster_app", silent: "5s", statement: "1min" })),
		);
		// What was set is gone with its transaction: nobody else's statement is bound by it.
		const plain = new pg.Client({ connectionString: bouncer.url });
		await plain.connect();
		const { rows } = await plain.query(read.text);
		await plain.end();
		expect(rows[0]).toMatchObject({ site: "", silent: "0", statement: "0" });
		expect(rows[0].role).not.toBe("muster_app");
	});

	test("a URL that does not say that it leads there is answered with what to add", async () => {
		const unsaid = new URL(bouncer.url);
		unsaid.search = "";
		const ended = await runProgram(["serve"], { MUSTER_DATA: folder.path, DATABASE_URL: unsaid.href });
		expect(ended).toMatchObject({ code: 2 });
		expect(ended.stderr).toContain("Add ?pgbouncer=true to it");
	});
});
