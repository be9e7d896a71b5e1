import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildSearchIndexes, dropSearchIndexes, hasSearchIndexes } from "../../src/store/search-index.ts";
import { lookedAtMax } from "../../src/store/search-records.ts";
import { startMuster, type TestMuster, type TestSite } from "../muster.ts";

/** More than a page looks at. */
const siteSize = lookedAtMax + 10_000;

let muster: TestMuster;
let admin: pg.Client;
/** Two sites that are alike but for their ids. */
let site: TestSite;
let other: TestSite;
beforeAll(async () => {
	muster = await startMuster();
	admin = new pg.Client({ connectionString: muster.databaseUrl });
	await admin.connect();
	site = await aLargeSite();
	other = await aLargeSite();
	await admin.query("vacuum analyze muster.customer");
}, 60_000);
afterAll(async () => {
	await admin.end();
	await muster.close();
});

/** Customers in the order of their numbers; every thousandth is called Rare, and the last one Last. */
async function aLargeSite(): Promise<TestSite> {
	const made = await muster.aSite();
	await made.post("customer/details/definitions/bulk", {
		detailFields: ["Seats", "Place"].map((name) => ({ name, type: { name: "NUMBER" } })),
	});
	await admin.query(
		`insert into muster.customer (site_id, customer_id, email, email_key, display_name, details)
		select $1, ('019c2f00-0d1e-7f00-8a00-' || lpad(to_hex(n), 12, '0'))::uuid, email, email,
			case when n = $2 then 'Last' when n % 1000 = 0 then 'Rare One' else 'Common Name' end,
			jsonb_build_object('seats', n::text, 'place', (n % 100)::text)
		from generate_series(1, $2::int) as n, lateral (select 'c' || n || '@acme.com') as made (email)`,
		[made.siteId, siteSize],
	);
	return made;
}

/** Every record that a search finds, page by page. */
async function walked(query: string, of = site): Promise<{ emails: string[]; pages: number }> {
	const emails: string[] = [];
	let cursor = "";
	let pages = 0;
	do {
		const { body, status } = await of.get(`customers?limit=100&${query}${cursor && `&cursor=${cursor}`}`);
		expect(status).toBe(200);
		emails.push(...body.results.map(({ email }: { email: string }) => email));
		cursor = body.nextCursor ?? "";
		pages += 1;
	} while (cursor !== "" && pages < 2_000);
	return { emails, pages };
}

function rare(): string[] {
	const numbers = Array.from({ length: siteSize / 1000 - 1 }, (_, place) => (place + 1) * 1000);
	return numbers.map((number) => `c${number}@acme.com`);
}

describe("a page of a large site", () => {
	test("that looks at its share and finds too few says where to go on, and the next ones find the rest, once each", async () => {
		const first = (await site.get("customers?search=last")).body;
		expect(first).toEqual({ results: [], nextCursor: expect.any(String) });
		const second = (await site.get(`customers?search=last&cursor=${first.nextCursor}`)).body;
		expect(second).toEqual({ results: [expect.objectContaining({ displayName: "Last" })] });
		expect((await walked("search=rare")).emails).toEqual(rare());
		expect(await walked(`filter=${encodeURIComponent(`seats>=${siteSize - 2}`)}`)).toEqual({
			emails: [2, 1, 0].map((less) => `c${siteSize - less}@acme.com`),
			pages: 2,
		});
	});

	test("that is full somewhat further on is gone through in its order, without a record twice or left out", async () => {
		const hundreds = Array.from({ length: siteSize / 100 }, (_, place) => `c${(place + 1) * 100}@acme.com`);
		expect((await walked("filter=place=0")).emails).toEqual(hundreds);
	});

	test("that is sought by the beginning of an email comes by the index, whole", async () => {
		const beginning = `email=c${siteSize - 1}`;
		expect(await walked(beginning)).toEqual({ emails: [`c${siteSize - 1}@acme.com`], pages: 1 });
		expect(await walked(`${beginning}&search=rare`)).toEqual({ emails: [], pages: 1 });
	});

	test("that a whole page of records fill is the last one only if nothing is left", async () => {
		const all = (await site.get(`customers?limit=2&filter=${encodeURIComponent("seats<=2")}`)).body;
		expect(all.results).toHaveLength(2);
		const rest = (await site.get(`customers?limit=2&filter=seats%3C=2&cursor=${all.nextCursor ?? ""}`)).body;
		expect(rest.results ?? []).toEqual([]);
	});
});

