import { afterEach, expect, test } from "vitest";
import { aFolder, readDevEnvironment, startProgram } from "../program.ts";

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
	for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Every start of the program, with the bundled database in one folder: killed with it, and taken over by the next. */
async function aDeployment() {
	const folder = await aFolder();
	cleanups.push(folder.remove);
	return async (...parameters: string[]) => {
		const program = startProgram(["serve", ...parameters], { MUSTER_DATA: folder.path });
		cleanups.push(() => program.end("SIGKILL"));
		await program.printed("Muster is ready");
		const { MUSTER_URL = "", MUSTER_TOKEN = "" } = await readDevEnvironment(folder.path);
		const ask = async (method: string, path: string, body?: unknown) => {
			const response = await fetch(`${MUSTER_URL}/api/v1/${path}`, {
				method,
				headers: {
					authorization: `Bearer ${MUSTER_TOKEN}`,
					...(body === undefined
						? {}
						: { "content-type": "application/json", "idempotency-key": "only-once" }),
				},
				...(body === undefined ? {} : { body: JSON.stringify(body) }),
			});
			return { status: response.status, headers: response.headers, body: await response.json() };
		};
		return { program, ask };
	};
}

const submission = { customers: [{ email: "jane.smith@acme.com" }, { email: "bob@acme.com" }] };

// Processes of their own on a database that goes on: crash/rounds.test.ts.
test("a process killed with its bundled database between accept and apply loses nothing: the next one ends the task, once", async () => {
	const start = await aDeployment();
	const first = await start("--no-worker");
	const accepted = await first.ask("POST", "customer/bulk", submission);
	expect(accepted.status).toBe(202);
	await first.program.end("SIGKILL");

	const second = await start();
	const task = await second.ask("GET", `tasks/${accepted.body.taskId}?wait=10`);
	expect(task.body).toMatchObject({
		taskId: accepted.body.taskId,
		status: "COMPLETED",
		summary: { total: 2, created: 2, updated: 0, unchanged: 0, skipped: 0, failed: 0 },
	});
	const replay = await second.ask("POST", "customer/bulk", submission);
	expect(replay.headers.get("idempotency-replayed")).toBe("true");
	expect(replay.body.taskId).toBe(accepted.body.taskId);
	expect((await second.ask("GET", "customers")).body.results).toHaveLength(2);
	expect((await second.ask("GET", "tasks")).body.results).toHaveLength(1);
});
