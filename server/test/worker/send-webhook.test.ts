import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type SendOptions, sendWebhook } from "../../src/worker/send-webhook.ts";
import { aReceiver, type Receiver } from "./receiver.ts";

let receiver: Receiver;
beforeAll(async () => {
	receiver = await aReceiver();
});
beforeEach(() => {
	receiver.received.length = 0;
	receiver.answer = (response) => response.writeHead(204).end();
});
afterAll(() => receiver.close());

const never = new AbortController().signal;

function send(url: string, options: Partial<SendOptions> = {}, signal = never) {
	const post = { url, headers: { "webhook-id": "1" }, body: '{"type":"task.completed"}' };
	return sendWebhook(post, { allowPrivate: false, ...options }, signal);
}

function refused(trouble: string, status: number | null = null) {
	return { kind: "refused", status, trouble };
}

describe("nothing is sent to an address inside", () => {
	const inside = refused("the host's address is not a public one");

	test.each(["127.0.0.1", "2130706433", "0x7f.1", "localhost", "[::1]", "[::ffff:7f00:1]"])(
		"that the URL spells as %s",
		async (host) => {
			expect(await send(`https://${host}:${receiver.port}/`)).toEqual(inside);
			expect(receiver.received).toEqual([]);
		},
	);

	test("that a name leads to, also where it leads to a public one too", async () => {
		for (const found of [["10.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["2606:4700::1111", "::1"]]) {
			const resolve = async () => found;
			expect(await send(`https://receiver.test:${receiver.port}/`, { resolve })).toEqual(inside);
		}
	});

	test("by plain http", async () => {
		expect(await send("http://example.com/")).toEqual(refused("the URL is not https"));
	});
});

test("a name is looked up once, and what was judged is what is connected to, under the name", async () => {
	const asked: string[] = [];
	const resolve = async (host: string) => {
		asked.push(host);
		// The second answer would lead elsewhere: a rebinding name server's trick.
		return asked.length === 1 ? ["127.0.0.1"] : ["127.0.0.2"];
	};
	const url = `http://receiver.test:${receiver.port}/hook`;
	expect(await send(url, { allowPrivate: true, resolve })).toEqual({ kind: "delivered", status: 204 });
	expect(asked).toEqual(["receiver.test"]);
	expect(receiver.received.map(({ path, headers }) => [path, headers.host])).toEqual([
		["/hook", `receiver.test:${receiver.port}`],
	]);
});

test("over TLS the name is kept, and a receiver without a good certificate gets nothing", async () => {
	const names: string[] = [];
	const server: Server = createServer({
		SNICallback: (name, done) => {
			names.push(name);
			done(null);
		},
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const { port } = server.address() as AddressInfo;
	const resolve = async () => ["127.0.0.1"];
	const tried = await send(`https://receiver.test:${port}/`, { allowPrivate: true, resolve });
	await new Promise((ended) => server.close(ended));
	expect(tried).toEqual(refused(expect.stringMatching(/^the connection broke \(E/) as unknown as string));
	expect(names).toEqual(["receiver.test"]);
});

test("a redirect is not followed", async () => {
	const other = await aReceiver();
	receiver.answer = (response) => response.writeHead(307, { location: other.url }).end();
	expect(await send(receiver.url, { allowPrivate: true })).toEqual(
		refused("the receiver answered with a redirect, which is not followed", 307),
	);
	expect(other.received).toEqual([]);
	await other.close();
});

test("an answer without an end is read so far and no further, and its status counts", async () => {
	let sent = 0;
	const { promise: cut, resolve } = Promise.withResolvers<void>();
	receiver.answer = (response) => {
		response.on("close", resolve);
		response.writeHead(200);
		const more = (): void => {
			while (!response.destroyed && response.write(Buffer.alloc(65_536))) sent += 65_536;
			if (!response.destroyed) response.once("drain", more);
		};
		more();
	};
	expect(await send(receiver.url, { allowPrivate: true })).toEqual({ kind: "delivered", status: 200 });
	await cut;
	expect(sent).toBeLessThan(10_000_000);
});

test("headers without an end are a broken connection", async () => {
	receiver.answer = (response) => response.writeHead(200, { long: "a".repeat(100_000) }).end();
	expect(await send(receiver.url, { allowPrivate: true })).toEqual(
		refused("the connection broke (HPE_HEADER_OVERFLOW)"),
	);
});

describe("a try is over in time", () => {
	const late = refused("there was no answer in time");

	test("with a receiver that never answers", async () => {
		receiver.answer = () => undefined;
		expect(await send(receiver.url, { allowPrivate: true, withinMs: 50 })).toEqual(late);
	});

	test("with a name that is never found", async () => {
		const resolve = () => new Promise<string[]>(() => undefined);
		expect(await send("https://example.com/", { resolve, withinMs: 50 })).toEqual(late);
	});

	test("with an answer that begins and never ends", async () => {
		receiver.answer = (response) => response.writeHead(200).write("a");
		expect(await send(receiver.url, { allowPrivate: true, withinMs: 200 })).toEqual({
			kind: "delivered",
			status: 200,
		});
	});
});

test("trouble is told in words, without an address", async () => {
	const { port } = receiver;
	expect(await send("https://no-such-name.invalid/")).toEqual(refused("the host is not known"));
	const closed = await aReceiver();
	await closed.close();
	expect(await send(closed.url, { allowPrivate: true })).toEqual(refused("the connection was refused"));
	expect(await send(`https://127.0.0.1:${port}/`, { allowPrivate: true })).toEqual(
		refused(expect.stringMatching(/^the connection broke/) as unknown as string),
	);
});

test("a stop breaks a try off, which then has not counted", async () => {
	const stopping = new AbortController();
	receiver.answer = () => stopping.abort();
	expect(await send(receiver.url, { allowPrivate: true }, stopping.signal)).toEqual({ kind: "stopped" });
	expect(await send(receiver.url, { allowPrivate: true }, stopping.signal)).toEqual({ kind: "stopped" });
});
