import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startMuster, type TestMuster } from "../../server/test/muster.ts";
import { type BulkProgress, type Dialect, MusterClient } from "../src/index.ts";

let muster: TestMuster;
beforeAll(async () => {
	muster = await startMuster({ workerStarted: true });
});
afterAll(() => muster.close());

interface Row {
	readonly line: number;
	readonly mail: string;
}

const toItem = ({ mail }: Row): object => ({ email: mail, details: { phone: "1" } });

function rowsOf(name: string, count: number): Row[] {
	return Array.from({ length: count }, (_, line) => ({
		line,
		mail: line % 50 === 3 ? "no address" : `${name}-${line}@example.com`,
	}));
}

async function aClient(dialect: Dialect = "guide", settings: object = {}): Promise<MusterClient> {
	const { token, siteId: cloudId } = await muster.aSite(settings);
	return new MusterClient({ url: muster.url, token, dialect, cloudId });
}

async function all<Entry>(entries: AsyncIterable<Entry>): Promise<Entry[]> {
	const found: Entry[] = [];
	for await (const entry of entries) found.push(entry);
	return found;
}

describe.each<Dialect>(["guide", "reference"])("in the %s dialect", (dialect) => {
	test("every row of a run comes back in its place, with what became of it", async () => {
		const client = await aClient(dialect);
		const rows = rowsOf("rows", 250);
		const told: BulkProgress[] = [];
		const results = await all(
			client.bulk("customer.profile").run(rows, { toItem, onProgress: (progress) => told.push(progress) }),
		);
		expect(results.map(({ row }) => row)).toEqual(rows);
		expect(results.map(({ place }) => place)).toEqual(rows.map(({ line }) => line));
		expect(results.map(({ outcome }) => outcome)).toEqual(
			rows.map(({ mail }) => (mail.includes("@") ? "created" : "failed")),
		);
		expect(results[3]?.errors).toEqual([
			{ code: "invalid_email", pointer: "/email", message: expect.stringContaining("no @") },
		]);
		expect(told.at(-1)).toEqual({
			accepted: 250,
			ended: { created: 245, updated: 0, unchanged: 0, skipped: 0, failed: 5, succeeded: 0 },
		});
	});

	test("with as many tasks unfinished as the site may have, a run waits and fails nothing", async () => {
		const client = await aClient(dialect, { unfinishedTasksMax: 1 });
		const rows = rowsOf("patient", 900).filter(({ mail }) => mail.includes("@"));
		const results = await all(client.bulk("customer.profile").run(rows, { toItem, concurrency: 4 }));
		expect(new Set(results.map(({ outcome }) => outcome))).toEqual(new Set(["created"]));
		expect(results).toHaveLength(rows.length);
	});
});

test("a run that is repeated takes effect once; under another name it is applied anew", async () => {
	const client = await aClient();
	const rows = rowsOf("again", 120).filter(({ mail }) => mail.includes("@"));
	const run = (name: string) =>
		all(client.bulk("customer.profile").run(rows, { toItem, name, withIds: true }));
	const first = await run("monday");
	expect(await run("monday")).toEqual(first);
	const anew = await run("tuesday");
	expect(anew.map(({ outcome }) => outcome)).toEqual(rows.map(() => "unchanged"));
	expect(anew.map(({ id }) => id)).toEqual(first.map(({ id }) => id));
});

test("rows are taken as they are needed, and a caller who stops early takes no more", async () => {
	const client = await aClient();
	let taken = 0;
	async function* endless(): AsyncGenerator<Row> {
		for (;;) {
			yield { line: taken, mail: `endless-${taken}@example.com` };
			taken += 1;
		}
	}
	for await (const { place } of client.bulk("customer.profile").run(endless(), { toItem, concurrency: 2 })) {
		if (place === 150) break;
	}
	expect(taken).toBeLessThan(500);
});

