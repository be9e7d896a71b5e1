import { randomInt } from "node:crypto";
import { hostname } from "node:os";
import { guideBase, referenceSiteBase } from "@muster/client/contract";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Route } from "../../src/http/route.ts";
import { routes } from "../../src/http/route-table.ts";
import { startMuster, type TestMuster } from "../muster.ts";
import { aWorld, type World } from "./a-world.ts";
import { arbitraryOf, bent } from "./arbitrary-of.ts";
import { Documented, type Json } from "./documented.ts";

// Requests made from the schemas of the OpenAPI document, right ones and bent ones: none is answered with a 5xx, and no
// answer is outside what the document says of it.

/**
 * Most routes under a base, of a hundred and forty, that may refuse all they are sent in so few runs: what they change is
 * changed already, or the world has not what an example names.
 */
const refusingMax = 16;
/** Requests to each route under each base. */
const runs = Number(process.env.MUSTER_PROPERTY_RUNS ?? 10);
/** Repeats a run; it is printed at the start. */
const seed = Number(process.env.MUSTER_PROPERTY_SEED ?? randomInt(2 ** 31));
/** Milliseconds for a route, looking for the least request that fails among them; the machine may be busy with others. */
const routeMs = 5_000 + runs * 100;
const timeoutMs = routeMs + 20_000;

let muster: TestMuster;
let documented: Documented;
/** For routes that leave what others look at; what deletes has a world of its own. */
let shared: World;
/** How many were answered, by the first digit of the status, of all and of each route under each base. */
const answered: Record<string, number> = {};
const taken: Record<string, number> = {};
beforeAll(async () => {
	console.log(`MUSTER_PROPERTY_SEED=${seed} MUSTER_PROPERTY_RUNS=${runs}`);
	muster = await startMuster();
	documented = new Documented(await (await fetch(`${muster.url}/openapi.json`)).json());
	shared = await aWorld(muster);
});
afterAll(() => muster.close());

const rows = [guideBase, referenceSiteBase].flatMap((base) =>
	routes.map((route) => [`${route.method} ${base}/${route.path}`, base, route] as const),
);
/** Under both bases the same seed would send the same names, which are taken by then. */
const seedOf = (name: string): number => seed + rows.findIndex(([each]) => each === name);

test.each(rows)(
	"%s answers whatever it is sent as the document says",
	async (name, base, route) => {
		const operation = documented.operation(route.method, `${base}/${route.path}`);
		const world = route.method === "DELETE" ? await aWorld(muster) : shared;
		await fc.assert(
			fc.asyncProperty(requestOf(world, route, operation), async ({ path, query, body, key }) => {
				// Settings may lock their own site up.
				const site = route.id === "settings.change" ? await muster.aSite() : world.site;
				const answer = await site.ask(route.method, `${path}${query}`, {
					base: base.replace("{cloudId}", site.siteId),
					body,
					...(key === undefined ? {} : { key }),
				});
				expect(answer.status, answer.text).toBeLessThan(500);
				documented.expectAnswer(route.method, `${base}/${route.path}`, answer);
				const kind = `${Math.floor(answer.status / 100)}xx`;
				answered[kind] = (answered[kind] ?? 0) + 1;
				if (kind === "2xx") taken[name] = (taken[name] ?? 0) + 1;
			}),
			{ numRuns: runs, seed: seedOf(name), interruptAfterTimeLimit: routeMs, markInterruptAsFailure: true },
		);
	},
	timeoutMs,
);

test(
	"every task that came of it ends, without trouble, and is shown as the document says",
	async () => {
		await muster.worker.tick();
		expect(muster.troubles).toEqual([]);
		const { results } = (await shared.site.get("tasks?limit=100")).body;
		expect(results.length).toBeGreaterThan(10);
		const paths = results.map((task: Json) => `tasks/${task.taskId}/results`);
		for (const base of [guideBase, referenceSiteBase]) {
			const asked = { base: base.replace("{cloudId}", shared.site.siteId) };
			for (const path of paths) {
				const answer = await shared.site.get(path, asked);
				documented.expectAnswer("GET", `${base}/tasks/{taskId}/results`, answer);
			}
			const list = await shared.site.get("tasks?limit=100", asked);
			documented.expectAnswer("GET", `${base}/tasks`, list);
		}
	},
	timeoutMs,
);

test("what is sent is not only nonsense: a good part of it is taken", () => {
	const all = Object.values(answered).reduce((sum, count) => sum + count, 0);
	expect((answered["2xx"] ?? 0) / all).toBeGreaterThan(0.2);
	expect((answered["4xx"] ?? 0) / all).toBeGreaterThan(0.1);
	// A route that refused all it was sent was hardly tried.
	const refusing = rows.map(([name]) => name).filter((name) => taken[name] === undefined);
	expect(refusing.length, refusing.join(", ")).toBeLessThanOrEqual(refusingMax);
});

