import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { describeWith } from "../server/test/installed.ts";
import { aDatabase } from "../server/test/muster.ts";
import { Deployment } from "./deployment.ts";
import { given } from "./postgres.ts";
import { runFleet } from "./run-fleet.ts";

/** Before a client's next write: most of a small machine is left to what is started again. */
const clientRestMs = 20;

describeWith("haproxy")("two processes of the API behind a proxy, and two workers", () => {
	// `npm run crash:fleet` does this for five minutes.
	test("killed again and again, they lose nothing and double nothing, and clients see neither an error nor a cut", {
		timeout: 300_000,
	}, async () => {
		const database = await aDatabase();
		onTestFinished(database.drop);
		const outcome = await runFleet({
			postgres: given(database.url),
			seed: 7,
			times: 3,
			everyMs: 2_000,
			clients: 3,
		});
		expect(outcome.breaches).toEqual([]);
		expect(outcome.submissions).toBeGreaterThan(200);
		expect(Math.max(...outcome.recoveryMs, outcome.lastMs)).toBeLessThan(5_000);
	});

	test("stopped and started one after the other, they answer every request, writes without a key too", {
		timeout: 300_000,
	}, async () => {
		const database = await aDatabase();
		onTestFinished(database.drop);
		const deployment = await Deployment.start(given(database.url), { apis: 2, workers: 1 }, true);
		onTestFinished(() => deployment.stop());
		await deployment.proxy?.seesAll();
		const answers: string[] = [];
		let isOver = false;
		const send = async (): Promise<void> => {
			while (!isOver) {
				const email = `${randomUUID()}@acme.com`;
				const [path, body] = [
					["customer", { email }] as const,
					["customer/bulk", { customers: [{ email }] }] as const,
				][answers.length % 2] ?? ["", null];
				const answer = await fetch(`${deployment.proxy?.url}/api/v1/${path}`, {
					method: "POST",
					headers: {
						authorization: `Bearer ${deployment.token}`,
						"content-type": "application/json",
						"idempotency-key": randomUUID(),
					},
					body: JSON.stringify(body),
				}).catch((error: unknown) => ({ status: String(error), text: async () => "" }));
				await answer.text();
				answers.push(`${path} ${answer.status}`);
				await delay(clientRestMs);
			}
		};
		const clients = Array.from({ length: 3 }, send);
		for (const member of deployment.members) {
			expect(await member.end("SIGTERM")).toBe(0);
			member.start();
			await member.ready;
			await deployment.proxy?.seesAll();
		}
		isOver = true;
		await Promise.all(clients);
		expect([...new Set(answers)].sort()).toEqual(["customer 200", "customer/bulk 202"]);
		expect(answers.length).toBeGreaterThan(200);
	});
});
