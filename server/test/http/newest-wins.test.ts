import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startMuster, type TestMuster, type TestSite } from "../muster.ts";

let muster: TestMuster;
beforeAll(async () => {
	muster = await startMuster();
});
afterAll(() => muster.close());

const email = "jane.smith@acme.com";
const early = "2026-11-24T09:30:00Z";
const late = "2026-11-24T09:31:00Z";

/** The two shapes of one item, and where its stamp stands. */
const shapes = [
	[
		"guide",
		(plan: string, stamp?: unknown) => ({
			email,
			details: { plan },
			...(stamp === undefined ? {} : { sourceUpdatedAt: stamp }),
		}),
		"/sourceUpdatedAt",
	],
	[
		"reference, beside operationType",
		(plan: string, stamp?: unknown) => ({
			operationType: "UPSERT",
			...(stamp === undefined ? {} : { sourceUpdatedAt: stamp }),
			payload: { email, details: [{ name: "plan", values: [plan] }] },
		}),
		"/sourceUpdatedAt",
	],
	[
		"reference, in the payload",
		(plan: string, stamp?: unknown) => ({
			operationType: "UPSERT",
			payload: {
				email,
				details: [{ name: "plan", values: [plan] }],
				...(stamp === undefined ? {} : { sourceUpdatedAt: stamp }),
			},
		}),
		"/payload/sourceUpdatedAt",
	],
] as const;

describe.each(shapes)("an item in the shape of the %s", (_shape, item, pointer) => {
	test("that is older than what is stored is skipped and says so", async () => {
		const site = await muster.aSite();
		await runOne(site, item("Gold", late));
		const before = await profileOf(site);
		expect(await runOne(site, { ...item("Free", early), clientRef: "row 7" })).toEqual({
			index: 0,
			clientRef: "row 7",
			id: before.customerId,
			key: email,
			outcome: "skipped",
			errors: [
				{
					code: "stale",
					pointer,
					message: `The customer "${email}" is stored as of ${late}; sourceUpdatedAt ${early} is older.`,
				},
			],
		});
		expect(await profileOf(site)).toEqual(before);
		expect(before).toMatchObject({ details: { plan: "Gold" }, sourceUpdatedAt: late });
	});

	test("that is equal or newer applies, and its stamp is stored", async () => {
		const site = await muster.aSite();
		expect((await runOne(site, item("Free", early))).outcome).toBe("created");
		expect((await runOne(site, item("Gold", early))).outcome).toBe("updated");
		expect((await runOne(site, item("Pro", late))).outcome).toBe("updated");
		expect(await profileOf(site)).toMatchObject({ details: { plan: "Pro" }, sourceUpdatedAt: late });
	});

	test("without a stamp applies to what has one, and what has one to what has none", async () => {
		const site = await muster.aSite();
		await runOne(site, item("Free"));
		expect(await profileOf(site)).not.toHaveProperty("sourceUpdatedAt");
		expect((await runOne(site, item("Gold", late))).outcome).toBe("updated");
		expect((await runOne(site, item("Pro"))).outcome).toBe("updated");
		expect(await profileOf(site)).toMatchObject({ details: { plan: "Pro" }, sourceUpdatedAt: late });
	});

	test("whose stamp is no date-time fails", async () => {
		const site = await muster.aSite();
		expect((await runOne(site, item("Free", "24.11.2026"))).errors).toEqual([
			{
				code: "invalid_date_time",
				pointer,
				message: 'sourceUpdatedAt is "24.11.2026"; a date-time of RFC 3339 is expected.',
				hint: "Write date, time and offset, such as 2026-12-31T23:59:59Z or 2026-12-31T23:59:59.5+01:00.",
			},
		]);
		expect((await runOne(site, item("Free", null))).errors).toMatchObject([
			{ code: "invalid_type", pointer },
		]);
	});
});

test("a later stamp on what is otherwise the same counts: the item is unchanged, and what lies between is stale", async () => {
	const site = await muster.aSite();
	const item = shapes[0][1];
	await runOne(site, item("Gold", early));
	const before = await profileOf(site);
	expect((await runOne(site, item("Gold", late))).outcome).toBe("unchanged");
	expect(await profileOf(site)).toEqual({ ...before, sourceUpdatedAt: late });
	expect((await runOne(site, item("Free", "2026-11-24T09:30:30Z"))).outcome).toBe("skipped");
});

