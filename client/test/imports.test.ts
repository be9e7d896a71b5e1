import { randomBytes } from "node:crypto";
import { connect, createServer, type Socket } from "node:net";
import { MusterClient } from "@muster/client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { customerLines } from "../../server/test/http/import-files.ts";
import { startMuster, type TestMuster } from "../../server/test/muster.ts";

let muster: TestMuster;
beforeAll(async () => {
	muster = await startMuster({ workerStarted: true });
});
afterAll(() => muster.close());

test.each(["guide", "reference"] as const)(
	"a file is sent, waited for and told of, in the dialect of the %s",
	async (dialect) => {
		const { token } = await muster.aSite();
		const { imports } = new MusterClient({ url: muster.url, token, dialect });
		const file = new Blob([customerLines(250), '{"email":"none"}\n{\n']);
		const sent = await imports.submit("customer.profile", file, { format: "jsonl", idempotencyKey: "file" });
		expect(["processing", "completed"]).toContain(sent.status);
		const found = await imports.wait(sent.importId);
		expect(found).toMatchObject({
			importId: sent.importId,
			status: "completed",
			summary: { total: 252, created: 250, failed: 2 },
		});
		const failed = await textOf(imports.results(sent.importId, { outcome: "failed" }));
		expect(
			failed
				.trim()
				.split("\n")
				.map((line) => JSON.parse(line).line),
		).toEqual([251, 252]);
		expect(
			await imports.submit("customer.profile", file, { format: "jsonl", idempotencyKey: "file" }),
		).toEqual(found);
		const listed = [];
		for await (const each of imports.list()) listed.push(each);
		expect(listed).toEqual([found]);
		await expect(imports.get("no-such-import")).rejects.toMatchObject({ code: "not_found" });
	},
);

test("a file whose upload breaks off is taken up where it broke off, and a stream is sent as it comes", async () => {
	const site = await muster.aSite();
	const through = await aBreakingProxy(muster.url, 1_000_000);
	const { imports } = new MusterClient({ url: through.url, token: site.token, retry: { firstPauseMs: 10 } });
	const padding = randomBytes(64).toString("hex");
	const lines = Array.from(
		{ length: 10_000 },
		(_, place) => `{"email":"p${place}@acme.com","displayName":"${padding}"}\n`,
	);
	const sent = await imports.submit("customer", new Blob(lines), { format: "jsonl" });
	const found = await imports.wait(sent.importId);
	expect(through.broken).toBe(1);
	expect(found.summary).toMatchObject({ total: 10_000, created: 10_000, failed: 0 });
	expect(found.tasks).toBe(200);
	const stream = new Blob([customerLines(10)]).stream();
	const streamed = await imports.submit("customer.profile", stream, { format: "jsonl" });
	expect((await imports.wait(streamed.importId)).summary.total).toBe(10);
	await through.close();
});

/** Passes everything on, and breaks the first connection that has sent so many bytes. */
async function aBreakingProxy(url: string, bytes: number) {
	const sockets = new Set<Socket>();
	const proxy = { url: "", broken: 0, close: async () => undefined as unknown };
	const server = createServer((socket) => {
		const inner = connect(Number(new URL(url).port), "127.0.0.1");
		let seen = 0;
		for (const each of [socket, inner]) {
			sockets.add(each);
			each.on("error", () => undefined);
			each.once("close", () => {
				socket.destroy();
				inner.destroy();
			});
		}
		inner.pipe(socket);
		socket.on("data", (chunk) => {
			seen += chunk.length;
			if (seen > bytes && proxy.broken === 0) {
				proxy.broken += 1;
				socket.destroy();
			} else if (!inner.write(chunk)) {
				socket.pause();
				inner.once("drain", () => socket.resume());
			}
		});
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	proxy.url = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
	proxy.close = () => {
		for (const socket of sockets) socket.destroy();
		return new Promise((resolve) => server.close(resolve));
	};
	return proxy;
}

async function textOf(parts: AsyncIterable<Uint8Array>): Promise<string> {
	const all: Uint8Array[] = [];
	for await (const part of parts) all.push(part);
	return Buffer.concat(all).toString();
}