test("the next request is on its way while the rows of an ended one are still looked at", async () => {
	const { token } = await muster.aSite();
	const second = Promise.withResolvers<void>();
	let posts = 0;
	const counting: typeof fetch = (url, init) => {
		posts += 1;
		if (posts === 2) second.resolve();
		return fetch(url, init);
	};
	const client = new MusterClient({ url: muster.url, token, fetch: counting });
	const places: number[] = [];
	for await (const { place } of client
		.bulk("customer.profile")
		.run(rowsOf("ahead", 250), { toItem, concurrency: 1 })) {
		await second.promise;
		places.push(place);
	}
	expect(places).toEqual([...Array(250).keys()]);
});

test("details are cut so that no request has more edits than one may", async () => {
	const client = await aClient();
	const people = rowsOf("edits", 30).filter(({ mail }) => mail.includes("@"));
	await all(client.bulk("customer.profile").run(people, { toItem }));
	const details = Array.from({ length: 45 }, (_, field) => ({
		fieldId: `field-${field}`,
		operation: "UPDATE",
		value: "x",
	}));
	const results = await all(
		client.bulk("customer.details").run(people, { toItem: ({ mail }) => ({ email: mail, details }) }),
	);
	expect(results.map(({ outcome }) => outcome)).toEqual(people.map(() => "updated"));
	expect(new Set(results.map(({ taskId }) => taskId)).size).toBe(2);
});

test("a dry run tells the changes of each row and makes none", async () => {
	const client = await aClient();
	const rows = rowsOf("dry", 2);
	const [result] = await all(client.bulk("customer.profile").run(rows, { toItem, dryRun: true }));
	expect(result).toMatchObject({ outcome: "created", changes: expect.arrayContaining([expect.anything()]) });
	expect(await all(client.customers())).toEqual([]);
});

test("a run that is stopped by its signal ends with the signal's reason", async () => {
	const client = await aClient();
	const stop = new AbortController();
	const reason = new Error("enough");
	const run = client.bulk("customer.profile").run(rowsOf("stopped", 5_000), {
		toItem,
		signal: stop.signal,
		onProgress: () => stop.abort(reason),
	});
	await expect(all(run)).rejects.toBe(reason);
});

test("a request that is refused as a whole is thrown, and not taken for failures of rows", async () => {
	const client = await aClient();
	const bare = new MusterClient({ url: muster.url, token: "mst_none", retry: { triesMax: 1 } });
	await expect(all(bare.bulk("customer").run([{ email: "a@b.co" }]))).rejects.toMatchObject({ status: 401 });
	expect(await all(client.customers())).toEqual([]);
});

test("a service that tells its failures in texts alone is understood by what each record was named", async () => {
	const task = {
		id: "1",
		type: "BULK_CUSTOMER_PROFILE_CREATE_UPDATE",
		status: "FINISHED",
		failures: [
			{ entity: "CUSTOMER", entityId: "B@example.com ", operation: "UPSERT", error: "Invalid detail field" },
		],
		createdAt: "2026-11-24T00:00:00Z",
		updatedAt: "2026-11-24T00:00:01Z",
	};
	const answers = [
		new Response(JSON.stringify({ id: "1", statusUrl: "/api/v1/tasks/1" }), { status: 202 }),
		Response.json(task),
	];
	const client = new MusterClient({
		url: "https://real.example",
		token: "t",
		dialect: "reference",
		fetch: async () => answers.shift() ?? Response.error(),
	});
	const items = ["a@example.com", "b@example.com"].map((email) => ({
		operationType: "UPSERT",
		payload: { email },
	}));
	const results = await all(client.bulk("customer.profile").run(items));
	expect(results.map(({ outcome, errors }) => ({ outcome, errors }))).toEqual([
		{ outcome: "succeeded", errors: undefined },
		{ outcome: "failed", errors: [{ code: "failed", pointer: "", message: "Invalid detail field" }] },
	]);
});

