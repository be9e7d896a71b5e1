import type { Entity } from "@muster/client/contract";
import fc from "fast-check";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startMuster, type TestMuster, type TestSite } from "../muster.ts";
import { type NameRecord, onTheWire, type Sketch, seeds, sketch } from "./items.ts";

// A bulk write of any kind between others, and its undo: every value that nobody has changed since is as it was before,
// every other one as it is.

/** Histories; more by the environment, for the long run. */
const runs = Number(process.env.UNDOS ?? 24);

let muster: TestMuster;
let admin: pg.Client;
beforeAll(async () => {
	muster = await startMuster();
	admin = new pg.Client({ connectionString: muster.databaseUrl });
	await admin.connect();
});
afterAll(async () => {
	await admin.end();
	await muster.close();
});

const before = fc.array(sketch, { maxLength: 4 });
const since = fc.array(sketch, { maxLength: 3 });

test("what is undone is as it was, and what was changed since is as it is", {
	timeout: 120_000,
}, async () => {
	await fc.assert(
		fc.asyncProperty(before, sketch, since, async (earlier, undone, later) => {
			const site = await aSite();
			for (const each of earlier) await run(site, each);
			const former = await read(site);
			const taskId = await run(site, { ...undone, dryRun: false });
			const states = [await read(site)];
			for (const each of later) {
				await run(site, each);
				states.push(await read(site));
			}
			const left = states.at(-1) ?? former;
			const expected = expectedOf(undone.entity, former, states);
			const preview = await site.ask("POST", `tasks/${taskId}/undo?dryRun=true`);
			await muster.worker.tick();
			expect(await read(site)).toEqual(left);
			const answer = await site.ask("POST", `tasks/${taskId}/undo`);
			await muster.worker.tick();
			const { summary } = (await site.get(`tasks/${taskId}`)).body;
			expect([answer.status, preview.status]).toEqual(
				summary.created + summary.updated > 0 ? [202, 202] : [409, 409],
			);
			expect(muster.troubles).toEqual([]);
			expect(await read(site)).toEqual(answer.status === 202 ? expected : left);
			if (answer.status !== 202) return;
			const [told, wouldBe] = await Promise.all(
				[answer, preview].map(async ({ body }) => (await site.get(`tasks/${body.taskId}`)).body),
			);
			expect(told).toMatchObject({ status: "COMPLETED", summary: wouldBe.summary });
			expect(told.summary.total).toBe(summary.total);
		}),
		{ numRuns: runs },
	);
});

async function aSite(): Promise<TestSite> {
	const site = await muster.aSite();
	for (const entity of ["customer", "organization"]) {
		await site.post(`${entity}/details/definitions/bulk`, {
			detailFields: [
				{ name: "Tags", type: { name: "MULTISELECT", options: ["Red", "Green", "Blue"] } },
				{ name: "Tier", type: { name: "SELECT", options: ["Free", "Gold"] } },
			],
		});
	}
	for (const seed of seeds) await run(site, seed);
	return site;
}

async function run(site: TestSite, sent: Sketch): Promise<string> {
	const ids = {
		customer: Object.keys((await read(site)).customer).sort(),
		organization: Object.keys((await read(site)).organization).sort(),
	};
	const name: NameRecord = (entity, place) => {
		const id = ids[entity][place];
		const unknown = entity === "customer" ? "qm:none" : "999";
		const wireId = entity === "customer" ? `qm:${site.siteId}:${id}` : id;
		return { number: null, wireId: id === undefined ? unknown : (wireId ?? unknown) };
	};
	const { path, body } = onTheWire(sent, name);
	return (await site.run(path, body)).taskId;
}

/** Field to value, as texts; associations are fields of the record that was sent with them, and of the other one. */
type Fields = Readonly<Record<string, string>>;
type State = Readonly<Record<Entity, Readonly<Record<string, Fields>>>>;

async function read({ siteId }: TestSite): Promise<State> {
	const rowsOf = async (text: string) => (await admin.query(text, [siteId])).rows;
	const state = { customer: {}, organization: {} } as Record<Entity, Record<string, Record<string, string>>>;
	for (const row of await rowsOf(
		"select customer_id as id, email, display_name, details from muster.customer where site_id = $1",
	)) {
		state.customer[row.id] = { address: row.email, displayName: row.display_name, ...detailsOf(row) };
	}
	for (const row of await rowsOf(
		"select organization_id as id, name, details from muster.organization where site_id = $1",
	)) {
		state.organization[row.id] = { address: row.name, ...detailsOf(row) };
	}
	for (const row of await rowsOf(
		"select customer_id as customer, organization_id as organization from muster.membership where site_id = $1",
	)) {
		const customer = state.customer[row.customer];
		const organization = state.organization[row.organization];
		if (customer !== undefined) customer[`link.${row.organization}`] = "yes";
		if (organization !== undefined) organization[`link.${row.customer}`] = "yes";
	}
	return state;
}

function detailsOf({ details }: { details: Record<string, unknown> }): Fields {
	return Object.fromEntries(
		Object.entries(details).map(([id, value]) => [`details.${id}`, JSON.stringify(value)]),
	);
}

/** By field and record, from what was there at each moment. @param states after the task, and after each later one */
function expectedOf(entity: Entity, former: State, states: readonly State[]): State {
	const left = states.at(-1) ?? former;
	const first = states[0] ?? former;
	const expected = structuredClone(left) as Record<Entity, Record<string, Record<string, string>>>;
	const other = entity === "customer" ? "organization" : "customer";
	for (const [id, now] of Object.entries(left[entity])) {
		const was = former[entity][id];
		const made = first[entity][id];
		if (made === undefined) continue; // it came later
		const touched = new Set(
			states.slice(1).flatMap((state, place) => differences(states[place]?.[entity][id], state[entity][id])),
		);
		if (was === undefined) {
			if (touched.size > 0) continue;
			delete expected[entity][id];
			for (const field of Object.keys(now)) {
				if (field.startsWith("link.")) delete expected[other][field.slice(5)]?.[`link.${id}`];
			}
			continue;
		}
		for (const field of differences(was, made)) {
			if (touched.has(field)) continue;
			const fields = expected[entity][id] ?? {};
			const value = was[field];
			if (value !== undefined) fields[field] = value;
			else delete fields[field];
			if (field.startsWith("link.")) delete expected[other][field.slice(5)]?.[`link.${id}`];
		}
	}
	keepWhereTaken(expected[entity], left[entity]);
	return expected;
}

/** An address that somebody else has by then is not given back; nor is one that its holder must keep for that reason. */
function keepWhereTaken(
	expected: Record<string, Record<string, string>>,
	left: Readonly<Record<string, Fields>>,
): void {
	const keyOf = (fields: Fields | undefined) => fields?.address?.trim().toLowerCase();
	for (let isSettled = false; !isSettled; ) {
		isSettled = true;
		for (const [id, fields] of Object.entries(expected)) {
			const now = left[id]?.address;
			const isTaken = Object.entries(expected).some(
				([other, its]) => other !== id && keyOf(its) === keyOf(fields),
			);
			if (!isTaken || now === undefined || now === fields.address) continue;
			fields.address = now;
			isSettled = false;
		}
	}
}

function differences(one: Fields | undefined, other: Fields | undefined): string[] {
	const fields = new Set([...Object.keys(one ?? {}), ...Object.keys(other ?? {})]);
	return [...fields].filter((field) => one?.[field] !== other?.[field]);
}
