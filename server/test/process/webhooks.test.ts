import pg from "pg";
import { afterEach, expect, test } from "vitest";
import { aDatabase } from "../muster.ts";
import { aFolder, readDevEnvironment, startProgram } from "../program.ts";
import { aReceiver } from "../worker/receiver.ts";

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
	for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

test("a process killed while it sends loses no message: the next one sends it under the same id, and applies tasks meanwhile", async () => {
	const database = await aDatabase();
	cleanups.push(database.drop);
	const folder = await aFolder();
	cleanups.push(folder.remove);
	const receiver = await aReceiver();
	cleanups.push(receiver.close);
	const admin = new pg.Client({ connectionString: database.url });
	await admin.connect();
	cleanups.push(() => admin.end());
	const start = async () => {
		const program = startProgram(["serve"], {
			MUSTER_DATA: folder.path,
			DATABASE_URL: database.url,
			MUSTER_WEBHOOKS_PRIVATE: "true",
		});
		cleanups.push(() => program.end("SIGKILL"));
		await program.printed("Muster is ready");
		const { MUSTER_URL = "", MUSTER_TOKEN = "" } = await readDevEnvironment(folder.path);
		const post = async (path: string, body: unknown) => {
			const response = await fetch(`${MUSTER_URL}/api/v1/${path}`, {
				method: "POST",
				headers: {
					authorization: `Bearer ${MUSTER_TOKEN}`,
					"content-type": "application/json",
					"idempotency-key": crypto.randomUUID(),
					prefer: "wait=10",
				},
				body: JSON.stringify(body),
			});
			return response.json();
		};
		return { program, post };
	};
	const first = await start();
	await first.post("webhooks", { url: receiver.url, events: ["task.completed"] });
	const { promise: begun, resolve } = Promise.withResolvers<void>();
	receiver.answer = () => resolve(); // and no answer
	const { taskId } = await first.post("customer/bulk", { customers: [{ email: "jane@acme.com" }] });
	await begun;
	// A receiver that does not answer holds up no task.
	const other = await first.post("customer/bulk", { customers: [{ email: "bob@acme.com" }] });
	expect(other).toMatchObject({ status: "COMPLETED" });
	await first.program.end("SIGKILL");
	const before = receiver.received.length;
	const all = Promise.withResolvers<void>();
	receiver.answer = (response) => {
		response.writeHead(204).end();
		if (new Set(receiver.received.slice(before).map(({ headers }) => headers["webhook-id"])).size === 2)
			all.resolve();
	};
	await start();
	// The minute that the killed process had taken them for goes by.
	await admin.query(
		"update muster.webhook_delivery set next_attempt_at = next_attempt_at - interval '1 minute'",
	);
	await all.promise;
	const idsOf = (messages: typeof receiver.received) =>
		new Map(messages.map(({ body, headers }) => [JSON.parse(body).data.taskId, headers["webhook-id"]]));
	const again = idsOf(receiver.received.slice(before));
	expect([...again.keys()].toSorted()).toEqual([taskId, other.taskId].toSorted());
	expect(again.get(taskId)).toBe(idsOf(receiver.received.slice(0, before)).get(taskId));
});
