import type { Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { edgeLimits, HttpEdge } from "../../src/http/http-server.ts";
import { answerClientError, refuseRequest } from "../../src/http/send-problem.ts";
import { sayRaw } from "./raw-connection.ts";

/** The edge as it is, thirty times as quick. */
const quick = { ...edgeLimits, headersMs: 300, requestMs: 900, checkMs: 30, idleMs: 2_000 };
/** What a machine that is busy with other tests may take longer, in milliseconds. */
const busyMs = 2_000;

const servers: Server[] = [];
afterEach(async () => {
	for (const server of servers.splice(0)) {
		server.closeAllConnections();
		await new Promise((resolve) => server.close(resolve));
	}
});

/** An edge before something that answers when a request has arrived whole. */
async function anEdge(limits = quick): Promise<string> {
	const publicUrl = "https://muster.test";
	const edge = new HttpEdge(
		{
			request: (problem, request, response) => refuseRequest(problem, request, response, publicUrl),
			connection: (error, socket) => answerClientError(error, socket, publicUrl),
		},
		limits,
	);
	const server = edge.createServer((request, response) => {
		// More than the system keeps for a client that does not read.
		request.resume().on("end", () => response.end(request.url === "/large" ? Buffer.alloc(64e6) : "done"));
	});
	server.on("clientError", (error, socket) => edge.onClientError(error, socket));
	servers.push(server);
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Sends a byte of the text every few milliseconds until the connection ends; how it ended, and after how long. */
async function drip(url: string, text: string, everyMs: number): Promise<{ heard: string; ms: number }> {
	const began = performance.now();
	const socket = connect(Number(new URL(url).port), "127.0.0.1");
	const chunks: Buffer[] = [];
	let at = 0;
	const dripping = setInterval(() => {
		socket.write(text.charAt(at % text.length));
		at += 1;
	}, everyMs);
	socket.on("data", (chunk) => chunks.push(chunk));
	socket.on("error", () => undefined);
	await new Promise((resolve) => socket.on("close", resolve));
	clearInterval(dripping);
	return { heard: Buffer.concat(chunks).toString(), ms: performance.now() - began };
}

const ask = "GET / HTTP/1.1\r\nHost: muster.test\r\n\r\n";
const announced = "POST / HTTP/1.1\r\nHost: muster.test\r\nContent-Length: 100000\r\n\r\n";

describe("a slow connection is cut", () => {
	test("by the clock of operators: headers within 10 s, a request within 30 s", () => {
		expect(edgeLimits.headersMs + edgeLimits.checkMs).toBeLessThanOrEqual(10_000);
		expect(edgeLimits.requestMs + edgeLimits.checkMs).toBeLessThanOrEqual(30_000);
		// A client may wait 30 s for its task, and hears nothing meanwhile.
		expect(edgeLimits.idleMs).toBeGreaterThan(40_000);
	});

	test("that sends its headers byte by byte, with a 408", async () => {
		const { heard, ms } = await drip(await anEdge(), "GET / HTTP/1.1\r\nX: ".padEnd(10_000, "x"), 20);
		expect(heard).toMatch(/^HTTP\/1\.1 408 /);
		expect(heard).toContain('"code":"request_timeout"');
		expect(ms).toBeGreaterThan(quick.headersMs);
		expect(ms).toBeLessThan(quick.headersMs + quick.checkMs + busyMs);
	});

	test("that sends its body byte by byte, with a 408", async () => {
		const url = await anEdge();
		const { heard, ms } = await drip(url, announced.padEnd(announced.length + 10_000, "x"), 2);
		expect(heard).toMatch(/^HTTP\/1\.1 408 /);
		expect(ms).toBeGreaterThan(quick.requestMs);
		expect(ms).toBeLessThan(quick.requestMs + quick.checkMs + busyMs);
	});

	test.each([
		["says nothing at all", ""],
		["stops in its headers", "GET / HTTP/1.1\r\nHost: mus"],
		["stops in its body", announced],
		["stops after an answer", ask],
	])("that %s", async (_what, text) => {
		const { statuses } = await sayRaw(await anEdge(), text);
		expect(statuses).toEqual(text === ask ? [200] : [408]);
	});

	test("whose client does not read the answer that it asked for", async () => {
		const url = await anEdge({ ...quick, idleMs: 300 });
		const ended = new Promise((resolve) =>
			servers[0]?.once("connection", (own) => own.once("close", resolve)),
		);
		const socket = connect(Number(new URL(url).port), "127.0.0.1");
		socket.pause();
		socket.on("error", () => undefined);
		socket.write(ask.replace("/", "/large"));
		await ended;
		socket.destroy();
	});
});

test("past the most requests under way, further ones are turned away until one has ended", async () => {
	const url = await anEdge({ ...quick, requestsMax: 2 });
	const open = [sayRaw(url, announced), sayRaw(url, announced)];
	const answers: number[] = [];
	while (answers.at(-1) !== 503) answers.push((await fetch(url)).status);
	expect((await Promise.all(open)).map(({ statuses }) => statuses)).toEqual([[408], [408]]);
	expect((await fetch(url)).status).toBe(200);
});
