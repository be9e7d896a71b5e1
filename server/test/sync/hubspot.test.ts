import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { startMuster, type TestMuster } from "../muster.ts";
import { aDesk, type Desk } from "./desk.ts";
import { fillAccount } from "./hubspot-account.ts";
import {
	expectedCustomer,
	expectedOrganizations,
	type Shown,
	storedRecords,
	withoutStamps,
} from "./hubspot-expected.ts";

// A sync with HubSpot, as its user runs it, against a stand-in that speaks the documented API over HTTP.
// SYNC_CONTACTS=50000 SYNC_COMPANIES=5000 makes it as large as `npm run sync:large` does.

const contactCount = Number(process.env.SYNC_CONTACTS ?? 1_000);
const companyCount = Number(process.env.SYNC_COMPANIES ?? 120);
/** Milliseconds that a test may take: a tenth of that is usual. */
const timeoutMs = 60_000 + contactCount * 20;

let muster: TestMuster;
beforeAll(async () => {
	muster = await startMuster({ workerStarted: true });
});
afterAll(() => muster.close());

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
	for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function aFilledDesk(contacts = contactCount, companies = companyCount): Promise<Desk> {
	const desk = await aDesk(muster, cleanups);
	fillAccount(desk.standIn, contacts, companies);
	return desk;
}

/** What every record of the account must have become. */
function expected({ standIn }: Desk): { customers: Map<string, Shown>; organizations: Map<string, Shown> } {
	const organizations = expectedOrganizations(standIn);
	const names = new Map(
		[...standIn.records.companies.keys()].map((id, n) => [id, organizations[n]?.key ?? ""]),
	);
	const customers = [...standIn.records.contacts.values()]
		.filter(({ properties }) => properties.email)
		.map((record) => {
			const shown = expectedCustomer(record, names, standIn.associations.get(record.id) ?? []);
			// Without a name, a customer is called by the email.
			return shown.name === "" ? { ...shown, name: shown.key.split("@")[0] ?? "" } : shown;
		});
	return {
		customers: new Map(customers.map((shown) => [shown.key, shown])),
		organizations: new Map(organizations.map((shown) => [shown.key, shown])),
	};
}

async function expectAllThere(desk: Desk): Promise<void> {
	const [stored, wanted] = [await storedRecords(desk.client), expected(desk)];
	for (const kind of ["organizations", "customers"] as const) {
		expect(stored[kind].size).toBe(wanted[kind].size);
		for (const [key, shown] of wanted[kind]) {
			const found = stored[kind].get(key);
			expect(found && withoutStamps(found), key).toEqual(shown);
		}
	}
}

test("a first run brings every record, one by one as the guide's table says, and the next one nothing", {
	timeout: timeoutMs,
}, async () => {
	const desk = await aFilledDesk();
	const first = await desk.sync();
	expect([first.code, first.stderr.includes(desk.standIn.key)]).toEqual([0, false]);
	const withEmail = contactCount - Math.ceil((contactCount - 50) / 100);
	expect(first.report).toMatchObject({
		customers: { created: withEmail, updated: 0, failed: 0 },
		organizations: { created: companyCount, updated: 0, failed: 0 },
		withoutKey: contactCount - withEmail,
		unassociated: 0,
	});
	// Values that do not fit are told, each with its record and its property, and nothing of the person.
	expect(first.report.faults[0]).toEqual({
		record: expect.stringMatching(/^contact \d+$/),
		code: "invalid_detail_value",
		field: "phone",
	});
	await expectAllThere(desk);
	const before = desk.standIn.log.length;
	const second = await desk.sync();
	expect([second.code, second.report.customers.created, second.report.customers.updated]).toEqual([0, 0, 0]);
	expect(desk.standIn.log.length - before).toBeLessThanOrEqual(6);
	console.log(
		`full run: ${first.report.milliseconds} ms, ${first.report.requests} requests; next: ${second.report.milliseconds} ms`,
	);
});

