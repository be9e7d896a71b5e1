import {
	type CodeEntry,
	type Dialect,
	type ProblemCode,
	problemCodes,
	scopes,
} from "@muster/client/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Route } from "../../src/http/route.ts";
import { routes } from "../../src/http/route-table.ts";
import { type Answered, type Ask, startMuster, type TestMuster, type TestSite } from "../muster.ts";
import { Documented } from "./documented.ts";
import { uploadHeaders } from "./example-upload.ts";
import { baseOf, dialects } from "./expected-answers.ts";
import { type Good, type RouteCase, routeCases, unknownValues } from "./route-cases.ts";

// Every route, under both bases: who may, what is unknown, which bodies are refused, and what a good request is answered.

let muster: TestMuster;
let documented: Documented;
beforeAll(async () => {
	muster = await startMuster();
	documented = new Documented(await (await fetch(`${muster.url}/openapi.json`)).json());
});
afterAll(() => muster.close());

test("every route has a case, and every case a route", () => {
	expect(Object.keys(routeCases).toSorted()).toEqual(routes.map((route) => route.id).toSorted());
});

const rows = dialects.flatMap((dialect) =>
	routes
		// What the test above has told of already.
		.filter((route) => route.id in routeCases)
		.map((route) => [`${dialect} ${route.method} ${route.path}`, dialect, route] as const),
);

test.each(rows)(
	"%s: whoever may not, what is unknown and what is wrong is refused, and a good request is answered",
	async (_name, dialect, route) => {
		const site = await muster.aSite();
		const good = await caseOf(route).good({ muster, site, route });
		const row = { site, dialect, route, good };
		// What is refused changes nothing, so the good request comes last.
		await expectStrangersRefused(row);
		if (route.path.includes("{")) await expectUnknown(row);
		await expectBodiesRefused(row);
		const answer = await ask(row, site, pathOf(route, good), { body: good.body });
		expect(answer.status, answer.text).toBe(good.status);
		expect(answer.body).toEqual(byDialect(good.answer, dialect));
		await muster.worker.tick();
		expect(muster.troubles).toEqual([]);
	},
);

interface Row {
	readonly site: TestSite;
	readonly dialect: Dialect;
	readonly route: Route;
	readonly good: Good;
}

async function expectStrangersRefused(row: Row): Promise<void> {
	const { site, route, good } = row;
	const path = pathOf(route, good);
	const unknown = await ask(row, site, path, { body: good.body, token: "" });
	expectProblem(row, site, path, unknown, "unauthorized");
	if (route.scope === null) return;
	const others = scopes.filter((scope) => scope !== "*" && scope !== route.scope);
	const token = await site.aToken(others);
	const forbidden = await ask(row, site, path, { body: good.body, token });
	expectProblem(row, site, path, forbidden, "forbidden");
	expect(forbidden.body.detail).toBe(
		`This token lacks the scope ${route.scope}, which this address asks for.`,
	);
}

/** What another site has is as unknown as what nobody has. */
async function expectUnknown(row: Row): Promise<void> {
	const { route, good } = row;
	const other = await muster.aSite();
	const names = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
	const params = Object.fromEntries(names.map((name) => [name, unknownValueOf(name, other)] as const));
	for (const path of [pathOf(route, good), pathOf(route, { ...good, params })]) {
		const answer = await ask(row, other, path, { body: good.body });
		expectProblem(row, other, path, answer, "not_found");
		expect(answer.body.detail).toBe("There is nothing at this address for this token's site.");
	}
}

/** What no route takes, and what this one does not. */
async function expectBodiesRefused(row: Row): Promise<void> {
	const { site, route, good } = row;
	const path = pathOf(route, good);
	const { bad = [], isItem = false } = caseOf(route);
	const unknownKey = [isItem ? "invalid_request" : "unknown_key", { noSuchKey: 1 }] as const;
	const refused = [...(route.bodies === undefined ? [] : [...refusedEverywhere, unknownKey]), ...bad];
	for (const [code, body] of refused) {
		expectProblem(row, site, path, await ask(row, site, path, { body }), code);
	}
}

const refusedEverywhere: readonly (readonly [ProblemCode, unknown])[] = [
	["invalid_json", "{"],
	["body_not_object", []],
];

function caseOf(route: Route): RouteCase {
	const found = routeCases[route.id];
	if (found === undefined) throw new Error(`give ${route.id} a case in route-cases.ts`);
	return found;
}

function unknownValueOf(name: string, site: TestSite): string {
	const value = unknownValues[name];
	if (value === undefined) throw new Error(`give ${name} an unknown value in route-cases.ts`);
	return value(site);
}

function pathOf(route: Route, { params = {}, query = "" }: Pick<Good, "params" | "query">): string {
	return route.path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(params[name] ?? "")) + query;
}

function byDialect(answer: unknown, dialect: Dialect): unknown {
	const isByDialect =
		typeof answer === "object" && answer !== null && "guide" in answer && "reference" in answer;
	return isByDialect ? answer[dialect] : answer;
}

/** Asks as a site, and holds the answer against the OpenAPI document. */
async function ask({ dialect, route }: Row, site: TestSite, path: string, asked: Ask): Promise<Answered> {
	const answer = await site.ask(route.method, path, {
		base: baseOf(site, dialect),
		headers: uploadHeaders(route),
		...asked,
	});
	const base = baseOf(site, dialect).replace(site.siteId, "{cloudId}");
	documented.expectAnswer(route.method, `${base}/${route.path}`, answer);
	return answer;
}

function expectProblem(
	{ dialect }: Row,
	site: TestSite,
	path: string,
	answer: Answered,
	code: ProblemCode,
): void {
	const entry: CodeEntry = problemCodes[code];
	const status = (dialect === "reference" ? entry.referenceStatus : undefined) ?? entry.status;
	expect(answer.status, answer.text).toBe(status);
	expect(answer.body, answer.text).toMatchObject({
		type: `https://muster.test/docs/errors#${code}`,
		title: entry.title,
		status,
		code,
		instance: `${baseOf(site, dialect)}/${path.replace(/\?.*/, "")}`,
		message: answer.body.detail,
	});
}