interface Request {
	readonly path: string;
	/** With what parts it from the path, or nothing. */
	readonly query: string;
	readonly body: unknown;
	/** Idempotency-Key; a new one where there is none. */
	readonly key: string | undefined;
}

function requestOf(world: World, route: Route, operation: Json): fc.Arbitrary<Request> {
	const parameters: Json[] = operation.parameters.map((parameter: Json) => documented.resolve(parameter));
	const query = queryOf(
		world,
		parameters.filter((parameter) => parameter.in === "query"),
	);
	return (
		fc
			.record({
				path: pathOf(world, route, parameters),
				query,
				body: bodyOf(world, route, operation),
				key: oftener<string | undefined>(fc.constant(undefined), fc.constantFrom("1", "2")),
			})
			.map((request) => {
				// Of a query that must be there, the world's paths have a value.
				const [path = "", given] = request.path.split("?");
				const all = new URLSearchParams(given);
				for (const [name, value] of Object.entries(request.query)) all.set(name, value);
				return { ...request, path, query: all.size === 0 ? "" : `?${all}` };
			})
			// What is sent may stand in the answer, and the machine's name, where it is short, in what is sent by chance.
			.filter(({ path, query, body }) => !`${path}${query}${JSON.stringify(body)}`.includes(hostname()))
	);
}

/** The first three times as often as the other. */
function oftener<T>(first: fc.Arbitrary<T>, other: fc.Arbitrary<T>): fc.Arbitrary<T> {
	return fc.oneof({ arbitrary: first, weight: 3 }, { arbitrary: other, weight: 1 });
}

/** Paths that name what there is, and others. */
function pathOf(world: World, route: Route, parameters: readonly Json[]): fc.Arbitrary<string> {
	const known = fc.constantFrom(...world.pathsOf(route));
	const inPath = parameters.filter(({ in: place, name }) => place === "path" && name !== "cloudId");
	if (inPath.length === 0) return known;
	const parts = inPath.map(({ schema }) =>
		arbitraryOf(documented, schema)
			// Half of a surrogate pair has no place in a URL, and dots lead elsewhere.
			.map((value) => encodeURIComponent(String(value).toWellFormed()))
			.filter((part) => !/^\.{0,2}$/.test(part)),
	);
	const unknown = fc.tuple(...parts).map((values) => {
		const left = [...values];
		return route.path.replace(/\{\w+\}/g, () => left.shift() ?? "");
	});
	return oftener(known, unknown);
}

/** Of what may stand in a query: nothing, one that fits, or any of them with any values. */
function queryOf(world: World, parameters: readonly Json[]): fc.Arbitrary<Readonly<Record<string, string>>> {
	if (parameters.length === 0) return fc.constant({});
	const fitting = parameters.map(({ name, schema }) => {
		const known = world.queryValues[name];
		// Waiting for what nobody works on takes its time.
		const values = name === "wait" ? fc.constant("0") : arbitraryOf(documented, schema);
		const value = known === undefined ? values : oftener<unknown>(fc.constantFrom(...known), values);
		return [name, value.map((each) => String(each).toWellFormed())] as const;
	});
	const some = fitting.map(([name, value]) => [
		name,
		name === "wait" ? value : oftener(value, fc.string({ unit: "binary", maxLength: 20 })),
	]);
	const one = fc.oneof(...fitting.map(([name, value]) => value.map((each) => ({ [name]: each }))));
	// A key that is left out is not there at all.
	const any = fc.record(Object.fromEntries(some), { requiredKeys: [] });
	return fc.oneof({ arbitrary: fc.constant({}), weight: 2 }, one, any) as fc.Arbitrary<
		Record<string, string>
	>;
}

/** A body that fits by its schema, an example of the document with other names, or one of them bent; none where the route takes none. */
function bodyOf(world: World, route: Route, operation: Json): fc.Arbitrary<unknown> {
	if (operation.requestBody === undefined) return fc.constant(undefined);
	const { content } = documented.resolve(operation.requestBody);
	// A file's lines are of any form: its examples, and any text.
	if (content["application/json"] === undefined) {
		const examples = Object.values<Json>(content).map(({ example }) => example);
		return fc.oneof(fc.constantFrom(...examples), fc.string({ unit: "binary" }));
	}
	const bySchema = arbitraryOf(documented, content["application/json"].schema);
	const example = fc
		.tuple(fc.constantFrom(...world.bodiesOf(route)), fc.nat({ max: 999_999 }), fc.boolean())
		.map(([body, number, isNew]) => (isNew ? renamed(body, number) : body));
	const fitting = oftener(example, bySchema);
	return oftener(fitting, bent(fitting));
}

/** The same body for another record, field or product: names and emails are unique. */
function renamed(body: unknown, number: number): unknown {
	return JSON.parse(JSON.stringify(body), function (this: object, key, value) {
		const isOfType = "options" in this;
		if (typeof value !== "string" || isOfType) return value;
		if (key === "email") return `${number}${value}`;
		return key === "name" ? `${value} ${number}` : value;
	});
}
