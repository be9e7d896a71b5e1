import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import {
	MusterClient,
	type MusterClientOptions,
	MusterError,
	MusterNetworkError,
	MusterTimeoutError,
	type Task,
} from "../src/index.ts";
import { defaultRetryPolicy, pauseAfter, readRetryAfter } from "../src/retry.ts";

type Respond = (response: ServerResponse, request: IncomingMessage) => void;

interface Asked {
	readonly method: string | undefined;
	readonly url: string | undefined;
	readonly key: string | undefined;
	readonly body: string;
}

/** A service that answers its requests in turn, the last answer again and again; and the pauses of a client of it. */
async function aService(
	answers: readonly Respond[],
	options: Partial<MusterClientOptions> = {},
): Promise<{ client: MusterClient; asked: Asked[]; pauses: number[] }> {
	const asked: Asked[] = [];
	const pauses: number[] = [];
	const server = createServer(async (request, response) => {
		let body = "";
		for await (const chunk of request.setEncoding("utf8")) body += chunk;
		// One header of that name, so a text.
		const key = request.headers["idempotency-key"] as string | undefined;
		asked.push({ method: request.method, url: request.url, key, body });
		answers[Math.min(asked.length, answers.length) - 1]?.(response, request);
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	onTestFinished(() => {
		server.closeAllConnections();
		server.close();
	});
	// Listening on a port, the address is never a pipe's name or null.
	const { port } = server.address() as AddressInfo;
	const client = new MusterClient({
		url: `http://127.0.0.1:${port}`,
		token: "mst_test",
		sleep: async (milliseconds, signal) => {
			signal?.throwIfAborted();
			pauses.push(milliseconds);
		},
		...options,
	});
	return { client, asked, pauses };
}

function json(status: number, body: unknown, headers: Record<string, string> = {}): Respond {
	return (response) => {
		response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
	};
}

const accepted = json(202, { taskId: "t1", statusUrl: "http://127.0.0.1/api/v1/tasks/t1" });
const processing = { taskId: "t1", status: "PROCESSING", failures: [] };
const cut: Respond = (response) => response.destroy();
const cutInTheBody: Respond = (response) => {
	response.writeHead(202, { "content-type": "application/json", "content-length": "100" });
	response.write('{"taskId"', () => response.destroy());
};
const silent: Respond = () => undefined;
const items = [{ email: "jane.smith@acme.com" }];

test.each<[string, Respond]>([
	["429", json(429, { code: "too_many_tasks" })],
	["503", json(503, { code: "unavailable" })],
	["a proxy's 502", (response) => response.writeHead(502).end("<h1>Bad Gateway</h1>")],
	["409 while the first of two is being saved", json(409, { code: "busy" }, { "retry-after": "1" })],
	["the reference's 400", json(400, { errorMessages: ["Maximum number of tasks reached"] })],
	["a cut connection", cut],
	["an answer that breaks off", cutInTheBody],
])("after %s the same submission is sent again, under the same key", async (_name, trouble) => {
	const { client, asked, pauses } = await aService([trouble, trouble, accepted]);
	const { taskId, idempotencyKey } = await client.submit("customer", items);
	expect(taskId).toBe("t1");
	expect(pauses).toHaveLength(2);
	const sent = {
		method: "POST",
		url: "/api/v1/customer/bulk",
		key: idempotencyKey,
		body: JSON.stringify({ customers: items }),
	};
	expect(asked).toEqual([sent, sent, sent]);
});

test.each([400, 401, 403, 404, 409, 422, 500])("a %i is thrown at once", async (status) => {
	const { client, asked, pauses } = await aService([json(status, { code: "some_code", message: "No." })]);
	await expect(client.submit("customer", items)).rejects.toMatchObject({
		status,
		code: "some_code",
		message: "No.",
	});
	expect([asked.length, pauses.length]).toEqual([1, 0]);
});

test("Retry-After is the least that is waited", async () => {
	const { client, pauses } = await aService([json(429, {}, { "retry-after": "3" }), accepted]);
	await client.submit("customer", items);
	expect(pauses[0]).toBeGreaterThanOrEqual(3_000);
	expect(pauses[0]).toBeLessThan(4_000);
});

test("a service that asks for an hour is not waited for, but its wish is told", async () => {
	const { client, pauses } = await aService([json(503, {}, { "retry-after": "3600" })]);
	await expect(client.submit("customer", items)).rejects.toMatchObject({ retryAfterMs: 3_600_000 });
	expect(pauses).toEqual([]);
});

test("tries are bounded, and the last error is thrown", async () => {
	const busy = await aService([json(503, { code: "unavailable", message: "Later." })]);
	const refused = await busy.client.submit("customer", items).catch((error) => error);
	expect(refused).toBeInstanceOf(MusterError);
	expect(refused.message).toBe("Later.");
	expect(busy.asked).toHaveLength(defaultRetryPolicy.triesMax);

	const gone = await aService([cut], { retry: { triesMax: 2 } });
	const broken = await gone.client.submit("customer", items).catch((error) => error);
	expect(broken).toBeInstanceOf(MusterNetworkError);
	expect(broken.message).toMatch(/^POST customer\/bulk was not answered: /);
	expect(broken.cause).toBeInstanceOf(Error);
	expect(gone.asked).toHaveLength(2);
});

test("pauses double up to the longest, and half of each is chance", () => {
	const trouble = new MusterNetworkError("cut");
	const policy = { triesMax: 8, firstPauseMs: 100, longestPauseMs: 1_000 };
	const pauses = (random: number): (number | null)[] =>
		[1, 2, 3, 4, 5, 6, 7, 8].map((tries) => pauseAfter(trouble, tries, policy, random));
	expect(pauses(0)).toEqual([50, 100, 200, 400, 500, 500, 500, null]);
	expect(pauses(1)).toEqual([100, 200, 400, 800, 1_000, 1_000, 1_000, null]);
	expect(pauseAfter(new TypeError("a bug"), 1, policy, 0)).toBeNull();
});

test("Retry-After is seconds or a date, measured against the answer's own clock", () => {
	const read = (headers: Record<string, string>): number | null => readRetryAfter(new Headers(headers));
	const date = "Mon, 23 Nov 2026 20:00:00 GMT";
	const later = "Mon, 23 Nov 2026 20:00:05 GMT";
	expect(read({ "retry-after": "7" })).toBe(7_000);
	expect(read({ "retry-after": later, date })).toBe(5_000);
	expect(read({ "retry-after": date, date: later })).toBe(0);
	expect(read({ "retry-after": later })).toBeNull();
	expect(read({ "retry-after": "soon", date })).toBeNull();
	expect(read({})).toBeNull();
});

test("an answer that does not come is given up, and tried again", async () => {
	const { client, asked } = await aService([silent, accepted], { timeoutMs: 500 });
	expect((await client.submit("customer", items)).taskId).toBe("t1");
	expect(asked).toHaveLength(2);

	const never = await aService([silent], { timeoutMs: 500, retry: { triesMax: 1 } });
	const error = await never.client.getTask("t1").catch((thrown) => thrown);
	expect(error).toBeInstanceOf(MusterTimeoutError);
	expect(error.message).toBe("GET tasks/t1 was not answered within 0.5 seconds.");
});

test("a signal ends a request, and a pause, with its reason", async () => {
	const reason = new Error("the user has gone");
	const request = new AbortController();
	const waiting = await aService([() => request.abort(reason)]);
	await expect(waiting.client.submit("customer", items, { signal: request.signal })).rejects.toBe(reason);
	expect(waiting.asked).toHaveLength(1);

	const pause = new AbortController();
	const busy = await aService([json(503, {})], {
		sleep: async (_milliseconds, signal) => {
			pause.abort(reason);
			signal?.throwIfAborted();
		},
	});
	await expect(busy.client.getTask("t1", { signal: pause.signal })).rejects.toBe(reason);
	expect(busy.asked).toHaveLength(1);
});

test("a service that does not wait is looked at with pauses, as long as it says at least", async () => {
	const ended = json(200, { ...processing, status: "COMPLETED" });
	const { client, asked, pauses } = await aService([
		json(200, processing),
		json(200, processing, { "retry-after": "2" }),
		ended,
	]);
	const seen: Task[] = [];
	const task = await client.waitForTask("t1", { timeoutSeconds: 60, onPoll: (looked) => seen.push(looked) });
	expect(task.status).toBe("completed");
	expect(seen.map(({ status }) => status)).toEqual(["processing", "processing"]);
	expect(pauses).toEqual([250, 2_000]);
	expect(asked.map(({ url }) => url)).toEqual(Array(3).fill("/api/v1/tasks/t1?wait=20"));
});

test("a task that takes too long is left to be waited for again", async () => {
	const { client } = await aService([json(200, processing)]);
	const error = await client.waitForTask("t1", { timeoutSeconds: 0 }).catch((thrown) => thrown);
	expect(error).toBeInstanceOf(MusterTimeoutError);
	expect(error.message).toContain("Task t1 was still being processed after 0 seconds. It is saved");
});

test("something else than a Muster is told apart", async () => {
	const page = await aService([(response) => response.writeHead(200).end("<h1>It works!</h1>")]);
	await expect(page.client.getTask("t1")).rejects.toThrow("not in JSON as expected");
	const other = await aService([json(200, { status: "ok" })]);
	await expect(other.client.getTask("t1")).rejects.toThrow("Is this the address of a Muster?");
	const lists = await aService([json(200, null)]);
	await expect(lists.client.customers().next()).rejects.toThrow("Is this the address of a Muster?");
	const loop = await aService([json(200, { results: [], nextCursor: "a" })]);
	const listed = loop.client.customers();
	await expect(listed.next()).rejects.toBeInstanceOf(MusterError);
});

test("a task of a service without Muster's additions is read too", async () => {
	const { client } = await aService(
		[
			json(200, {
				id: "t1",
				type: "BULK_CUSTOMER_PROFILE_CREATE_UPDATE",
				status: "FINISHED",
				failures: [{ entity: "CUSTOMER", entityId: "x", operation: "UPSERT", error: "No such email." }],
				createdAt: "2026-11-23T20:00:00Z",
				updatedAt: "2026-11-23T20:00:01Z",
			}),
		],
		{ dialect: "reference" },
	);
	expect(await client.getTask("t1")).toEqual({
		taskId: "t1",
		status: "completed",
		operation: "customer.profile",
		dryRun: false,
		summary: null,
		source: null,
		idempotencyKey: null,
		failures: [
			{ index: null, message: "No such email.", code: null, clientRef: null, entityId: "x", errors: [] },
		],
		createdDate: "2026-11-23T20:00:00Z",
		completedDate: "2026-11-23T20:00:01Z",
	});
});
