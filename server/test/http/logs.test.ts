import { randomUUID } from "node:crypto";
import { guideBase, referenceBase } from "@muster/client/contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Courtesy } from "../../src/domain/courtesy.ts";
import { createApp } from "../../src/http/app.ts";
import { EndedTasks } from "../../src/http/ended-tasks.ts";
import { Uploads } from "../../src/http/imports/uploads.ts";
import { LaneQueue } from "../../src/http/lane-queue.ts";
import { routes } from "../../src/http/route-table.ts";
import { createLogger } from "../../src/server/logger.ts";
import { type Database, openDatabase, type Transaction } from "../../src/store/database.ts";
import { breachesOf } from "../collected-log.ts";
import { expectDiscreet } from "../discreet.ts";
import { anAcceptQueue, startMuster, type TestMuster, type TestSite } from "../muster.ts";
import { uploadHeaders } from "./example-upload.ts";

let muster: TestMuster;
let site: TestSite;
let closed: Database;
beforeAll(async () => {
	muster = await startMuster();
	site = await muster.aSite();
	closed = openDatabase({ url: muster.databaseUrl });
	await closed.close();
});
afterAll(() => muster.close());

/** As a request might hold them; each kind must be known to breachesOf. */
const canaries = ["jane.canary@acme.com", `mst_${"c".repeat(49)}`, "canary-key-1", "canary-body"];
const sent = canaries.join(" ");

type Work = (transaction: Transaction) => Promise<unknown>;
const sql = (text: string): Work => {
	const statement = { name: `trouble-${randomUUID()}`, text };
	return (transaction) => transaction.query(statement, [sent]);
};

interface Fault {
	/** What happens in the place of a request's own work, with what was sent in the error that comes of it. */
	readonly work: Work;
	readonly status: number;
	/** How the log names it. */
	readonly logged: Readonly<Record<string, string>>;
}

const wrongText: Fault = { work: sql("select $1::text::uuid"), status: 500, logged: { code: "22P02" } };
const faults: Readonly<Record<string, Fault>> = {
	"a value that PostgreSQL does not take": wrongText,
	"a text that PostgreSQL cannot read as JSON": {
		work: sql("select $1::text::jsonb"),
		status: 500,
		logged: { code: "22P02" },
	},
	"a row that lacks a value, which the error shows whole": {
		work: sql("insert into muster.site (site_id, name) values (null, $1::text)"),
		status: 500,
		logged: { code: "23502" },
	},
	"a text that is no JSON": {
		work: async () => JSON.parse(sent),
		status: 500,
		logged: { type: "SyntaxError" },
	},
	"an error that says what it has seen": {
		work: async () => {
			throw new RangeError(`cannot work with ${canaries[0]} and ${canaries[1]}`, {
				cause: new Error(`postgres://muster:secret@db.acme.com/muster has ${canaries[1]}`),
			});
		},
		status: 500,
		logged: { type: "RangeError", message: "cannot work with [redacted] and [redacted]" },
	},
	"a database that is away": {
		work: () => closed.inNoSite(async () => undefined),
		status: 503,
		logged: { message: "Cannot use a pool after calling end on the pool" },
	},
};

describe.each(Object.entries(faults))("%s", (_what, { work, status, logged }) => {
	let app: Awaited<ReturnType<typeof createApp>>;
	let url: string;
	const lines: string[] = [];
	beforeAll(async () => {
		const inTrouble: Database = {
			...muster.database,
			// The request's own work is never begun; what its caller would have got of it is of no matter.
			inSite: (siteId) => muster.database.inSite(siteId, work as Work as () => Promise<never>),
		};
		app = await createApp({
			services: {
				database: inTrouble,
				accepts: anAcceptQueue(inTrouble),
				lanes: new LaneQueue(inTrouble),
				courtesy: new Courtesy(() => performance.now()),
				uploads: new Uploads(),
				plainIntake: null,
				endedTasks: new EndedTasks(),
				publicUrl: "https://muster.test",
				webhooksPrivate: false,
			},
			logger: createLogger("trace", { write: (line) => lines.push(line) }),
			now: () => 0,
			consoleFolder: "none",
			corsOrigins: [],
			trustedProxies: [],
			readiness: async () => ({ isReady: true, reasons: [] }),
		});
		url = await app.listen({ host: "127.0.0.1", port: 0 });
	});
	afterAll(() => app.close());

	// The settings are read with the token, and no transaction of a site is in between.
	// Settings, sessions and tokens are of no site's own tables: the way there is what authentication goes.
	const inSites = routes.filter(({ path }) => !/^(settings|session|tokens)\b/.test(path));
	test.each(inSites.map((route) => [`${route.method} ${route.path}`, route] as const))(
		"at %s: the answer tells nothing, the log has no canary",
		async (_name, route) => {
			lines.length = 0;
			const body = Object.values(route.uploads ?? {})[0] ?? JSON.stringify(route.bodies?.[0]?.example);
			const given = (name: string): string => (name === "operation" ? "customer.profile" : "Plan");
			const needed = (route.query?.required ?? []).map((name) => `${name}=${given(name)}`).join("&");
			for (const base of [guideBase, referenceBase]) {
				const answer = await fetch(`${url}${base}/${route.path.replace(/\{\w+\}/g, idOf)}?${needed}`, {
					method: route.method,
					headers: {
						authorization: `Bearer ${site.token}`,
						"idempotency-key": canaries[2] ?? "",
						"x-request-id": `${canaries[0]},${canaries[1]}`,
						...(body === undefined ? {} : { "content-type": "application/json" }),
						...uploadHeaders(route),
					},
					...(body === undefined ? {} : { body }),
				});
				// Their own request id is theirs to know.
				const text = JSON.stringify({ ...(await answer.json()), requestId: "" });
				expect([answer.status, text]).toEqual([
					status,
					expect.stringContaining("https://muster.test/docs/errors#"),
				]);
				expect(canaries.filter((canary) => text.includes(canary))).toEqual([]);
				expectDiscreet(answer.headers, text);
			}
			const told = lines.map((line) => JSON.parse(line)).filter((line) => line.err !== undefined);
			expect(told).toMatchObject([{ err: logged }, { err: logged }]);
			expect(breachesOf(lines)).toEqual([]);
		},
	);
});

test("an error is logged with its kind, its code and where it came from", async () => {
	const lines: string[] = [];
	const logger = createLogger("info", { write: (line) => lines.push(line) });
	const error = await muster.database.inSite(site.siteId, wrongText.work).catch((caught: unknown) => caught);
	logger.warn({ err: error }, "it went wrong");
	const [line = ""] = lines;
	expect(lines).toEqual([`${JSON.stringify(JSON.parse(line))}\n`]);
	expect(JSON.parse(line)).toMatchObject({
		msg: "it went wrong",
		err: {
			type: "error",
			code: "22P02",
			message: "not shown, since it quotes what was sent",
			stack: expect.stringMatching(/^\s+at .*\n/),
		},
	});
});

/** Something in the place of a parameter that could be an id of its kind. */
function idOf(parameter: string): string {
	if (parameter === "{customerId}") return `qm:${site.siteId}:${randomUUID()}`;
	const isUuid = [
		"{taskId}",
		"{productId}",
		"{entitlementId}",
		"{importId}",
		"{webhookId}",
		"{deliveryId}",
	].includes(parameter);
	return isUuid ? randomUUID() : "1";
}