describe("a page that is counted off", () => {
	/** Numbers in the emails of a page of a search by detail. */
	async function numbersOf(values: readonly number[], page: number, maxResults = 2): Promise<unknown[]> {
		const asked = { name: "Seats", values };
		const path = `customer/search-by-detail-field?page=${page}&maxResults=${maxResults}`;
		const { body } = await site.post(path, asked);
		const numbers = body.results.map(({ email }: { email: string }) => Number(/\d+/.exec(email)?.[0]));
		return [numbers, body.nextPage];
	}
	const every = (step: number): number[] => Array.from({ length: 100 }, (_, place) => (place + 1) * step);

	test.each([
		["among the first records", every(10), 3, [[70, 80], 4]],
		["soon behind them", every(100), 30, [[6100, 6200], 31]],
		["far behind them", every(450), 40, [[36_450, 36_900], 41]],
		["nowhere near", [siteSize, siteSize - 1, siteSize - 2], 0, [[siteSize - 2, siteSize - 1], 1]],
		["at the end", [siteSize, siteSize - 1, siteSize - 2], 1, [[siteSize], undefined]],
	])("is the same as any: %s", async (_where, values, page, expected) => {
		expect(await numbersOf(values, page)).toEqual(expected);
	});
});

describe("paging while records are added and deleted", () => {
	test("shows each record that stays exactly once", async () => {
		const growing = await muster.aSite();
		const emailOf = (number: number): string => `c${number}@acme.com`;
		const add = (numbers: readonly number[]) =>
			growing.run("customer/bulk", { customers: numbers.map((number) => ({ email: emailOf(number) })) });
		for (let first = 0; first < 200; first += 50) {
			await add(Array.from({ length: 50 }, (_, place) => first + place));
		}
		const seen: string[] = [];
		let cursor: string | undefined = "";
		for (let page = 0; cursor !== undefined; page += 1) {
			const { body } = await growing.get(`customers?limit=20&search=acme${cursor && `&cursor=${cursor}`}`);
			seen.push(...body.results.map(({ email }: { email: string }) => email));
			cursor = body.nextCursor;
			if (page < 5) await add([1000 + page]);
			// The last one shown, which the cursor names, and one ahead.
			await admin.query("delete from muster.customer where site_id = $1 and email_key = any($2)", [
				growing.siteId,
				[seen.at(-1), emailOf(199 - page)],
			]);
		}
		expect(new Set(seen).size).toBe(seen.length);
		const { rows } = await admin.query<{ email: string }>(
			"select email from muster.customer where site_id = $1",
			[growing.siteId],
		);
		expect(rows.filter(({ email }) => !seen.includes(email))).toEqual([]);
	});
});

