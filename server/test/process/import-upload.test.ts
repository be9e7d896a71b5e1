import { request as httpRequest } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { customerLines } from "../http/import-files.ts";
import { aDatabase } from "../muster.ts";
import { aFolder, aFreePort, readDevEnvironment, startProgram } from "../program.ts";

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
	for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const rows = 12_000;
const file = customerLines(rows);
const type = { "content-type": "application/x-ndjson" };

/** A server on one database, as often as it is started. */
async function aDeployment() {
	const [database, folder] = [await aDatabase(), await aFolder()];
	cleanups.push(database.drop, folder.remove);
	const port = await aFreePort();
	return async () => {
		const program = startProgram(["serve"], {
			MUSTER_DATA: folder.path,
			DATABASE_URL: database.url,
			PORT: String(port),
		});
		cleanups.push(() => program.end("SIGKILL"));
		await program.printed("Muster is ready");
		const { MUSTER_URL = "", MUSTER_TOKEN = "" } = await readDevEnvironment(folder.path);
		const authorization = `Bearer ${MUSTER_TOKEN}`;
		const ask = async (method: string, path: string, body?: string, headers: Record<string, string> = {}) => {
			const response = await fetch(`${MUSTER_URL}/api/v1/${path}`, {
				method,
				headers: { authorization, ...headers },
				...(body === undefined ? {} : { body }),
			});
			return { status: response.status, body: await response.json() };
		};
		/** Sends the file up to its middle, and no further. */
		const sendHalf = (): void => {
			const request = httpRequest(`${MUSTER_URL}/api/v1/imports?operation=customer.profile`, {
				method: "POST",
				headers: { authorization, ...type, "content-length": file.length, "idempotency-key": "the-file" },
			});
			request.on("error", () => undefined);
			request.write(file.slice(0, file.length / 2));
		};
		return { program, ask, sendHalf, port };
	};
}

type Ask = Awaited<ReturnType<Awaited<ReturnType<typeof aDeployment>>>>["ask"];

async function importWhen(
	ask: Ask,
	isReached: (found: { receivedBytes: number; status: string }) => boolean,
) {
	for (;;) {
		const [found] = (await ask("GET", "imports?idempotencyKey=the-file")).body.results;
		if (found !== undefined && isReached(found)) return found;
		await delay(10);
	}
}

/** Every customer's email and name, in the order of their creation. */
async function customersOf(ask: Ask): Promise<string[]> {
	const found: string[] = [];
	for (let query = "?limit=100"; query !== ""; ) {
		const { results, nextCursor } = (await ask("GET", `customers${query}`)).body;
		for (const { email, displayName } of results) found.push(`${email} ${displayName}`);
		query = nextCursor === undefined ? "" : `?limit=100&cursor=${nextCursor}`;
	}
	return found;
}

test.each([
	["the rest by PATCH", "PATCH"],
	["the same request again", "POST"],
])(
	"a server that is killed in the middle of an upload goes on by %s: every line takes effect, once, in the order of the file",
	async (_what, method) => {
		const start = await aDeployment();
		const first = await start();
		first.sendHalf();
		await importWhen(first.ask, ({ receivedBytes }) => receivedBytes > file.length / 4);
		await first.program.end("SIGKILL");

		const second = await start();
		const broken = await importWhen(second.ask, ({ status }) => status === "RECEIVING");
		expect(broken.receivedBytes).toBeLessThan(file.length);
		const { receivedBytes, importId } = broken;
		const answer =
			method === "PATCH"
				? await second.ask("PATCH", `imports/${importId}`, file.slice(receivedBytes), {
						...type,
						"upload-offset": String(receivedBytes),
					})
				: await second.ask("POST", "imports?operation=customer.profile", file, {
						...type,
						"idempotency-key": "the-file",
					});
		expect([answer.status, answer.body.importId]).toEqual([202, importId]);
		const found = await importWhen(second.ask, ({ status }) => status === "COMPLETED");
		expect(found).toMatchObject({
			receivedBytes: file.length,
			tasks: expect.any(Number),
			summary: { total: rows, created: rows, updated: 0, unchanged: 0, skipped: 0, failed: 0 },
		});
		expect(await customersOf(second.ask)).toEqual(
			Array.from({ length: rows }, (_, place) => `p${place}@acme.com P ${place}`),
		);
	},
	90_000,
);
