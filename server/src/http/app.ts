import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { ProblemCode } from "@muster/client/contract";
import type { Tracer } from "@opentelemetry/api";
import Fastify, {
	type FastifyBaseLogger,
	type FastifyInstance,
	type FastifyReply,
	type FastifyRequest,
	LogController,
} from "fastify";
import type { Emulation } from "../domain/emulation.ts";
import { addRoutes } from "./add-routes.ts";
import { allowOrigins } from "./allow-origins.ts";
import { Authenticator } from "./authenticate.ts";
import { ConsolePages } from "./console-files.ts";
import { asksForScreen, consoleRoutes, sendConsole } from "./console-pages.ts";
import { docsPages } from "./docs-pages.ts";
import { Door } from "./door.ts";
import { emulateFaults } from "./emulate-faults.ts";
import { HttpEdge } from "./http-server.ts";
import { openApiRoutes } from "./openapi.ts";
import { notFound, ProblemError } from "./problem-error.ts";
import { RateLimits } from "./rate-limit.ts";
import { BodyBudget, type BodyHold, readBody } from "./read-body.ts";
import { addSpans } from "./request-spans.ts";
import type { Services } from "./route.ts";
import { routeConfigOf } from "./route-config.ts";
import { routes } from "./route-table.ts";
import { answerClientError, notJson, problemSent, refuseRequest, sendProblem } from "./send-problem.ts";

/** Longest part of a path that can be an id or the name of a field, in characters. */
const pathPartMax = 300;

export interface AppOptions {
	readonly services: Services;
	readonly logger: FastifyBaseLogger;
	/** Milliseconds of a clock that never jumps. */
	readonly now: () => number;
	/** Addresses and ranges whose X-Forwarded-For is believed; none by default. */
	readonly trustedProxies: readonly string[];
	/** Origins whose pages may call the API from a browser; none by default. */
	readonly corsOrigins: readonly string[];
	/** Where the built console lies. */
	readonly consoleFolder: string;
	readonly readiness: () => Promise<Readiness>;
	/** Given where the real service is emulated. */
	readonly emulation?: Emulation | undefined;
	/** Told of each answer of a route. */
	readonly onAnswered?: (answered: Answered) => void;
	/** Makes a span of each request of a route; null where nothing is traced. */
	readonly tracer?: Tracer | null;
}

/** Whether requests can be worked with, and what keeps them or their tasks from it, in words. */
export interface Readiness {
	readonly isReady: boolean;
	readonly reasons: readonly string[];
}

/** What is counted of an answer. */
export interface Answered {
	/** The id of the route. */
	readonly route: string;
	readonly status: number;
	readonly seconds: number;
	/** The code of a problem; null for any other answer. */
	readonly problem: ProblemCode | null;
	/** Whether it is that of an earlier request with the same Idempotency-Key. */
	readonly isReplay: boolean;
}

