import { randomBytes, randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { aDatabase } from "../muster.ts";
import { aFolder, type Program, readDevEnvironment, startProgram } from "../program.ts";
import { anOtlpReceiver, type OtlpReceiver, type ReceivedSpan } from "./otlp-receiver.ts";

// What docs/operating.md shows, carried out: an API and a worker, each with the SDK of examples/tracing.mjs.

const example = fileURLToPath(new URL("../../../examples/tracing.mjs", import.meta.url));

const cleanups: (() => Promise<unknown>)[] = [];
let receiver: OtlpReceiver;
let api: Program;
let start: (service: string, variables: Readonly<Record<string, string>>, ...parameters: string[]) => Program;
let environment: Record<string, string>;
beforeAll(async () => {
	receiver = await anOtlpReceiver();
	cleanups.push(receiver.close);
	const [database, folder] = await Promise.all([aDatabase(), aFolder()]);
	cleanups.push(folder.remove, database.drop);
	start = (service, variables, ...parameters) => {
		const program = startProgram(parameters, {
			MUSTER_DATA: folder.path,
			DATABASE_URL: database.url,
			NODE_OPTIONS: `--import ${example}`,
			OTEL_SERVICE_NAME: service,
			OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
			...variables,
		});
		cleanups.push(() => program.end("SIGKILL"));
		return program;
	};
	api = start("muster-api", {}, "serve", "--no-worker");
	await api.printed("Muster is ready");
	environment = await readDevEnvironment(folder.path);
});
afterAll(async () => {
	for (const cleanup of cleanups.reverse()) await cleanup();
});

async function ask(path: string, more: RequestInit = {}) {
	const answer = await fetch(`${environment.MUSTER_URL}/api/v1/${path}`, {
		...more,
		headers: { authorization: `Bearer ${environment.MUSTER_TOKEN}`, ...more.headers },
	});
	return { status: answer.status, body: await answer.json() };
}

function send(customers: readonly object[], traceparent: string, key: string = randomUUID()) {
	return ask("customer/profile/bulk", {
		method: "POST",
		headers: { "content-type": "application/json", "idempotency-key": key, traceparent, "x-request-id": "r" },
		body: JSON.stringify({ customers }),
	});
}

test("a request is followed from its client into its task, in whichever process that is carried out", async () => {
	const [one, two, unrecorded, alone] = [aClient("01"), aClient("01"), aClient("00"), aClient("01")];
	const person = (name: string) => ({ email: `${name}@acme.com`, displayName: `Secret ${name}` });
	const key = randomUUID();
	const first = await send([person("ann"), { email: "none" }], one.traceparent, key);
	const second = await send([person("bob")], two.traceparent);
	const third = await send([person("eve")], unrecorded.traceparent);
	expect(await send([person("ann"), { email: "none" }], one.traceparent, key)).toEqual(first);
	expect((await send([], two.traceparent)).status).toBe(400);
	// The three wait by now, and so are carried out together; the next one by itself.
	const worker = start("muster-worker", {}, "worker");
	const ended = await ask(`tasks/${third.body.taskId}?wait=20`);
	expect(ended.body).toMatchObject({ status: "COMPLETED" });
	// "qm:<site>:<id>"
	const siteId = (await ask("customers")).body.results[0].customerId.split(":")[1];
	// A path and a query may name somebody too.
	for (const path of ["customer/ann@acme.com", "customers?email=ann@acme.com"]) await ask(path);
	const last = await send([person("ann")], alone.traceparent);
	await ask(`tasks/${last.body.taskId}?wait=20`);
	for (const program of [worker, api]) expect(await program.end("SIGTERM")).toMatchObject({ code: 0 });

	const spans = receiver.spans();
	const own = (client: Client) => spans.filter(({ traceId }) => traceId === client.traceId);
	const operation = "customer.profile";
	const request = (client: Client, attributes: object) => ({
		service: "muster-api",
		name: "POST /api/v1/customer/profile/bulk",
		kind: 2,
		parent: `${client.traceId} ${client.spanId}`,
		attributes: {
			"http.request.method": "POST",
			"http.route": "/api/v1/customer/profile/bulk",
			"url.scheme": "http",
			"url.path": "/api/v1/customer/profile/bulk",
			"muster.request.id": "r",
			"muster.site.id": siteId,
			...attributes,
		},
		links: [],
		hasFailed: false,
	});
	const accept = (within: ReceivedSpan | undefined, taskId: string, items: number, replayed: boolean) => ({
		service: "muster-api",
		name: "accept customer.profile",
		kind: 4,
		parent: placeOf(within),
		attributes: {
			...messaging("accept", "send", operation),
			"messaging.message.id": taskId,
			"muster.task.id": taskId,
			"muster.site.id": siteId,
			"muster.dry_run": false,
			"muster.items.total": items,
			"muster.replayed": replayed,
		},
		links: [],
		hasFailed: false,
	});
	const apply = (parent: ReceivedSpan | undefined, attributes: object, links: readonly string[]) => ({
		service: "muster-worker",
		name: "apply customer.profile",
		kind: 5,
		parent: placeOf(parent),
		attributes: {
			...messaging("apply", "process", operation),
			"muster.site.id": siteId,
			"muster.dry_run": false,
			...outcomes,
			...attributes,
		},
		links,
		hasFailed: false,
	});
	const task = (taskId: string) => ({ "messaging.message.id": taskId, "muster.task.id": taskId });
	const together = spans.find(({ parentSpanId, kind }) => parentSpanId === "" && kind === 5);

	const [request1, accept1, request2, accept2, apply1] = inOrder(own(one));
	const accepted = { "http.response.status_code": 202 };
	expect([request1, accept1, request2, accept2, apply1].map(shown)).toEqual([
		request(one, accepted),
		accept(request1, first.body.taskId, 2, false),
		request(one, accepted),
		accept(request2, first.body.taskId, 2, true),
		apply(
			accept1,
			{
				...task(first.body.taskId),
				"muster.items.total": 2,
				"muster.items.created": 1,
				"muster.items.failed": 1,
			},
			[placeOf(together)],
		),
	]);
	const [requestOfTwo, acceptOfTwo] = inOrder(own(two));
	expect(inOrder(own(two)).map(shown)).toEqual([
		request(two, accepted),
		accept(requestOfTwo, second.body.taskId, 1, false),
		request(two, { "http.response.status_code": 400, "muster.problem.code": "empty_items" }),
		apply(acceptOfTwo, { ...task(second.body.taskId), "muster.items.total": 1, "muster.items.created": 1 }, [
			placeOf(together),
		]),
	]);
	expect(own(unrecorded)).toEqual([]);
	expect(shown(together)).toEqual(
		apply(
			undefined,
			{
				"messaging.batch.message_count": 3,
				"muster.items.total": 4,
				"muster.items.created": 3,
				"muster.items.failed": 1,
			},
			[placeOf(accept1), placeOf(acceptOfTwo), `${unrecorded.traceId} ${unrecorded.spanId}`],
		),
	);
	const [requestAlone, acceptAlone] = inOrder(own(alone));
	expect(inOrder(own(alone)).map(shown)).toEqual([
		request(alone, accepted),
		accept(requestAlone, last.body.taskId, 1, false),
		apply(
			acceptAlone,
			{ ...task(last.body.taskId), "muster.items.total": 1, "muster.items.unchanged": 1 },
			[],
		),
	]);
	for (const { seconds } of spans) expect(seconds).toBeGreaterThan(0);
	for (const told of ["acme.com", "Secret", key, environment.MUSTER_TOKEN ?? ""]) {
		expect(receiver.texts()).not.toContain(told);
	}
});

test("a collector that takes spans and never answers holds up no request, and a stop for three seconds", async () => {
	let asked = 0;
	const silent = createServer(() => {
		asked += 1;
	});
	await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
	cleanups.push(async () => {
		silent.closeAllConnections();
		silent.close();
	});
	const { port } = silent.address() as AddressInfo;
	const worker = start(
		"muster-worker",
		{ OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` },
		"worker",
	);
	const server = start(
		"muster-api",
		{ OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` },
		"serve",
		"--no-worker",
	);
	await Promise.all([worker.printed("is ready"), server.printed("Muster is ready")]);
	environment = { ...environment, MUSTER_URL: /ready at (\S+)/.exec(server.output())?.[1] ?? "" };
	const { status, body } = await send([{ email: "bob@acme.com" }], aClient("01").traceparent);
	expect(status).toBe(202);
	expect((await ask(`tasks/${body.taskId}?wait=20`)).body).toMatchObject({ status: "COMPLETED" });
	const beganMs = performance.now();
	const ends = await Promise.all([worker, server].map((program) => program.end("SIGTERM")));
	expect(ends.map(({ code }) => code)).toEqual([0, 0]);
	// The SDK itself gives up after ten.
	expect(performance.now() - beganMs).toBeLessThan(8_000);
	expect(asked).toBe(2);
});

type Client = ReturnType<typeof aClient>;

/** A client that follows its requests. @param flags 01 where it records what it does */
function aClient(flags: string) {
	const [traceId, spanId] = [randomBytes(16).toString("hex"), randomBytes(8).toString("hex")];
	return { traceId, spanId, traceparent: `00-${traceId}-${spanId}-${flags}` };
}

function messaging(name: string, type: string, operation: string) {
	return {
		"messaging.system": "muster",
		"messaging.operation.name": name,
		"messaging.operation.type": type,
		"messaging.destination.name": operation,
		"muster.operation": operation,
	};
}

const outcomes = Object.fromEntries(
	["created", "updated", "unchanged", "skipped", "failed", "deleted"].map((outcome) => [
		`muster.items.${outcome}`,
		0,
	]),
);

function placeOf(span: ReceivedSpan | undefined): string {
	return span === undefined ? "" : `${span.traceId} ${span.spanId}`;
}

/** A request before what came of it, also where both began in the same millisecond, which is how exactly the SDK tells it. */
function inOrder(spans: readonly ReceivedSpan[]): ReceivedSpan[] {
	return spans.toSorted((one, other) => Number(one.startNs - other.startNs) || one.kind - other.kind);
}

function shown(span: ReceivedSpan | undefined) {
	if (span === undefined) return undefined;
	const { service, name, kind, attributes, links, hasFailed, traceId, parentSpanId } = span;
	const parent = parentSpanId === "" ? "" : `${traceId} ${parentSpanId}`;
	return { service, name, kind, parent, attributes, links, hasFailed };
}