test("stamps are compared digit by digit and across offsets", async () => {
	const site = await muster.aSite();
	const item = shapes[0][1];
	await runOne(site, item("1", "2026-11-24T10:30:00.123456789+01:00"));
	const outcomes: string[] = [];
	for (const stamp of [
		"2026-11-24T09:30:00.123456788Z",
		"2026-11-24T09:30:00.123456789000Z",
		"2026-11-24T09:30:00.1234567891Z",
		"2026-11-24T09:30:00.12345679Z",
	]) {
		outcomes.push((await runOne(site, item(stamp, stamp))).outcome);
	}
	expect(outcomes).toEqual(["skipped", "updated", "updated", "updated"]);
	expect((await profileOf(site)).sourceUpdatedAt).toBe("2026-11-24T09:30:00.12345679Z");
});

test("items of one request are compared with each other, in order", async () => {
	const site = await muster.aSite();
	const item = shapes[0][1];
	const task = await site.run("customer/profile/bulk", {
		customers: [item("Gold", late), item("Free", early), item("Pro", late)],
	});
	expect(task.summary).toEqual({ total: 3, created: 1, updated: 1, unchanged: 0, skipped: 1, failed: 0 });
	expect(task.failures).toEqual([]);
	expect((await profileOf(site)).details).toEqual({ plan: "Pro" });
});

test("a stale item makes no field, is not judged any further, and takes no association", async () => {
	const site = await muster.aSite();
	await site.run("organization/bulk", { organizations: [{ name: "Acme" }] });
	const customers = [{ email, sourceUpdatedAt: late }];
	await site.run("customer/bulk", { customers });
	const stale = {
		email,
		sourceUpdatedAt: early,
		details: { colour: "red" },
		organizations: ["Acme", "Nowhere"],
	};
	expect((await runOne(site, stale)).outcome).toBe("skipped");
	expect((await site.get("customer/details")).body.results).toEqual([]);
	expect((await profileOf(site)).organizations).toEqual([]);
});

test("what is wrong with a stale item by itself, and a CREATE of what exists, are failures", async () => {
	const site = await muster.aSite();
	await site.run("customer/bulk", { customers: [{ email, sourceUpdatedAt: late }] });
	const wrong = { email, sourceUpdatedAt: early, displayNmae: "Jane" };
	const { taskId } = await site.run("customer/bulk", {
		customers: [wrong, { email, sourceUpdatedAt: early, operationType: "CREATE" }],
	});
	const codes = (await site.results(taskId)).map(({ outcome, errors }) => [outcome, errors[0].code]);
	expect(codes).toEqual([
		["failed", "unknown_item_key"],
		["failed", "already_exists"],
	]);
});

test("organizations, account and details items alike, and a dry run", async () => {
	const site = await muster.aSite();
	const name = "Acme";
	await site.run("organization/bulk", { organizations: [{ name, sourceUpdatedAt: late }] });
	const organizations = [
		{ name, sourceUpdatedAt: early, details: [{ fieldId: "industry", value: "Retail" }] },
	];
	const details = await site.run("organization/details/bulk", { organizations });
	const account = await site.run("organization/bulk", { organizations: [{ name, sourceUpdatedAt: early }] });
	const dryRun = await site.run("organization/bulk?dryRun=true", {
		organizations: [{ name, sourceUpdatedAt: early }],
	});
	expect([details, account, dryRun].map(({ summary }) => summary.skipped)).toEqual([1, 1, 1]);
	expect((await site.results(dryRun.taskId))[0].changes).toEqual([]);
	expect((await site.get("organization/profile/1")).body).toMatchObject({
		sourceUpdatedAt: late,
		details: {},
	});
});

test("skipped items are counted and found, in both dialects", async () => {
	const site = await muster.aSite();
	await site.run("customer/bulk", { customers: [{ email, sourceUpdatedAt: late }] });
	const stale = { customers: [{ email, sourceUpdatedAt: early }] };
	const task = await site.run("customer/bulk", stale, { base: site.referenceBase });
	expect([task.status, task.summary.skipped, task.failures]).toEqual(["FINISHED", 1, []]);
	const found = await site.get(`tasks/${task.id}/results?outcome=skipped`);
	expect(found.body.results).toMatchObject([{ outcome: "skipped", errors: [{ code: "stale" }] }]);
});

// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the wire holds
async function runOne(site: TestSite, item: unknown): Promise<any> {
	const task = await site.run("customer/profile/bulk", { customers: [item] });
	return (await site.results(task.taskId))[0];
}

// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the wire holds
async function profileOf(site: TestSite): Promise<any> {
	return (await site.get(`customers?email=${encodeURIComponent(email)}`)).body.results[0];
}