/** The HTTP edge: routing, who may, sizes and time-outs; what a route does stands in routes/. */
export async function createApp(options: AppOptions): Promise<FastifyInstance> {
	const { services } = options;
	// Read at each use: with a port of the system's choice the URL is known only when the server listens.
	const problem = (error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply =>
		sendProblem(error, request, reply, services.publicUrl);
	const edge = new HttpEdge({
		request: (refusal, request, response) => refuseRequest(refusal, request, response, services.publicUrl),
		connection: (error, socket) => answerClientError(error, socket, services.publicUrl),
	});
	const app = Fastify({
		loggerInstance: options.logger,
		logController: new LogController({ disableRequestLogging: true }),
		serverFactory: (handle) => edge.createServer(handle),
		clientErrorHandler: (error, socket) => edge.onClientError(error, socket),
		// Ours says so as every other problem does; see stopSignal.
		return503OnClosing: false,
		genReqId: requestId,
		trustProxy: options.trustedProxies.length > 0 ? [...options.trustedProxies] : false,
		routerOptions: { maxParamLength: pathPartMax },
		// A path that is no URL reaches no route.
		frameworkErrors: problem,
	});
	// Bodies are read by read-json.ts, bytes as they came; schemas are for the documentation alone.
	app.removeAllContentTypeParsers();
	app.addContentTypeParser("application/json", async (request: FastifyRequest, payload: IncomingMessage) => {
		const hold = request.getDecorator<BodyHold | null>("bodyHold");
		// Where there is no route, a body is not worth reading; an upload is read by its route.
		return hold === null || isUpload(request) ? undefined : readBody(payload, hold);
	});
	app.addContentTypeParser("*", async (request: FastifyRequest) => {
		if (!isUpload(request)) throw notJson();
	});
	app.setValidatorCompiler(() => () => true);
	app.setSerializerCompiler(() => JSON.stringify);
	app.setErrorHandler(problem);
	const pages = new ConsolePages(options.consoleFolder);
	app.setNotFoundHandler((request, reply) => {
		const isScreen = asksForScreen(request);
		return isScreen ? sendConsole(pages, reply, services) : problem(notFound(), request, reply);
	});
	app.decorateRequest("principal", null);
	app.decorateRequest("bodyHold", null);
	addSpans(app, options.tracer ?? null);
	const stopping = stopSignal(app, edge);
	if (options.corsOrigins.length > 0) await allowOrigins(app, options.corsOrigins);
	if (options.onAnswered !== undefined) countAnswers(app, options.onAnswered);
	app.get("/livez", async () => ({ status: "ok" }));
	app.get("/readyz", async (_request, reply) => {
		const { isReady, reasons } = await options.readiness();
		return reply.code(isReady ? 200 : 503).send({ status: isReady ? "ok" : "unavailable", reasons });
	});
	await app.register(openApiRoutes, { routes, services });
	await app.register(docsPages, { services });
	await app.register(consoleRoutes, { pages, services });
	const authenticator = new Authenticator(services.database, options.now);
	const signalOf = (reply: FastifyReply): AbortSignal => AbortSignal.any([stopping, goneSignal(reply)]);
	const rateLimits = new RateLimits(options.now);
	const bodies = new BodyBudget();
	const door = new Door(services.courtesy);
	const { emulation } = options;
	if (emulation !== undefined) emulateFaults(app, emulation, services.database);
	const isEmulated = emulation !== undefined;
	addRoutes(app, { authenticator, rateLimits, services, bodies, edge, door, signalOf, isEmulated });
	return app;
}

/**
 * Aborted when the server begins to stop. From then on new requests are turned away, those under way end, and each answer
 * closes its connection: one that is kept alive would hold up the end for a minute.
 */
function stopSignal(app: FastifyInstance, edge: HttpEdge): AbortSignal {
	const stopping = new AbortController();
	app.addHook("preClose", async () => {
		stopping.abort();
		edge.closeUnused();
	});
	app.addHook("onRequest", async () => {
		if (!stopping.signal.aborted) return;
		throw new ProblemError(
			"unavailable",
			"This server is stopping. Nothing was saved; send the same request again.",
			{
				headers: { "retry-after": "1" },
			},
		);
	});
	app.addHook("onSend", async (_request, reply) => {
		if (stopping.signal.aborted) reply.header("connection", "close");
	});
	return stopping.signal;
}

/** Aborted when the connection closes before the answer is sent. (The request's own signal fires once its body is read.) */
function goneSignal(reply: FastifyReply): AbortSignal {
	const gone = new AbortController();
	reply.raw.once("close", () => gone.abort());
	return gone.signal;
}

/** An id that the client chose, so that its logs and ours can be laid side by side, or a new one. */
function requestId(request: { headers: NodeJS.Dict<string | string[]> }): string {
	const given = request.headers["x-request-id"];
	return typeof given === "string" && /^[\x21-\x7e]{1,128}$/.test(given) ? given : randomUUID();
}

function countAnswers(app: FastifyInstance, onAnswered: (answered: Answered) => void): void {
	app.addHook("onResponse", async (request, reply) => {
		const { routeId } = routeConfigOf(request);
		if (routeId === undefined) return;
		onAnswered({
			route: routeId,
			status: reply.statusCode,
			seconds: reply.elapsedTime / 1_000,
			problem: problemSent(reply),
			isReplay: reply.hasHeader("idempotency-replayed"),
		});
	});
}

/** Whether the route of a request reads its body by itself. */
function isUpload(request: FastifyRequest): boolean {
	return routeConfigOf(request).isUpload === true;
}
