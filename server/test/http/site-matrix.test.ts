import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { routes } from "../../src/http/route-table.ts";
import { startMuster, type TestMuster } from "../muster.ts";
import { aMarkedSite, everyWay, type MarkedSite, sweep } from "./two-sites.ts";

let muster: TestMuster;
let owner: MarkedSite;
let before: string;
beforeAll(async () => {
	muster = await startMuster();
	owner = await aMarkedSite(muster);
	before = await everythingOf(owner);
});
afterAll(() => muster.close());

const byRoute = routes.map((route) => [`${route.method} ${route.path}`, route] as const);

/** Settings, tokens, what was done to them, and counts hold no name of anybody's. */
const namesNobody = [
	"settings",
	"webhooks/{webhookId}/deliveries",
	"session",
	"tokens",
	"audit",
	"statistics",
];

test.each(byRoute)(
	"%s shows the owner what is there, so that there is something to leak",
	async (_name, route) => {
		if (route.method !== "GET" || namesNobody.some((path) => route.path.startsWith(path))) return;
		const valueFor = (name: string): string => encodeURIComponent(owner.values[name]?.[0] ?? "");
		const path = route.path.replace(/\{(\w+)\}/, (_, name) => valueFor(name));
		const query = (route.query?.required ?? []).map((name) => `${name}=${valueFor(name)}`).join("&");
		const answer = await owner.site.get(query === "" ? path : `${path}?${query}`);
		expect(answer.status).toBe(200);
		expect(answer.text).toContain(owner.mark);
	},
);

test.each(byRoute)(
	"%s: another site's ids are answered as unknown ones, to the byte, on every base and by every token",
	async (_name, route) => {
		// One that has asked for nothing yet: what it sends is told to it again, in its own tasks.
		const other = await muster.aSite();
		const ways = await everyWay(other, owner.site, route);
		const { cells, leaks } = await sweep(muster, other, owner, route, ways);
		expect(leaks).toEqual([]);
		expect(cells).toBeGreaterThanOrEqual(12);
	},
);

test("a key that another site has used is a new one here", async () => {
	const key = `${owner.mark}-key`;
	const body = { customers: [{ email: "jane.smith@acme.com" }] };
	const first = await (await muster.aSite()).post("customer/profile/bulk", body, { key });
	expect([first.status, first.headers.get("idempotency-replayed")]).toEqual([202, null]);
	await muster.worker.tick();
});

test("after all of that the owner's records, fields and tasks are what they were", async () => {
	expect(await everythingOf(owner)).toBe(before);
});

/** Every row of every table that is the owner's, as the database has it. */
async function everythingOf({ site }: MarkedSite): Promise<string> {
	const admin = new pg.Client({ connectionString: muster.databaseUrl });
	await admin.connect();
	const { rows: tables } = await admin.query(
		"select relname as name from pg_class where relnamespace = 'muster'::regnamespace and relkind = 'r' and relrowsecurity order by 1",
	);
	const all: unknown[] = [];
	for (const { name } of tables) {
		const { rows } = await admin.query(
			`select t::text as row from muster.${name} t where site_id = $1 order by 1`,
			[site.siteId],
		);
		all.push([name, rows]);
	}
	await admin.end();
	return JSON.stringify(all);
}
