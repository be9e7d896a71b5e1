import { createServer, request as httpRequest } from "node:http";
import type { AddressInfo } from "node:net";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { piecesOf } from "../../src/http/imports/read-upload.ts";
import { ProblemError } from "../../src/http/problem-error.ts";
import { deleteOldImports } from "../../src/store/delete-old-imports.ts";
import { deleteOldTasks } from "../../src/store/delete-old-tasks.ts";
import { settleImports } from "../../src/store/settle-imports.ts";
import { startMuster, type TestMuster } from "../muster.ts";
import { breakOff, customerLines, endedImport, sendFile } from "./import-files.ts";

let muster: TestMuster;
beforeAll(async () => {
	muster = await startMuster({ workerStarted: true });
});
afterAll(() => muster.close());

test("an import is kept as long as its tasks, its counts beyond the first of them, and its key is free again with it", async () => {
	const site = await muster.aSite({ retentionDays: 3 });
	const file = `${customerLines(250)}none\n`;
	const { importId } = (await sendFile(site, file, { key: "kept" })).body;
	const found = await endedImport(site, importId);
	const open = await breakOff(muster, site, customerLines(6_000), { key: "open", sent: 100_000, until: 1 });
	await settleImports(muster.database);
	const admin = new pg.Client({ connectionString: muster.databaseUrl });
	await admin.connect();
	await admin.query("select set_config('muster.site', $1, false)", [site.siteId]);
	const ageTask =
		"update muster.task set ended_at = ended_at - interval '73 hours' where number = (select min(number) from muster.task)";
	await admin.query(ageTask);
	await deleteOldTasks(muster.database);
	await deleteOldImports(muster.database);
	// One task of it is forgotten.
	expect((await site.get(`imports/${importId}`)).body).toEqual(found);
	const left = (await site.get(`imports/${importId}/results`)).text.trimEnd().split("\n");
	expect(left.map((line) => JSON.parse(line).line)).toEqual(
		Array.from({ length: 151 }, (_, place) => place + 101),
	);
	await admin.query("update muster.import set received_at = received_at - interval '73 hours'");
	await deleteOldImports(muster.database);
	for (const id of [importId, open.importId]) expect((await site.get(`imports/${id}`)).status).toBe(404);
	const { rows } = await admin.query("select count(*)::int as count from muster.import_part");
	expect(rows).toEqual([{ count: 0 }]);
	await admin.end();
	const again = await sendFile(site, customerLines(1), { key: "kept" });
	expect([again.status, again.headers.get("idempotency-replayed")]).toEqual([202, null]);
});

test("an upload that stalls is cut, one of which bytes come goes on, and one that nobody reads may wait", async () => {
	const pieceMs = 400;
	const told: unknown[] = [];
	const server = createServer(async (request, response) => {
		try {
			for await (const _ of piecesOf(request, new AbortController().signal, pieceMs)) {
				// Longer than a sender may: it is not the sender who holds it up.
				if (request.url === "/slow-reader") await new Promise((resolve) => setTimeout(resolve, 2 * pieceMs));
			}
			told.push("whole");
		} catch (error) {
			told.push(error instanceof ProblemError ? error.code : error);
		}
		response.end();
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const { port } = server.address() as AddressInfo;
	const send = (path: string, pieces: number, everyMs: number, isWhole: boolean): Promise<void> =>
		new Promise((resolve) => {
			const request = httpRequest({ port, path, method: "POST" }, (response) => {
				response.resume().on("end", resolve);
			});
			request.on("error", () => resolve());
			let sent = 0;
			const sending = setInterval(() => {
				sent += 1;
				request.write("x");
				if (sent < pieces) return;
				clearInterval(sending);
				if (isWhole) request.end();
			}, everyMs);
		});
	await send("/", 8, pieceMs / 4, true);
	await send("/slow-reader", 2, 1, true);
	await send("/", 2, 1, false);
	expect(told).toEqual(["whole", "whole", "request_timeout"]);
	server.closeAllConnections();
	await new Promise((resolve) => server.close(resolve));
});
