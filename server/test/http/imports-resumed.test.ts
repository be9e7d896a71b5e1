import { Readable } from "node:stream";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startMuster, type TestMuster, type TestSite } from "../muster.ts";
import { breakOff, customerLines, endedImport, openUpload, sendFile } from "./import-files.ts";

let muster: TestMuster;
beforeAll(async () => {
	muster = await startMuster({ workerStarted: true });
});
afterAll(() => muster.close());

const rows = 6_000;
const file = customerLines(rows);
const half = { key: "file", sent: file.length / 2, until: file.length / 4 };
const all = { total: rows, created: rows, updated: 0, unchanged: 0, skipped: 0, failed: 0 };

/** Sends what is behind an offset. */
function sendRest(site: TestSite, importId: string, from: number, rest = file.slice(from)) {
	return site.ask("PATCH", `imports/${importId}`, {
		body: rest,
		headers: { "content-type": "application/x-ndjson", "upload-offset": String(from) },
	});
}

/** Where an import is when the connection that broke has ended here too: a later upload, even a wrong one, sees to that. */
async function offsetOf(site: TestSite, importId: string): Promise<number> {
	return Number((await sendRest(site, importId, 0, "")).headers.get("upload-offset"));
}

/** Tasks and customers of a site, counted one by one. */
async function countOf(site: TestSite, list: string): Promise<number> {
	let count = 0;
	for (let query = "?limit=100"; query !== ""; ) {
		const { results, nextCursor } = (await site.get(`${list}${query}`)).body;
		count += results.length;
		query = nextCursor === undefined ? "" : `?limit=100&cursor=${nextCursor}`;
	}
	return count;
}

describe("an upload that broke off", () => {
	test("stays RECEIVING, what was saved of it takes effect, and it goes on from receivedBytes", async () => {
		const site = await muster.aSite();
		const { importId } = await breakOff(muster, site, file, half);
		const from = await offsetOf(site, importId);
		const broken = await endedImport(site, importId);
		expect(broken).toMatchObject({ status: "RECEIVING", receivedBytes: from, totalBytes: file.length });
		const whole = await sendRest(site, importId, from);
		expect([whole.status, whole.headers.get("location")]).toEqual([202, `/api/v1/imports/${importId}`]);
		const found = await endedImport(site, importId);
		expect(found).toMatchObject({ status: "COMPLETED", receivedBytes: file.length, summary: all });
		expect(await countOf(site, "customers")).toBe(rows);
		expect(await countOf(site, "tasks")).toBe(found.tasks);
		// The lines are counted on, too.
		const { text } = await site.get(`imports/${importId}/results`);
		expect(
			text
				.trimEnd()
				.split("\n")
				.map((line) => JSON.parse(line).line),
		).toEqual(Array.from({ length: rows }, (_, place) => place + 1));
	});

	test("says since when it stalls, and in the place of that no rate and no end", async () => {
		const site = await muster.aSite();
		const { importId } = await breakOff(muster, site, file, half);
		const from = await offsetOf(site, importId);
		const look = async (): Promise<Record<string, unknown>> => (await site.get(`imports/${importId}`)).body;
		let broken = await look();
		while (broken.processedBytes !== from) broken = await look();
		expect(broken).toHaveProperty("estimatedEndDate");
		expect(broken).not.toHaveProperty("stalledSinceDate");
		const admin = new pg.Client({ connectionString: muster.databaseUrl });
		await admin.connect();
		const age =
			"update muster.import set received_at = received_at - interval '31 seconds' where import_id = $1 returning received_at";
		const { rows: aged } = await admin.query<{ received_at: Date }>(age, [importId]);
		await admin.end();
		const { estimatedEndDate: _end, itemsPerSecond: _rate, ...rest } = broken;
		expect(await look()).toEqual({ ...rest, stalledSinceDate: aged[0]?.received_at.toISOString() });
		await sendRest(site, importId, from);
		expect(await endedImport(site, importId)).not.toHaveProperty("stalledSinceDate");
	});

	test("goes on by the same request again: what is saved is compared and skipped", async () => {
		const site = await muster.aSite();
		const { importId } = await breakOff(muster, site, file, half);
		const again = await sendFile(site, file, { key: "file" });
		expect([again.status, again.body.importId, again.headers.get("idempotency-replayed")]).toEqual([
			202,
			importId,
			"true",
		]);
		expect(await endedImport(site, importId)).toMatchObject({ status: "COMPLETED", summary: all });
		expect(await countOf(site, "customers")).toBe(rows);
	});

	test("goes on nowhere else, and as nothing else", async () => {
		const site = await muster.aSite();
		const { importId } = await breakOff(muster, site, file, half);
		const receivedBytes = await offsetOf(site, importId);
		for (const offset of [0, receivedBytes - 1, receivedBytes + 1, file.length]) {
			const refused = await sendRest(site, importId, offset);
			expect([refused.status, refused.body.code]).toEqual([409, "upload_conflict"]);
			expect(refused.headers.get("upload-offset")).toBe(String(receivedBytes));
		}
		const noOffset = await site.ask("PATCH", `imports/${importId}`, {
			body: "",
			headers: { "content-type": "application/x-ndjson" },
		});
		expect([noOffset.status, noOffset.body.code]).toEqual([400, "invalid_request"]);
		const csv = await site.ask("PATCH", `imports/${importId}`, {
			body: "",
			headers: { "content-type": "text/csv", "upload-offset": String(receivedBytes) },
		});
		expect(csv.status).toBe(415);
		expect((await endedImport(site, importId)).receivedBytes).toBe(receivedBytes);
	});

	test("is taken up by two at once: one of them goes on at most, the other is told where, and every line takes effect once", async () => {
		const site = await muster.aSite();
		const { importId } = await breakOff(muster, site, file, half);
		const receivedBytes = await offsetOf(site, importId);
		const answers = await Promise.all([1, 2].map(() => sendRest(site, importId, receivedBytes)));
		const isWhole = answers.filter(({ status }) => status === 202).length;
		expect([
			isWhole <= 1,
			answers
				.map(({ status }) => status)
				.toSorted()
				.at(-1),
		]).toEqual([true, 409]);
		// The later one ended the earlier one, which may have come further by then.
		if (isWhole === 0) {
			const rest = await sendRest(site, importId, await offsetOf(site, importId));
			expect(rest.status).toBe(202);
		}
		const found = await endedImport(site, importId);
		expect(found).toMatchObject({ status: "COMPLETED", receivedBytes: file.length, summary: all });
		expect(await countOf(site, "tasks")).toBe(found.tasks);
	});

	test("takes nothing more once it is canceled, and what it has takes effect", async () => {
		const site = await muster.aSite();
		const { importId } = await breakOff(muster, site, file, half);
		expect((await site.ask("DELETE", `imports/${importId}`)).status).toBe(204);
		const { receivedBytes, receivedItems } = await endedImport(site, importId);
		expect((await sendRest(site, importId, receivedBytes)).status).toBe(409);
		const again = await sendFile(site, file, { key: "file" });
		expect([again.status, again.body.status]).toEqual([202, "CANCELED"]);
		while ((await site.get(`imports/${importId}`)).body.summary.created < receivedItems);
		expect(await countOf(site, "customers")).toBe(receivedItems);
	});
});