/** A client of a service whose one task ends with these failures, and that knows the emails of these ids. */
function aMuteService(failures: readonly object[], emails: Readonly<Record<string, string>>): MusterClient {
	const task = { id: "1", type: "BULK_CUSTOMER_PROFILE_CREATE_UPDATE", status: "FINISHED", failures };
	return new MusterClient({
		url: "https://real.example",
		token: "t",
		dialect: "reference",
		fetch: async (url, init) => {
			if (String(url).includes("/tasks/1")) return Response.json(task);
			if (!String(url).endsWith("/customer/profile/fetch")) {
				return Response.json({ id: "1", statusUrl: "/api/v1/tasks/1" }, { status: 202 });
			}
			const { customerIds } = JSON.parse(String(init?.body)) as { customerIds: string[] };
			const found = customerIds.filter((id) => emails[id] !== undefined);
			return Response.json({
				results: found.map((customerId) => ({ customerId, email: emails[customerId] })),
			});
		},
	});
}

test("a failure that names its record by id is of the row with that record's email", async () => {
	const failures = ["no", "never"].map((error) => ({ entityId: "qm:s:2", error }));
	const service = aMuteService(failures, { "qm:s:2": "B@example.com" });
	const rows = ["a@example.com", "b@example.com"].map((email) => ({ payload: { email } }));
	const results = await all(service.bulk("customer.profile").run(rows));
	expect(results.map(({ outcome, errors }) => [outcome, errors?.map(({ message }) => message)])).toEqual([
		["succeeded", undefined],
		["failed", ["no", "never"]],
	]);
});

test("where a failure can be of any row, none of its request counts as done", async () => {
	const service = aMuteService([{ entityId: "qm:s:9", error: "no" }], {});
	const rows = ["a@example.com", "b@example.com"].map((email) => ({ payload: { email } }));
	const results = await all(service.bulk("customer.profile").run(rows));
	expect(results.map(({ outcome, errors }) => [outcome, errors?.[0]?.message])).toEqual(
		rows.map(() => ["failed", "The service does not say which of the request's rows it means: no"]),
	);
});

test("where the rows themselves throw, what is under way is told of first, and no part of a request is sent", async () => {
	const client = await aClient();
	async function* broken(): AsyncGenerator<Row> {
		yield* rowsOf("broken", 250);
		throw new Error("the file ends here");
	}
	const places: number[] = [];
	const run = async () => {
		for await (const { place } of client.bulk("customer.profile").run(broken(), { toItem }))
			places.push(place);
	};
	await expect(run()).rejects.toThrow("the file ends here");
	expect(places).toEqual(Array.from({ length: 200 }, (_, place) => place));
});

test("rows that name one record take effect in their order, whatever becomes of the requests they are in", async () => {
	const site = await muster.aSite();
	let underWay = 0;
	let mostUnderWay = 0;
	const counted: typeof fetch = async (input, init) => {
		underWay += 1;
		mostUnderWay = Math.max(mostUnderWay, underWay);
		return fetch(input, init).finally(() => {
			underWay -= 1;
		});
	};
	const client = new MusterClient({ url: muster.url, token: site.token, fetch: counted });
	const rows = [
		...rowsOf("order", 99).filter(({ mail }) => mail.includes("@")),
		{ line: 1_000, mail: "twice@example.com" },
	];
	rows.push(
		...rowsOf("filling", 100 - rows.length).map((row) => ({ ...row, mail: `f-${row.line}@example.com` })),
	);
	rows.push({ line: 2_000, mail: "Twice@Example.com" });
	const results = await all(
		client.bulk("customer.profile").run(rows, {
			toItem: ({ mail, line }) => ({ email: mail, displayName: `Line ${line}` }),
		}),
	);
	expect(new Set(results.map(({ taskId }) => taskId)).size).toBe(2);
	// Requests that were under way together would have no order between them.
	expect(mostUnderWay).toBe(1);
	const [twice] = await all(client.customers({ email: "twice@" }));
	expect(twice?.displayName).toBe("Line 2000");
});
