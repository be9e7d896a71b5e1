import { randomUUID } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { startMuster, type TestMuster, type TestSite } from "../muster.ts";

let muster: TestMuster;
let admin: pg.Client;
let site: TestSite;
beforeAll(async () => {
	muster = await startMuster();
	admin = new pg.Client({ connectionString: muster.databaseUrl });
	await admin.connect();
});
beforeEach(async () => {
	site = await muster.aSite();
});
afterAll(async () => {
	await admin.end();
	await muster.close();
});

/** Every cell of every table of the schema, as the catalogue has it, that holds one of the words; the audit log apart. */
async function foundIn(words: readonly string[]): Promise<string[]> {
	const { rows: columns } = await admin.query(
		`select table_name as "table", column_name as "column" from information_schema.columns
		where table_schema = 'muster' order by 1, 2`,
	);
	const found: string[] = [];
	for (const { table, column } of columns) {
		const { rows } = await admin.query(
			`select word from unnest($1::text[]) as word
			where exists (select from muster.${table} where strpos(lower("${column}"::text), lower(word)) > 0)`,
			[words],
		);
		for (const { word } of rows) found.push(`${table}.${column}: ${word}`);
	}
	return found;
}

/** A word that stands nowhere else. */
function aWord(): string {
	return `z${randomUUID().replaceAll("-", "").slice(0, 14)}`;
}

/** A customer who has come in by every way there is, and the words that only they have. */
async function aPerson() {
	const words: string[] = [];
	const word = (): string => {
		const made = aWord();
		words.push(made);
		return made;
	};
	const [first, second, third] = [word(), word(), word()].map((local) => `${local}@acme.com`);
	const gold = await site.post("product", { name: "Gold" });
	await site.post("entitlement/details", { name: "Serial" });
	await site.run("organization/bulk", { organizations: [{ name: "Acme" }] });
	const other = { email: "other@acme.com", displayName: "Other" };
	// Both shapes, with others beside.
	const made = await site.run("customer/profile/bulk", {
		customers: [
			other,
			{
				email: first,
				displayName: word(),
				details: { City: word(), Tags: word() },
				organizations: ["Acme"],
				products: ["Gold"],
				clientRef: word(),
			},
		],
	});
	const id = (await site.results(made.taskId))[1].id;
	await site.run("customer/profile/bulk", {
		customers: [
			{
				operationType: "UPDATE",
				clientRef: word(),
				payload: { customerId: id, displayName: word(), details: [{ name: "City", values: [word()] }] },
			},
		],
	});
	// Failed items, by email, by id, in another spelling, and within an organization's.
	await site.run("customer/profile/bulk", {
		customers: [
			{ email: first?.toUpperCase(), displayName: word(), organizations: ["No such one"] },
			{ customerId: id, email: "other@acme.com", displayName: word() },
			{ ...other, organizations: ["None"] },
		],
	});
	await site.run("organization/profile/bulk", {
		organizations: [{ name: "Acme", customers: [first, "nobody@acme.com"], details: { City: "Paris" } }],
	});
	await site.run("organization/profile/bulk", { organizations: [{ name: "Bolt", customers: [first] }] });
	await site.run("customer/details/bulk", {
		customers: [{ customerId: id, details: [{ name: "City", value: word() }] }],
	});
	// Dry runs, of a customer's own and of an organization's.
	await site.run("customer/bulk?dryRun=true", { customers: [{ email: first, displayName: word() }] });
	await site.run("organization/profile/bulk?dryRun=true", {
		organizations: [{ name: "New one", customers: [first] }],
	});
	// Single writes, a rename among them, and one while the site keeps no history.
	await site.ask("PUT", `customer/account/${id}`, { body: { email: second, displayName: word() } });
	await site.ask("PUT", `customer/${id}/details?fieldName=City`, { body: { values: [word()] } });
	await site.run("customer/bulk", { customers: [{ customerId: id, displayName: word() }] });
	await site.ask("PUT", "settings", { body: { history: false } });
	await site.run("customer/bulk", { customers: [{ customerId: id, email: third }] });
	await site.ask("PUT", "settings", { body: { history: true } });
	await site.run("customer/bulk", {
		customers: [{ email: second, operationType: "UPDATE", displayName: word() }],
	});
	// An entitlement with details.
	const [entitlement] = (await site.get(`customer/${id}/entitlement`)).body.results;
	await site.ask("PUT", `entitlement/${entitlement.id}/details?fieldName=Serial`, {
		body: { values: [word()] },
	});
	// Imports of both formats, with lines that fail and lines that cannot be read.
	const importOf = (body: string, type: string) =>
		site.ask("POST", "imports?operation=customer.profile", {
			body,
			headers: { "content-type": type },
			key: randomUUID(),
		});
	await importOf(
		`email,City,Tags\nx1@acme.com,Rome,a\n${third},${word()},"two\n${word()}"\n${third?.toUpperCase()},"${word()}",b\nx2@acme.com,Oslo,c\n`,
		"text/csv",
	);
	await importOf(
		`{"email":"x3@acme.com"}\n{"customerId":"${id}","displayName":"${word()}"}\n{"email":"${third}","displayName":"${word()}"\n{"operationType":"UPDATE","payload":{"email":"${first}","displayName":"${word()}"}}\n`,
		"application/x-ndjson",
	);
	await muster.worker.tick();
	// An undo, and a retry of what failed.
	const last = await site.run("customer/bulk", { customers: [{ customerId: id, displayName: word() }] });
	await site.ask("POST", `tasks/${last.taskId}/undo`);
	await muster.worker.tick();
	expect(muster.troubles).toEqual([]);
	return { id, uuid: id.slice(-36), words, other, product: gold.body };
}

