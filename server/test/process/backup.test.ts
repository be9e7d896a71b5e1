import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { openEmbedded } from "../../src/store/embedded.ts";
import { runCommand } from "../command.ts";
import { aFolder, aFreePort, readDevEnvironment, startProgram } from "../program.ts";

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
	for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function newFolder(): Promise<string> {
	const folder = await aFolder();
	cleanups.push(folder.remove);
	return folder.path;
}

/** A server on the bundled database of a folder, and how it is asked with a token. */
async function serve(folder: string) {
	const port = await aFreePort();
	const program = startProgram(["serve"], { MUSTER_DATA: folder, PORT: `${port}` });
	cleanups.push(() => program.end("SIGKILL"));
	await program.printed("Muster is ready");
	const base = `http://127.0.0.1:${port}/api/v1`;
	return {
		program,
		send: async (token: string, key: string) => {
			const answer = await fetch(`${base}/customer/bulk`, {
				method: "POST",
				headers: {
					authorization: `Bearer ${token}`,
					"content-type": "application/json",
					"idempotency-key": key,
				},
				body: JSON.stringify({ customers: [{ email: `${key}@acme.com`, displayName: key }] }),
			});
			return {
				status: answer.status,
				replayed: answer.headers.has("idempotency-replayed"),
				body: await answer.json(),
			};
		},
		get: async (token: string, path: string) =>
			(await fetch(`${base}/${path}`, { headers: { authorization: `Bearer ${token}` } })).json(),
	};
}

test("a backup under load, restored into a new folder, has every task accepted before it, and the server goes on from there", async () => {
	const [folder, other] = [await newFolder(), await newFolder()];
	const file = join(await newFolder(), "muster.backup");
	const server = await serve(folder);
	const { MUSTER_TOKEN: token = "" } = await readDevEnvironment(folder);
	const accepted = new Map<string, string>();
	let isOver = false;
	const enough = Promise.withResolvers<void>();
	const clients = Array.from({ length: 4 }, async (_, client) => {
		for (let number = 0; !isOver; number += 1) {
			const key = `client-${client}-${number}`;
			const { status, body } = await server.send(token, key);
			expect(status).toBe(202);
			accepted.set(key, body.taskId);
			if (accepted.size >= 100) enough.resolve();
		}
	});
	await enough.promise;
	const before = [...accepted];
	const saved = await runCommand(["backup", file], { MUSTER_DATA: folder });
	expect(saved).toMatchObject({ code: 0, stdout: `The database is saved in ${file}.\n`, stderr: "" });
	isOver = true;
	await Promise.all(clients);
	expect(accepted.size).toBeGreaterThan(before.length);
	await server.program.end("SIGTERM");

	const restored = await runCommand(["restore", file], { MUSTER_DATA: other });
	expect(restored).toMatchObject({ code: 0, stderr: "" });
	const next = await serve(other);
	for (const [key, taskId] of before) {
		const answer = await next.send(token, key);
		expect(answer).toMatchObject({ status: 202, replayed: true, body: { taskId } });
	}
	const [, newest = ""] = before.at(-1) ?? [];
	await expect.poll(async () => (await next.get(token, `tasks/${newest}`)).status).toBe("COMPLETED");
	// What is accepted now comes behind what there was.
	const { body } = await next.send(token, "after");
	await expect.poll(async () => (await next.get(token, `tasks/${body.taskId}`)).status).toBe("COMPLETED");
	const { entries } = JSON.parse(
		(await runCommand(["audit", "list", "--site", "default", "--json"], { MUSTER_DATA: other })).stdout
			.trim()
			.replace(/^\[/, '{"entries":[')
			.replace(/\]$/, "]}"),
	);
	// Restoring writes nothing of its own into it.
	expect(entries).toHaveLength(2);

	const again = await runCommand(["restore", file], { MUSTER_DATA: other });
	expect([again.code, again.stderr]).toEqual([
		2,
		`muster: ${file} cannot be restored: the database has a site already, and nothing of it is overwritten. Nothing was restored.\n`,
	]);
}, 60_000);

test("what is no backup, or half of one, is refused and leaves a database without a site", async () => {
	const [folder, other, place] = [await newFolder(), await newFolder(), await newFolder()];
	const [file, half, text] = [join(place, "whole"), join(place, "half"), join(place, "text")];
	await runCommand(["site", "create", "acme"], { MUSTER_DATA: folder });
	expect((await runCommand(["backup", file], { MUSTER_DATA: folder })).code).toBe(0);
	const twice = await runCommand(["backup", file], { MUSTER_DATA: folder });
	expect([twice.code, twice.stderr]).toEqual([
		2,
		`muster: ${file} is there already; give the backup another name.\n`,
	]);
	const whole = await readFile(file);
	await writeFile(half, whole.subarray(0, whole.length - 40));
	await writeFile(text, "none");
	// The database that each of the commands runs for itself is kept running for all of them.
	await withDatabase(other, async () => {
		for (const bad of [half, text]) {
			const { code, stderr } = await runCommand(["restore", bad], { MUSTER_DATA: other });
			expect([code, stderr]).toEqual([
				2,
				`muster: ${bad} cannot be restored: it is no backup, or is damaged or cut off. Nothing was restored.\n`,
			]);
		}
		const missing = await runCommand(["restore", join(place, "none")], { MUSTER_DATA: other });
		expect(missing.stderr).toContain("there is no such file");
		expect((await runCommand(["restore", file], { MUSTER_DATA: other })).code).toBe(0);
		const sites = await runCommand(["site", "list"], { MUSTER_DATA: other });
		expect(sites.stdout).toContain("acme");
	});
}, 60_000);

/** Keeps the bundled database of a folder running, which a command beside it then uses. */
async function withDatabase(folder: string, work: () => Promise<void>): Promise<void> {
	const database = await openEmbedded(folder);
	try {
		await work();
	} finally {
		await database.stop();
	}
}
