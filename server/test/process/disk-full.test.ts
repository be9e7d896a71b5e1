import { execFile } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { afterEach, expect, test } from "vitest";
import { aFolder, readDevEnvironment, startProgram } from "../program.ts";

const run = promisify(execFile);
const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
	for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A disk of its own, of so many megabytes; null where this machine lets nobody have one. */
async function aSmallDisk(megabytes: number): Promise<string | null> {
	const folder = await aFolder();
	cleanups.push(folder.remove);
	try {
		await run("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m,mode=0755`, "tmpfs", folder.path]);
	} catch {
		return null;
	}
	cleanups.push(() => run("umount", ["--lazy", folder.path]));
	return folder.path;
}

/** Fills a disk up to its last block. */
async function fill(path: string): Promise<void> {
	const file = await open(path, "w");
	const blocks = [1024 * 1024, 4096].map((size) => Buffer.alloc(size));
	for (const block of blocks) {
		let isFull = false;
		while (!isFull) {
			isFull = await file.write(block).then(
				({ bytesWritten }) => bytesWritten < block.length,
				() => true,
			);
		}
	}
	await file.close();
}

test("a full disk is answered with 503, and when there is room again all goes on by itself, with nothing lost", async (context) => {
	// The cluster takes about 60 MB.
	const disk = await aSmallDisk(160);
	if (disk === null) return context.skip("a disk of its own can be mounted by root alone");
	const folder = join(disk, "muster");
	const program = startProgram(["serve"], { MUSTER_DATA: folder, MUSTER_LOG_LEVEL: "silent" });
	cleanups.push(() => program.end("SIGKILL"));
	await program.printed("Muster is ready");
	const { MUSTER_URL = "", MUSTER_TOKEN = "" } = await readDevEnvironment(folder);
	const ask = async (path: string, key?: string, body?: unknown) => {
		const response = await fetch(`${MUSTER_URL}/api/v1/${path}`, {
			method: key === undefined ? "GET" : "POST",
			headers: {
				authorization: `Bearer ${MUSTER_TOKEN}`,
				...(key === undefined ? {} : { "content-type": "application/json", "idempotency-key": key }),
			},
			...(body === undefined ? {} : { body: JSON.stringify(body) }),
		});
		return { status: response.status, headers: response.headers, body: await response.json() };
	};
	/** Half a megabyte that cannot be compressed. */
	const submission = () => ({
		customers: Array.from({ length: 50 }, () => ({
			email: `${randomUUID()}@acme.com`,
			details: { note: randomBytes(5_000).toString("base64") },
		})),
	});
	const submit = (key: string, body: unknown = submission()) => ask("customer/profile/bulk", key, body);

	const first = await submit("before");
	expect(first.status).toBe(202);
	const filler = join(disk, "filler");
	await fill(filler);
	const accepted: string[] = [first.body.taskId];
	let refused = 0;
	for (let number = 0; refused < 3; number += 1) {
		const answer = await submit(`key-${number}`);
		expect([202, 503]).toContain(answer.status);
		if (answer.status === 202) accepted.push(answer.body.taskId);
		else {
			refused += 1;
			expect(answer.headers.get("retry-after")).toBe("1");
			expect(answer.body.code).toMatch(/^(unavailable|outcome_unknown)$/);
		}
		// Reads go on while PostgreSQL does; it ends where it cannot write its log, and comes back when it can.
		expect([200, 503]).toContain((await ask("tasks?limit=1")).status);
	}
	await rm(filler);

	const again = submission();
	const after = await untilTaken(() => submit("after", again));
	accepted.push(after.body.taskId);
	for (const taskId of accepted) {
		expect((await ask(`tasks/${taskId}?wait=20`)).body).toMatchObject({
			status: "COMPLETED",
			summary: { total: 50, created: 50 },
		});
	}
	expect((await fetch(`${MUSTER_URL}/readyz`)).status).toBe(200);
	expect((await program.end("SIGTERM")).code).toBe(0);
}, 60_000);

/** Sends again as Retry-After asks, for half a minute at most; a tenth of its second keeps the test short. */
async function untilTaken<T extends { readonly status: number }>(send: () => Promise<T>): Promise<T> {
	for (let tries = 0; ; tries += 1) {
		const answer = await send();
		if (answer.status !== 503 || tries === 300) return answer;
		await sleep(100);
	}
}
