import { MusterClient } from "@muster/client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCommand } from "../command.ts";
import { startMuster, type TestMuster } from "../muster.ts";
import { aFolder, type Ended } from "../program.ts";
import { aReceiver, type Receiver } from "../worker/receiver.ts";

let muster: TestMuster;
let receiver: Receiver;
let folder: Awaited<ReturnType<typeof aFolder>>;
beforeAll(async () => {
	muster = await startMuster({ workerStarted: true });
	receiver = await aReceiver();
	folder = await aFolder();
});
afterAll(async () => {
	await muster.close();
	await receiver.close();
	await folder.remove();
});

describe("muster webhooks", () => {
	test("makes one with its secret, lists it and its deliveries, and sends one again", async () => {
		const { token } = await muster.aSite();
		const environment = { MUSTER_URL: muster.url, MUSTER_TOKEN: token, MUSTER_DATA: folder.path };
		const run = (...parameters: string[]): Promise<Ended> =>
			runCommand(["webhooks", ...parameters], environment, { cwd: folder.path });
		const made = JSON.parse(
			(await run("create", receiver.url, "--event", "task.completed", "--json")).stdout,
		);
		expect(made).toMatchObject({ secret: expect.stringMatching(/^whsec_/), events: ["task.completed"] });
		const [heading, row] = (await run("list")).stdout.split("\n");
		expect(heading).toMatch(/^webhook +status +events +address$/);
		expect(row?.split(/ +/)).toEqual([made.webhookId, "active", "task.completed", receiver.url]);
		const client = new MusterClient({ url: muster.url, token });
		await client.submit("customer", [{ email: "ann@example.com" }], { waitSeconds: 10 });
		receiver.answer = (response) => response.writeHead(503).end();
		await muster.deliverer.tick();
		const [delivery] = JSON.parse((await run("deliveries", made.webhookId, "--json")).stdout);
		expect(delivery).toMatchObject({ event: "task.completed", status: "pending", answeredStatus: 503 });
		receiver.answer = (response) => response.writeHead(204).end();
		const { code, stderr } = await run("resend", delivery.deliveryId);
		expect([code, stderr]).toEqual([0, `task.completed of task ${delivery.taskId} is sent again.\n`]);
		await muster.deliverer.tick();
		expect(receiver.received.map(({ headers }) => headers["webhook-id"])).toEqual(
			Array(2).fill(delivery.deliveryId),
		);
		expect((await run("deliveries", made.webhookId)).stdout).toMatch(/task.completed +delivered +1 +204\n/);
	});

	test("says in plain words what is not there, and what is wrong with an address", async () => {
		const { token } = await muster.aSite();
		const environment = { MUSTER_URL: muster.url, MUSTER_TOKEN: token, MUSTER_DATA: folder.path };
		const say = async (...parameters: string[]): Promise<string> => {
			const { code, stderr } = await runCommand(["webhooks", ...parameters], environment, {
				cwd: folder.path,
			});
			expect(code).toBe(2);
			return stderr;
		};
		expect(await say("deliveries", "none")).toContain("there is no webhook none in the site of this token");
		expect(await say("resend", "none")).toContain("there is no delivery none in the site of this token");
		expect(await say("create", "ftp://example.com")).toContain("ftp://example.com");
	});
});
