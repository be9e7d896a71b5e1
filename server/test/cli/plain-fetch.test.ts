import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { plainFetch } from "../../src/cli/import/plain-fetch.ts";

const closings: (() => Promise<unknown>)[] = [];
afterEach(async () => {
	for (const close of closings.splice(0)) await close();
});

async function serving(listener: RequestListener): Promise<string> {
	const server = createServer(listener).listen(0, "127.0.0.1");
	await once(server, "listening");
	closings.push(() => {
		server.closeAllConnections();
		return new Promise((resolve) => server.close(resolve));
	});
	return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("a text is sent as it is, and its answer read as it is, wherever a character is cut", async () => {
	const url = await serving(async (request, response) => {
		let body = Buffer.alloc(0);
		for await (const piece of request) body = Buffer.concat([body, piece]);
		response.writeHead(201, { "retry-after": "7" });
		for (const byte of body) response.write(Buffer.of(byte));
		response.end(` ${request.method} ${request.headers["content-length"]} ${request.headers["x-own"]}`);
	});
	const answer = await plainFetch(`${url}/path`, {
		method: "POST",
		headers: { "x-own": "yes" },
		body: "Zoë €",
	});
	expect([answer.ok, answer.status, await answer.text()]).toEqual([true, 201, "Zoë € POST 8 yes"]);
	expect([answer.headers.get("Retry-After"), answer.headers.get("x-none")]).toEqual(["7", null]);
});

test("an answer that leads elsewhere is followed, as by the usual fetch", async () => {
	const url = await serving((request, response) => {
		if (request.url === "/new") response.end("here");
		else response.writeHead(307, { location: "/new" }).end();
	});
	expect(await (await plainFetch(`${url}/old`, { headers: {} })).text()).toBe("here");
});

test("a request that is given up throws its signal's reason, before it is sent and while it is under way", async () => {
	const stop = new AbortController();
	const url = await serving(() => stop.abort(new Error("enough")));
	const ask = () => plainFetch(url, { headers: {}, signal: stop.signal });
	await expect(ask()).rejects.toThrow("enough");
	await expect(ask()).rejects.toThrow("enough");
});

test("an answer that breaks off, and a port where nobody listens, fail with their cause", async () => {
	const url = await serving((_, response) => {
		response.writeHead(200, { "content-length": "10" }).write("half");
		response.socket?.end();
	});
	await expect(plainFetch(url, { headers: {} })).rejects.toMatchObject({
		message: "fetch failed",
		cause: { code: "ECONNRESET" },
	});
	for (const close of closings.splice(0)) await close();
	await expect(plainFetch(url, { headers: {} })).rejects.toMatchObject({ cause: { code: "ECONNREFUSED" } });
});
