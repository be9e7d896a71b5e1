import { setTimeout } from "node:timers/promises";
import { MusterClient } from "@muster/client";
import { expect, test } from "vitest";
import { emulatedSettings } from "../../src/domain/first-site.ts";
import { startMuster, type TestMuster, type TestSite } from "../muster.ts";
import { FetchClient } from "./fetch-client.ts";

const emulation = {
	rates: { "429": 0.1, "503": 0.1, lost: 0.1, slow: 0.1, failed: 0.1, stuck: 0.05 },
	seed: 42,
	slowSeconds: 1,
	timeoutSeconds: 3,
};

/** Pauses of clients, which are seconds, are shortened so much. */
const haste = 20;

interface Row {
	readonly email: string;
	readonly displayName: string;
}
const rows: readonly Row[] = Array.from({ length: 1_000 }, (_, place) => ({
	email: `customer${place}@a.example`,
	displayName: `Customer ${place}`,
}));

test("@muster/client's bulk run gets through every fault: each customer once, with the right values", async () => {
	await inEmulation(async (muster, site) => {
		const seen = watched();
		const client = clientOf(muster, site, seen.fetch);
		let left: readonly Row[] = rows;
		// A task that failed as a whole has saved nothing: its rows are sent again, under the name of another run.
		for (let round = 1; left.length > 0 && round <= 10; round += 1) {
			const failed: Row[] = [];
			const run = client.bulk("customer").run(left, { name: `round ${round}` });
			for await (const { row, outcome } of run) if (outcome === "failed") failed.push(row);
			left = failed;
		}
		expect(left).toEqual([]);
		await expectEachOnce(muster, site, client);
		await expectEveryFault(muster, site, seen);
	});
}, 120_000);

test("a client that is written by the guide gets through too, in the reference's dialect, past its five tasks", async () => {
	await inEmulation(async (muster, site) => {
		const seen = watched();
		const { token, referenceBase } = site;
		const base = `${muster.url}${referenceBase}`;
		const plain = new FetchClient({ base, token, fetch: seen.fetch, pause: (ms) => setTimeout(ms / haste) });
		const parts = Array.from({ length: 20 }, (_, place) => rows.slice(place * 50, place * 50 + 50));
		const failures = await Promise.all(parts.map((customers) => plain.send("customer/bulk", { customers })));
		expect(failures.flat()).toEqual([]);
		expect(seen.statuses).toContain(400);
		await expectEachOnce(muster, site, clientOf(muster, site));
		await expectEveryFault(muster, site, seen);
	});
}, 120_000);

test("two runs of one list meet the same faults, though keys and ids are new and requests are sent at once", async () => {
	const met = async (): Promise<Map<string, (number | null)[]>> => {
		const faults = new Map<string, (number | null)[]>();
		await inEmulation(async (muster, site) => {
			const seen = watched((body, status) => {
				if (body !== null) faults.set(body, [...(faults.get(body) ?? []), status]);
			});
			const run = clientOf(muster, site, seen.fetch).bulk("customer").run(rows, { name: site.siteId });
			for await (const _ of run);
		});
		return faults;
	};
	const first = await met();
	expect(await met()).toEqual(first);
	expect(new Set([...first.values()].flat())).toEqual(new Set([429, 503, null, 200]));
}, 120_000);

async function inEmulation(work: (muster: TestMuster, site: TestSite) => Promise<void>): Promise<void> {
	const muster = await startMuster({ workerStarted: true, emulation });
	try {
		await work(muster, await muster.aSite(emulatedSettings));
	} finally {
		await muster.close();
	}
}

function clientOf(muster: TestMuster, { token }: TestSite, fetched = fetch): MusterClient {
	const sleep = (ms: number): Promise<void> => setTimeout(ms / haste);
	return new MusterClient({ url: muster.url, token, fetch: fetched, sleep });
}

interface Watched {
	readonly fetch: typeof fetch;
	/** Of every answer; null for one that did not come. */
	readonly statuses: (number | null)[];
}

function watched(onAnswer: (body: string | null, status: number | null) => void = () => undefined): Watched {
	const statuses: (number | null)[] = [];
	return {
		statuses,
		fetch: async (url, init) => {
			const answer = await fetch(url, init).catch((error: unknown) => error);
			const status = answer instanceof Response ? answer.status : null;
			statuses.push(status);
			onAnswer(typeof init?.body === "string" ? init.body : null, status);
			if (answer instanceof Response) return answer;
			throw answer;
		},
	};
}

/** An item that had taken effect twice would have been counted as unchanged the second time. */
async function expectEachOnce(muster: TestMuster, site: TestSite, client: MusterClient): Promise<void> {
	const found: Row[] = [];
	for await (const { email, displayName } of client.customers()) found.push({ email, displayName });
	expect(found.toSorted(byEmail)).toEqual(rows.toSorted(byEmail));
	expect(await countsOf(muster, site)).toMatchObject({ created: rows.length, updated: 0, unchanged: 0 });
}

async function expectEveryFault(muster: TestMuster, site: TestSite, { statuses }: Watched): Promise<void> {
	expect(statuses).toEqual(expect.arrayContaining([429, 503, null]));
	const { failed, slow, timedOut } = await countsOf(muster, site);
	expect(failed).toBeGreaterThan(0);
	expect(slow).toBeGreaterThan(0);
	expect(timedOut).toBeGreaterThan(0);
}

function byEmail(one: Row, other: Row): number {
	return one.email < other.email ? -1 : 1;
}

async function countsOf(muster: TestMuster, { siteId }: TestSite): Promise<Record<string, number>> {
	const [counts = {}] = await muster.database.inSite(siteId, (transaction) =>
		transaction.query<Record<string, number>>(
			{
				name: "counts-of-tasks",
				text: `select sum(created_count)::int as created, sum(updated_count)::int as updated,
					sum(unchanged_count)::int as unchanged,
					(count(*) filter (where failed and results like '%fails this task%'))::int as failed,
					(count(*) filter (where failed and results like '%timed out%'))::int as "timedOut",
					(count(*) filter (where ended_at - accepted_at > interval '1 second'))::int as slow
					from muster.task where site_id = $1`,
			},
			[siteId],
		),
	);
	return counts;
}