test("a token that is revoked in the middle of an upload saves nothing more", async () => {
	const site = await muster.aSite();
	const token = await site.aToken(["*"]);
	const sending = openUpload(muster, { ...site, token }, file.length, "revoked");
	sending.request.write(file.slice(0, file.length / 2));
	const list = async () => (await site.get("imports?idempotencyKey=revoked")).body.results[0];
	while (!((await list())?.receivedBytes > 0));
	const admin = new pg.Client({ connectionString: muster.databaseUrl });
	await admin.connect();
	await admin.query(
		"update muster.access_token set revoked_at = now() where token_hash = sha256(convert_to($1, 'UTF8'))",
		[token],
	);
	await admin.end();
	sending.request.end(file.slice(file.length / 2));
	expect(await sending.status).toBe(409);
	const found = await list();
	expect(found.status).toBe("RECEIVING");
	expect(found.receivedBytes).toBeLessThan(file.length);
});

describe("a key", () => {
	test("and the same file are the same import, whatever happens to the second", async () => {
		const site = await muster.aSite();
		const first = await sendFile(site, file, { key: "one" });
		const found = await endedImport(site, first.body.importId);
		const again = await sendFile(site, file, { key: "one" });
		expect([again.status, again.body]).toEqual([202, found]);
		expect(again.headers.get("idempotency-replayed")).toBe("true");
		expect(await countOf(site, "imports")).toBe(1);
		expect(await countOf(site, "tasks")).toBe(rows / 100);
	});

	test.each([
		["another line", file.replace("P 5999", "P 6000"), "operation=customer.profile"],
		["a shorter file", file.slice(0, -40), "operation=customer.profile"],
		["a longer file", `${file}{"email":"more@acme.com"}\n`, "operation=customer.profile"],
		["another operation", file, "operation=customer"],
		["a dry run", file, "operation=customer.profile&dryRun=true"],
	])("and %s are refused, and nothing of it is saved", async (_what, other, query) => {
		const site = await muster.aSite();
		const first = await sendFile(site, file, { key: "one" });
		const found = await endedImport(site, first.body.importId);
		const refused = await sendFile(site, other, { key: "one", query });
		expect([refused.status, refused.body.code]).toEqual([422, "idempotency_key_reused"]);
		expect(refused.body.detail).toContain(found.importId);
		const reference = await sendFile(site, other, { key: "one", query, base: site.referenceBase });
		expect(reference.status).toBe(400);
		expect(reference.body.detail).toMatch(/can only be retried with the same request data$/);
		expect(await endedImport(site, first.body.importId)).toEqual(found);
		expect(await countOf(site, "tasks")).toBe(rows / 100);
	});

	test("used by two at once makes one import, and every line takes effect once", async () => {
		const site = await muster.aSite();
		const answers = await Promise.all([1, 2, 3].map(() => sendFile(site, file, { key: "raced" })));
		for (const { status, body } of answers) expect([202, 409], body.detail).toContain(status);
		expect(answers.some(({ status }) => status === 202)).toBe(true);
		const [{ importId }] = (await site.get("imports")).body.results;
		const found = await endedImport(site, importId);
		expect(found).toMatchObject({ status: "COMPLETED", summary: all });
		expect(await countOf(site, "imports")).toBe(1);
		expect(await countOf(site, "tasks")).toBe(found.tasks);
	});
});

