import type pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { aDatabase } from "../server/test/muster.ts";
import { Deployment } from "./deployment.ts";
import type { Moment } from "./doorway.ts";
import { apiPoints } from "./points.ts";
import { given } from "./postgres.ts";

let deployment: Deployment;
let client: pg.Client;
let drop: () => Promise<void>;
beforeAll(async () => {
	const database = await aDatabase();
	drop = database.drop;
	deployment = await Deployment.start(given(database.url), { apis: 1, workers: 0 });
	client = await deployment.connect();
});
afterAll(async () => {
	await client.end();
	await deployment.stop();
	await drop();
});

/** @returns null where the connection was cut */
async function submit(
	key: string,
): Promise<{ status: number; retryAfter: string | null; replayed: boolean; body: Body } | null> {
	const response = await fetch(`${deployment.apis[0]?.url}/api/v1/customer/bulk`, {
		method: "POST",
		headers: {
			authorization: `Bearer ${deployment.token}`,
			"content-type": "application/json",
			"idempotency-key": key,
		},
		body: JSON.stringify({ customers: [{ email: `${key}@acme.com` }] }),
	}).catch(() => null);
	if (response === null) return null;
	return {
		status: response.status,
		retryAfter: response.headers.get("retry-after"),
		replayed: response.headers.get("idempotency-replayed") === "true",
		body: (await response.json()) as Body, // the contract's forms
	};
}

interface Body {
	readonly taskId?: string;
	readonly code?: string;
	readonly message?: string;
}

async function tasksOf(key: string): Promise<string[]> {
	const found = await client.query<{ id: string }>(
		"select task_id as id from muster.task where idempotency_key = $1",
		[key],
	);
	return found.rows.map(({ id }) => id);
}

test.each([
	["accept, before anything is sent", [0]],
	["accept, before the commit", [0]],
	["accept, the commit on its way", [0, 1]],
	["accept, after the commit", [1]],
] as const)(
	"killed %s: the client sees its connection cut, and the retry makes or finds the one task",
	async (name, counts) => {
		const key = name.replaceAll(/\W+/g, "-");
		const [api] = deployment.apis;
		api?.arm({ point: apiPoints[name], nth: 1, signal: "SIGKILL" });
		expect(await submit(key)).toBe(null);
		expect(await api?.ended).toBe("SIGKILL");
		api?.start();
		await api?.ready;
		// The database has noticed by now: no transaction of the killed process is left.
		const left = await tasksOf(key);
		expect(counts).toContain(left.length);

		const retry = await submit(key);
		const made = await tasksOf(key);
		expect(made).toHaveLength(1);
		expect(retry).toMatchObject({ status: 202, replayed: left.length === 1, body: { taskId: made[0] } });
		const again = await submit(key);
		expect(again).toEqual({ ...retry, replayed: true });
	},
);

test.each<[Moment, number]>([
	["before", 0],
	["after", 1],
])(
	"a connection that is cut %s its commit arrives: 503 says that the outcome is unknown, and the same key finds out",
	async (moment, count) => {
		const key = `cut-${moment}`;
		const cut = deployment.doorway.cutAtCommit(moment, "accept-tasks");
		const answer = await submit(key);
		await cut;
		expect(answer).toMatchObject({
			status: 503,
			retryAfter: "1",
			body: {
				code: "outcome_unknown",
				message: "It is not known whether this was saved; send it again with the same key.",
			},
		});
		expect(await tasksOf(key)).toHaveLength(count);
		expect(await submit(key)).toMatchObject({ status: 202, replayed: count === 1 });
		expect(await tasksOf(key)).toHaveLength(1);
		expect(deployment.apis[0]?.unasked).toEqual([]);
	},
);