describe("the search indexes", () => {
	const queries = [
		"search=rare",
		"search=last",
		`search=c${siteSize - 1}@`,
		"search=one%20acme%20c7",
		"search=last&filter=seats=1",
	];

	test("change what a search costs and nothing of what it finds", async () => {
		const without = await Promise.all(queries.map((query) => walked(query)));
		expect(await hasSearchIndexes(muster.databaseUrl)).toBe(false);
		await buildSearchIndexes(muster.databaseUrl);
		expect(await hasSearchIndexes(muster.databaseUrl)).toBe(true);
		const withIndex = await Promise.all(queries.map((query) => walked(query)));
		expect(withIndex.map(({ emails }) => emails)).toEqual(without.map(({ emails }) => emails));
		expect(withIndex.map(({ pages }) => pages)).toEqual(queries.map(() => 1));
		expect(without.map(({ pages }) => pages)).toEqual(queries.map(() => 2));
	}, 60_000);

	test("are built anew where a build was interrupted", async () => {
		await admin.query(
			"update pg_index set indisvalid = false where indexrelid = 'muster.customer_search'::regclass",
		);
		expect(await hasSearchIndexes(muster.databaseUrl)).toBe(false);
		expect((await walked("search=last")).pages).toBe(2);
		await buildSearchIndexes(muster.databaseUrl);
		expect((await walked("search=last")).pages).toBe(1);
	}, 60_000);

	const statement = {
		name: "find-by-words-test",
		text: "select muster.find_by_words($1, 'customer', $2::text[], null, 20000) as ids",
	};
	const idsOf = (bound: string | null, asked: string, words: readonly string[] = ["last"]) => {
		const database = muster.database;
		const ask = (transaction: Parameters<Parameters<typeof database.inNoSite>[0]>[0]) =>
			transaction.query<{ ids: string[] | null }>(statement, [asked, words]);
		return bound === null ? database.inNoSite(ask) : database.inSite(bound, ask);
	};

	test("leak nothing: the function that may see every site answers for the bound one alone", async () => {
		expect((await idsOf(site.siteId, site.siteId))[0]?.ids).toHaveLength(1);
		expect(await idsOf(site.siteId, other.siteId)).toEqual([{ ids: [] }]);
		expect(await idsOf(null, other.siteId)).toEqual([{ ids: [] }]);
		const small = await muster.aSite();
		await small.run("customer/bulk", { customers: [{ email: "mine@acme.com", displayName: "Last" }] });
		expect((await walked("search=last", small)).emails).toEqual(["mine@acme.com"]);
		expect((await idsOf(small.siteId, small.siteId, ["common"]))[0]?.ids).toEqual([]);
	});

	test("take words as words, whatever stands in them", async () => {
		for (const word of ["' or true --", "%", "a%'; drop table muster.customer; --", "\\"]) {
			expect((await idsOf(site.siteId, site.siteId, [`rare${word}`]))[0]?.ids).toEqual([]);
		}
	});

	test("the function's path of names cannot be turned to somebody else's tables, and only the program may call it", async () => {
		const { rows } = await admin.query(
			`select prosecdef as "isDefiner", proconfig as settings,
				has_function_privilege('public', oid, 'execute') as "isPublic"
			from pg_proc where pronamespace = 'muster'::regnamespace and prosecdef`,
		);
		expect(rows).toEqual([
			{
				isDefiner: true,
				isPublic: false,
				settings: expect.arrayContaining(["search_path=pg_catalog, pg_temp"]),
			},
		]);
	});

	test("are of no use to a plain owner, whom row-level security binds in the function too, and nothing is lost by it", async () => {
		const name = `plain_${site.siteId.replaceAll("-", "")}`;
		await admin.query(`create role ${name}`);
		await admin.query(`grant usage on schema muster to ${name}; grant select on muster.customer to ${name}`);
		await admin.query(`alter function muster.find_by_words owner to ${name}`);
		expect(await idsOf(site.siteId, site.siteId)).toEqual([{ ids: null }]);
		expect((await walked("search=last")).emails).toEqual([`c${siteSize}@acme.com`]);
		await admin.query(
			`alter function muster.find_by_words owner to current_user; drop owned by ${name}; drop role ${name}`,
		);
	});

	test("are taken away again", async () => {
		await dropSearchIndexes(muster.databaseUrl);
		expect(await hasSearchIndexes(muster.databaseUrl)).toBe(false);
		expect(await idsOf(site.siteId, site.siteId)).toEqual([{ ids: null }]);
	});
});