test("where the site has all the unfinished tasks it may have, the upload waits, and goes on when some have ended", async () => {
	const waiting = await startMuster();
	try {
		const site = await waiting.aSite({ unfinishedTasksMax: 3 });
		const sending = sendFile(site, file, { key: "slow" });
		const list = async () => (await site.get("imports")).body.results[0];
		while ((await list())?.tasks !== 3);
		// Requests of others are told at once, as ever.
		expect((await site.post("customer/bulk", { customers: [{ email: "x@acme.com" }] })).status).toBe(429);
		expect(await list()).toMatchObject({ status: "RECEIVING", tasks: 3, summary: { created: 0 } });
		let isAnswered = false;
		void sending.then(() => {
			isAnswered = true;
		});
		while (!isAnswered) {
			await waiting.worker.tick();
			expect((await site.get("tasks?status=PROCESSING")).body.results.length).toBeLessThanOrEqual(3);
		}
		const { body } = await sending;
		await waiting.worker.tick();
		expect(await endedImport(site, body.importId)).toMatchObject({ summary: all });
	} finally {
		await waiting.close();
	}
});

test("while the site has all the unfinished tasks it may have, hardly anything of a large file is taken in", async () => {
	const waiting = await startMuster();
	try {
		const site = await waiting.aSite({ unfinishedTasksMax: 3 });
		// Lines of 10 KB, so that a part is 256 KiB.
		const piece = Buffer.from(customerLines(100).replaceAll("\n", `${" ".repeat(10_000)}\n`));
		const length = 100 * piece.length;
		let taken = 0;
		const { request } = openUpload(waiting, site, length, "large");
		const body = Readable.from(
			(function* () {
				for (; taken < length; taken += piece.length) yield piece;
			})(),
			{ objectMode: false, highWaterMark: piece.length },
		);
		body.pipe(request);
		const look = async () => (await site.get("imports?idempotencyKey=large")).body.results[0];
		while ((await look())?.tasks !== 3);
		// Until no more is taken, or all of it.
		for (let looks = 0, before = -1; looks < 100 && taken < length; looks += 1, before = taken) {
			if (taken !== before) looks = 0;
			await look();
		}
		// What is held is 4 MiB; what is on its way is for the sockets of both sides to say.
		expect(taken).toBeLessThan(length / 3);
		expect(await look()).toMatchObject({ status: "RECEIVING", tasks: 3 });
		request.destroy();
	} finally {
		await waiting.close();
	}
});

test("imports are listed newest first, page by page, and found by their key", async () => {
	const site = await muster.aSite();
	for (const key of ["a", "b", "c"]) await sendFile(site, customerLines(1), { key });
	const first = (await site.get("imports?limit=2")).body;
	const second = (await site.get(`imports?limit=2&cursor=${first.nextCursor}`)).body;
	expect([first.results.length, second.results.length, second.nextCursor]).toEqual([2, 1, undefined]);
	const [found] = (await site.get("imports?idempotencyKey=b")).body.results;
	expect(found.importId).toBe(first.results[1].importId);
});