test("a search of every table finds nothing of an erased person, whatever way it came in by", async () => {
	await site.post("webhooks", { url: "https://example.com/" });
	const { id, uuid, words } = await aPerson();
	// What is searched for afterwards was there: the search itself can find it, but for what was only passed on.
	const before = await foundIn([...words, uuid]);
	expect(new Set(before.map((cell) => cell.split(":")[0]))).toEqual(
		new Set([
			"customer.customer_id",
			"customer.details",
			"customer.display_name",
			"customer.email",
			"customer.email_key",
			"entitlement.customer_id",
			"entitlement.details",
			"import_part.lines",
			"membership.customer_id",
			"single_write.image",
			"single_write.record_id",
			"task.failed_items",
			"task.images",
			"task.results",
		]),
	);
	const erased = await site.ask("DELETE", `customer/account/${id}?erase=true`);
	expect([erased.status, erased.text]).toEqual([204, ""]);
	expect(await foundIn(words)).toEqual([]);
	expect(await foundIn([uuid])).toEqual([`audit_entry.details: ${uuid}`]);
});

test("of the items of an erased person the outcomes, codes and counts stay, and of all others everything", async () => {
	const { id, other } = await aPerson();
	const tasks = (await site.get("tasks?limit=100")).body.results;
	const before = await Promise.all(
		tasks.map(async ({ taskId }: { taskId: string }) => await site.results(taskId)),
	);
	await site.ask("DELETE", `customer/account/${id}?erase=true`);
	const after = (await site.get("tasks?limit=100")).body.results;
	const counts = (list: { summary: unknown; status: string }[]) =>
		list.map(({ summary, status }) => ({ summary, status }));
	expect(counts(after)).toEqual(counts(tasks));
	for (const [place, { taskId }] of tasks.entries()) {
		const results = await site.results(taskId);
		const outcomes = (list: { outcome: string; errors?: { code: string }[] }[]) =>
			list.map(({ outcome, errors = [] }) => [outcome, errors.map(({ code }) => code)]);
		expect(outcomes(results)).toEqual(outcomes(before[place]));
		const others = (list: { key?: string; id?: string }[]) =>
			list.filter((result) => result.key === other.email && result.id !== id);
		expect(others(results)).toEqual(others(before[place]));
	}
	const [made] = tasks.slice(-1);
	const [organizations] = await site.results(made.taskId);
	expect(organizations).toMatchObject({ id: "1", key: "Acme", outcome: "created" });
	// What is left can still be worked with: sent again, and undone.
	const failed = after.find(
		({ operation, summary }: { operation: string; summary: { failed: number } }) =>
			operation === "organization.profile" && summary.failed > 0,
	);
	const request = await site.get(`tasks/${failed.taskId}/failed-request`);
	expect(request.body).toEqual({
		organizations: [{ name: "Acme", customers: ["nobody@acme.com"], details: { City: "Paris" } }],
	});
	for (const task of after) {
		const undone = await site.ask("POST", `tasks/${task.taskId}/undo`);
		expect([202, 409]).toContain(undone.status);
	}
	await muster.worker.tick();
	expect(muster.troubles).toEqual([]);
});

test("everything that is known of a person is handed over as one document, and after erasing there is none", async () => {
	const { id, words } = await aPerson();
	const { status, text, body } = await site.get(`customer/${id}/export`);
	expect(status).toBe(200);
	// Of a task's items that took effect only their former values are kept, which is why some words are not there any more.
	const cells = await foundIn(words);
	const kept = words.filter((word) => cells.some((cell) => cell.endsWith(word)));
	expect(kept.filter((word) => !text.includes(word))).toEqual([]);
	expect(body.customer.customerId).toBe(id);
	expect(body.entitlements).toHaveLength(1);
	expect(body.imports).toHaveLength(2);
	// Neither the lines beside theirs nor the members beside them in an item.
	expect(text).not.toMatch(/x1@acme.com|nobody@acme.com/);
	await site.ask("DELETE", `customer/account/${id}?erase=true`);
	expect((await site.get(`customer/${id}/export`)).body).toMatchObject({ code: "not_found" });
	expect((await site.ask("DELETE", `customer/account/${id}?erase=true`)).body).toMatchObject({
		code: "not_found",
	});
});