test("a second run touches what was changed, merged and archived since, and nothing else", {
	timeout: timeoutMs,
}, async () => {
	const desk = await aFilledDesk();
	const { standIn } = desk;
	await desk.sync();
	const before = await storedRecords(desk.client);
	const ids = [...standIn.records.contacts.values()]
		.filter(({ properties }) => properties.email)
		.map(({ id }) => id);
	const share = Math.ceil(contactCount / 100);
	const emailOf = (id: string | undefined) =>
		String(standIn.records.contacts.get(id ?? "")?.properties.email);
	const changed = ids.slice(10, 10 + share);
	for (const id of changed) standIn.change("contacts", id, { city: "Paris", seats: "77" });
	const renamed = ids[5] ?? "";
	const formerEmail = emailOf(renamed);
	standIn.change("contacts", renamed, { email: "renamed@new.example" });
	const [company = ""] = standIn.records.companies.keys();
	standIn.change("companies", company, { name: "Company of another name" });
	const archived = ids.slice(-3);
	for (const id of archived) standIn.archive("contacts", id);
	const merged = ids.slice(-6, -3).map((id) => ({ id, email: emailOf(id) }));
	const changedEmails = changed.map(emailOf);
	for (const [place, { id }] of merged.entries()) standIn.merge("contacts", changed[place] ?? "", id);

	const second = await desk.sync();
	expect([second.code, second.report]).toMatchObject([
		0,
		{
			customers: { created: 0, updated: share + 1, unchanged: 0, failed: 0 },
			organizations: { created: 0, updated: 1, unchanged: 0, failed: 0 },
			archived: 3,
			merged: 3,
		},
	]);
	const after = await storedRecords(desk.client);
	expect([after.customers.size, after.organizations.size]).toEqual([
		before.customers.size,
		before.organizations.size,
	]);
	const touched = [...after.customers.values()].filter(
		({ key, updatedDate }) => before.customers.get(key)?.updatedDate !== updatedDate,
	);
	const marked = [...archived.map(emailOf), ...merged.map(({ email }) => email)];
	expect(touched.map(({ key }) => key).toSorted()).toEqual(
		[...changedEmails, "renamed@new.example", ...marked].toSorted(),
	);
	for (const email of changedEmails) {
		expect(after.customers.get(email)?.details).toMatchObject({ city: "Paris", seats: 77 });
		expect(after.customers.get(email)?.id).toBe(before.customers.get(email)?.id);
	}
	// A new email and a new name are changes of the records that were there.
	expect(after.customers.get("renamed@new.example")?.id).toBe(before.customers.get(formerEmail)?.id);
	expect(after.organizations.get("Company of another name")?.id).toBe(
		before.organizations.get("Company 0")?.id,
	);
	for (const id of archived) {
		expect(after.customers.get(emailOf(id))?.details["hubspot-status"]).toBe("archived");
	}
	for (const { email } of merged) {
		expect(after.customers.get(email)?.details["hubspot-status"]).toBe("merged");
	}
	console.log(`second run: ${second.report.milliseconds} ms, ${second.report.requests} requests`);
});

test("killed again and again in the middle of a run, it goes on, and every record is there once", {
	timeout: timeoutMs,
}, async () => {
	const desk = await aFilledDesk();
	const { standIn } = desk;
	// Each kill falls somewhere else: before HubSpot answers; before a list of items is accepted, and when it is, with its
	// task ended; before the place is saved, and when it is.
	const fatal = [
		["hubspot", 4],
		["bulk", 2],
		["bulk answered", 3],
		["save", 3],
		["save answered", 2],
		["bulk answered", 4],
	] as const;
	for (const [point, times] of fatal) {
		let left: number = times;
		const killed = Promise.withResolvers<void>();
		const pass = (name: string): Promise<never> | undefined => {
			if (name !== point) return undefined;
			left -= 1;
			if (left > 0) return undefined;
			program.process.kill("SIGKILL");
			killed.resolve();
			return Promise.reject(new Error("killed"));
		};
		standIn.onRequest = () => pass("hubspot");
		desk.gate.onPass = ({ method, path, isAnswered }) => {
			const what = method === "PUT" ? "save" : path.endsWith("/bulk") ? "bulk" : "other";
			return pass(isAnswered ? `${what} answered` : what);
		};
		const program = desk.start();
		await Promise.race([killed.promise, program.ended]);
		expect((await program.ended).signal, point).toBe("SIGKILL");
		await desk.letHoldRunOut();
	}
	desk.gate.onPass = () => undefined;
	standIn.onRequest = () => undefined;
	const last = await desk.sync();
	expect(last.code).toBe(0);
	await expectAllThere(desk);
	const runs = await desk.site.get("connectors/hubspot/runs");
	expect(runs.body.results).toMatchObject([{ status: "COMPLETED" }]);
	// What a killed process had sent and not counted is found unchanged.
	for (const [kind, wanted] of Object.entries(expected(desk))) {
		const { created, unchanged, ...others } = last.report[kind];
		expect([created + unchanged, others]).toEqual([wanted.size, { updated: 0, skipped: 0, failed: 0 }]);
	}
});
