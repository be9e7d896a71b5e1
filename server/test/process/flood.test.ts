import { readFile } from "node:fs/promises";
import { Agent, request } from "node:http";
import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { aDatabase } from "../muster.ts";
import { aFolder, type Program, readDevEnvironment, startProgram } from "../program.ts";

/** The program with everything in it, in as little memory as somebody may give it. */
let program: Program;
let folder: Awaited<ReturnType<typeof aFolder>>;
let database: Awaited<ReturnType<typeof aDatabase>>;
let url: string;
let authorization: string;
beforeAll(async () => {
	folder = await aFolder();
	database = await aDatabase();
	program = startProgram(["serve"], {
		MUSTER_DATA: folder.path,
		DATABASE_URL: database.url,
		MUSTER_LOG_LEVEL: "warn",
		NODE_OPTIONS: "--max-old-space-size=256",
	});
	await program.printed("Muster is ready");
	const written = await readDevEnvironment(folder.path);
	url = written.MUSTER_URL ?? "";
	authorization = `Bearer ${written.MUSTER_TOKEN}`;
});
afterAll(async () => {
	await program.end("SIGKILL");
	await database.drop();
	await folder.remove();
});

async function statusOfTasks(): Promise<number> {
	const answer = await fetch(`${url}/api/v1/tasks`, { headers: { authorization } });
	await answer.arrayBuffer();
	return answer.status;
}

async function residentMegabytes(): Promise<number> {
	const status = await readFile(`/proc/${program.process.pid}/status`, "utf8");
	return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
}

/** How long it usually takes to be served, in milliseconds. */
async function usualMs(): Promise<number> {
	const times: number[] = [];
	for (let count = 0; count < 20; count += 1) {
		const began = performance.now();
		expect(await statusOfTasks()).toBe(200);
		times.push(performance.now() - began);
	}
	return times.toSorted((one, other) => one - other)[10] ?? Number.POSITIVE_INFINITY;
}

test("five thousand idle connections: others do not notice, and memory hardly", async () => {
	expect(await statusOfTasks()).toBe(200);
	const alone = await usualMs();
	const before = await residentMegabytes();
	const sockets: Socket[] = [];
	for (let count = 0; count < 5_000; count += 250) {
		const opened = Array.from({ length: 250 }, () => connect(Number(new URL(url).port), "127.0.0.1"));
		await Promise.all(opened.map((socket) => new Promise((resolve) => socket.once("connect", resolve))));
		sockets.push(...opened);
	}
	expect(await usualMs()).toBeLessThan(Math.max(100, 10 * alone));
	expect((await residentMegabytes()) - before).toBeLessThan(150);
	for (const socket of sockets) socket.destroy();
});

/** Eighty values of 102,000 characters: as large as a body and a text in it may be. */
const largest = Buffer.from(
	`{"customers":[{"email":"jane.smith@acme.com","details":{${Array.from({ length: 80 }, (_, index) => `"field ${index}":"${"x".repeat(102_000)}"`).join(",")}}}]}`,
);

function submit(key: string): Promise<number> {
	return new Promise((resolve, reject) => {
		const sent = request(`${url}/api/v1/customer/profile/bulk`, {
			method: "POST",
			agent: new Agent({ keepAlive: false }),
			headers: {
				authorization,
				"content-type": "application/json",
				"content-length": largest.length,
				"idempotency-key": key,
			},
		});
		sent.on("response", (response) => {
			response.resume();
			response.on("end", () => resolve(response.statusCode ?? 0));
		});
		sent.on("error", reject);
		sent.end(largest);
	});
}

/** What came over connections to this port and has not been read, in bytes. */
async function unreadBytes(port: number): Promise<number> {
	const address = port.toString(16).toUpperCase().padStart(4, "0");
	const [, ...connections] = (await readFile("/proc/net/tcp", "utf8")).trim().split("\n");
	return connections
		.map((line) => line.trim().split(/\s+/))
		.filter(([, local = ""]) => local.endsWith(`:${address}`))
		.reduce((sum, [, , , , queues = ""]) => sum + Number.parseInt(queues.split(":")[1] ?? "0", 16), 0);
}

test("a thousand of the largest bodies under way at once take no more memory than all bodies may, and others are served", async () => {
	expect(await statusOfTasks()).toBe(200);
	const before = await residentMegabytes();
	const port = Number(new URL(url).port);
	const head = [
		"POST /api/v1/customer/profile/bulk HTTP/1.1",
		"host: 127.0.0.1",
		`authorization: ${authorization}`,
		"content-type: application/json",
		`content-length: ${8 * 1024 * 1024}`,
	].join("\r\n");
	const begun = largest.subarray(0, 512 * 1024);
	const sockets = await Promise.all(
		Array.from({ length: 1_000 }, async (_, index) => {
			const socket = connect(port, "127.0.0.1");
			socket.on("error", () => undefined);
			await new Promise((resolve) => socket.once("connect", resolve));
			socket.write(`${head}\r\nidempotency-key: under-way-${index}\r\n\r\n`);
			await new Promise((resolve) => socket.write(begun, resolve));
			return socket;
		}),
	);
	// Each look is a request of another client.
	while ((await unreadBytes(port)) > 0) expect(await statusOfTasks()).toBe(200);
	// Five hundred megabytes came, and forty-eight is what all bodies may have.
	expect((await residentMegabytes()) - before).toBeLessThan(250);
	for (const socket of sockets) socket.destroy();
	// The room that the first ones had is free again.
	let after = 0;
	while (after !== 202) {
		after = await submit("after-a-thousand");
		expect([202, 503]).toContain(after);
	}
	expect(program.process.exitCode).toBe(null);
});

test("many of the largest bodies at once: some are taken, the rest turned away with 503, and the process lives", async () => {
	const polls: number[] = [];
	let isOver = false;
	const polling = (async () => {
		while (!isOver) polls.push(await statusOfTasks());
	})();
	const statuses = await Promise.all(Array.from({ length: 40 }, (_, index) => submit(`key-${index}`)));
	isOver = true;
	await polling;
	expect(new Set(statuses)).toEqual(new Set([202, 503]));
	expect(new Set(polls)).toEqual(new Set([200]));
	// One that was turned away is taken when it comes again.
	let again = 0;
	while (again !== 202) {
		again = await submit(`key-${statuses.indexOf(503)}`);
		expect([202, 503]).toContain(again);
	}
	const ended = await fetch(`${url}/api/v1/tasks?limit=1`, { headers: { authorization } });
	const newest = ((await ended.json()) as { results: { taskId: string }[] }).results[0]?.taskId;
	const task = await fetch(`${url}/api/v1/tasks/${newest}?wait=30`, { headers: { authorization } });
	expect(await task.json()).toMatchObject({ status: "COMPLETED", summary: { total: 1, failed: 1 } });
	expect(program.process.exitCode).toBe(null);
});
