import { readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { aDatabase } from "../server/test/muster.ts";
import { Deployment } from "./deployment.ts";
import { workerPoints } from "./points.ts";
import { given } from "./postgres.ts";

interface Customer {
	readonly displayName: string;
}

async function aPausedDeployment() {
	const database = await aDatabase();
	onTestFinished(database.drop);
	const deployment = await Deployment.start(given(database.url), { apis: 1, workers: 2 });
	onTestFinished(() => deployment.stop());
	const ask = async (path: string, body?: object, key = "") => {
		const answer = await fetch(`${deployment.apis[0]?.url}/api/v1/${path}`, {
			method: body === undefined ? "GET" : "POST",
			headers: {
				authorization: `Bearer ${deployment.token}`,
				"content-type": "application/json",
				...(key === "" ? {} : { "idempotency-key": key, prefer: "wait=20" }),
			},
			...(body === undefined ? {} : { body: JSON.stringify(body) }),
		});
		// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the wire holds
		return (await answer.json()) as any;
	};
	// With a stamp it is no plain task, which is sent with its commit: nobody could stand still in between.
	const rename = (displayName: string) => {
		const sourceUpdatedAt = new Date().toISOString();
		return ask(
			"customer/bulk",
			{ customers: [{ email: "jane.smith@acme.com", displayName, sourceUpdatedAt }] },
			displayName,
		);
	};
	return { deployment, ask, rename };
}

test("a worker that stands still in its transaction is passed by another, and its late commit changes nothing", async () => {
	const { deployment, ask, rename } = await aPausedDeployment();
	const [paused, other] = deployment.workers;
	await other?.end("SIGKILL");
	paused?.arm({ point: workerPoints["finish, before the head's commit"], nth: 1, signal: "SIGSTOP" });
	const first = rename("First");
	while (!(await isStopped(paused?.pid ?? 0))) await delay(5);
	other?.start();

	// The database ends the silent transaction after 5 s, and with it the hold on the lane.
	expect(await first).toMatchObject({ status: "COMPLETED", summary: { created: 1 } });
	expect(await rename("Second")).toMatchObject({ status: "COMPLETED", summary: { updated: 1 } });
	paused?.signal("SIGCONT");
	await other?.end("SIGKILL");
	// It has lost nothing but its turn: it goes on with what is new.
	expect(await rename("Third")).toMatchObject({ status: "COMPLETED", summary: { updated: 1 } });
	const { results } = (await ask("customers")) as { results: Customer[] };
	expect(results.map(({ displayName }) => displayName)).toEqual(["Third"]);
	const tasks = (await ask("tasks")) as { results: { summary: unknown }[] };
	expect(tasks.results.map(({ summary }) => summary)).toMatchObject([
		{ updated: 1 },
		{ updated: 1 },
		{ created: 1 },
	]);
	expect(paused?.isRunning).toBe(true);
});

/** proc_pid_stat(5): the state stands behind the name, which may hold brackets. */
async function isStopped(pid: number): Promise<boolean> {
	const stat = await readFile(`/proc/${pid}/stat`, "utf8");
	return stat.slice(stat.lastIndexOf(")") + 2).startsWith("T");
}