test("a customer who was deleted before is handed over and erased by the id", async () => {
	const { id, uuid, words } = await aPerson();
	await site.ask("DELETE", `customer/account/${id}`);
	expect((await foundIn(words)).length).toBeGreaterThan(0);
	const { body } = await site.get(`customer/${id}/export`);
	expect([body.customer, body.tasks.length > 5]).toEqual([undefined, true]);
	expect((await site.ask("DELETE", `customer/account/${id}?erase=true`)).status).toBe(204);
	expect(await foundIn(words)).toEqual([]);
	expect(await foundIn([uuid])).toEqual([`audit_entry.details: ${uuid}`]);
});

test("while a task that names the person waits, nothing is erased and the answer names the task", async () => {
	const email = `${aWord()}@acme.com`;
	const { taskId } = await site.run("customer/bulk", { customers: [{ email, displayName: "Jane" }] });
	const [{ id }] = await site.results(taskId);
	const waiting = await site.post("customer/bulk", { customers: [{ email: email.toUpperCase() }] });
	const refused = await site.ask("DELETE", `customer/account/${id}?erase=true`);
	expect(refused.body).toMatchObject({
		code: "task_unfinished",
		detail: `The task ${waiting.body.taskId} names this customer and has not ended yet. Nothing was erased; send the same request again when it has.`,
	});
	expect(refused.headers.get("retry-after")).toBe("1");
	expect((await site.get(`customer/${id}`)).body).toMatchObject({ email, displayName: "Jane" });
	await muster.worker.tick();
	expect((await site.ask("DELETE", `customer/account/${id}?erase=true`)).status).toBe(204);
	expect(await foundIn([email])).toEqual([]);
});

test("what names another customer who has a former email now is theirs, and stays", async () => {
	const email = `${aWord()}@acme.com`;
	const made = await site.run("customer/bulk", { customers: [{ email, displayName: "Jane" }] });
	const [{ id }] = await site.results(made.taskId);
	await site.ask("PUT", `customer/account/${id}`, { body: { email: `${aWord()}@acme.com` } });
	const joes = await site.run("customer/bulk", { customers: [{ email, displayName: "Joe" }] });
	expect((await site.ask("DELETE", `customer/account/${id}?erase=true`)).status).toBe(204);
	expect(await site.results(joes.taskId)).toEqual([
		{ index: 0, id: expect.any(String), key: email, outcome: "created" },
	]);
	expect(await site.results(made.taskId)).toEqual([{ index: 0, outcome: "created" }]);
});

test("erasing asks for the write scope and for admin, handing over for the read scope and for admin", async () => {
	const { taskId } = await site.run("customer/bulk", { customers: [{ email: `${aWord()}@acme.com` }] });
	const [{ id }] = await site.results(taskId);
	const write = "write:customer:jira-service-management";
	const read = "read:customer:jira-service-management";
	const asking = async (method: string, path: string, ...scopes: string[]) =>
		(await site.ask(method, path, { token: await site.aToken(scopes) })).status;
	const one = `customer/account/${id}?erase=true`;
	expect(await asking("GET", `customer/${id}/export`, read)).toBe(403);
	expect(await asking("GET", `customer/${id}/export`, "admin")).toBe(403);
	expect(await asking("GET", `customer/${id}/export`, read, "admin")).toBe(200);
	expect(await asking("DELETE", one, write)).toBe(403);
	expect(await asking("DELETE", one, "admin")).toBe(403);
	expect(await asking("DELETE", one, write, "admin")).toBe(204);
});

test("the audit log says who erased, where from and whom, by the id alone", async () => {
	const { taskId } = await site.run("customer/bulk", { customers: [{ email: `${aWord()}@acme.com` }] });
	const [{ id }] = await site.results(taskId);
	await site.ask("DELETE", `customer/account/${id}?erase=true`);
	const { rows } = await admin.query(
		"select actor, origin, details from muster.audit_entry where site_id = $1 and action = 'customer.erased'",
		[site.siteId],
	);
	expect(rows).toEqual([
		{
			actor: expect.stringMatching(/^token [0-9a-f-]{36}$/),
			origin: "127.0.0.1",
			details: { customerId: id, tasks: 1 },
		},
	]);
});
