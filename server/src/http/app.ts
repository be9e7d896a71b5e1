import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { guideBase, referenceBase, referenceSiteBase } from "@muster/client/contract";
import Fastify, {
	type FastifyBaseLogger,
	type FastifyInstance,
	type FastifyReply,
	type FastifyRequest,
	type HTTPMethods,
	LogController,
} from "fastify";
import type { Principal } from "../store/access-tokens.ts";
import { allowOrigins } from "./allow-origins.ts";
import { Authenticator, authorize } from "./authenticate.ts";
import type { DialectView } from "./dialects/dialect.ts";
import { guide } from "./dialects/guide.ts";
import { reference } from "./dialects/reference.ts";
import { docsPages } from "./docs-pages.ts";
import { HttpEdge } from "./http-server.ts";
import { openApiRoutes } from "./openapi.ts";
import { notFound, ProblemError } from "./problem-error.ts";
import { Query } from "./query.ts";
import { RateLimits } from "./rate-limit.ts";
import { BodyBudget, type BodyHold, noRoom, readBody, uploadBytesHeld } from "./read-body.ts";
import type { Services } from "./route.ts";
import { routes } from "./route-table.ts";
import { answerClientError, notJson, refuseRequest, sendProblem } from "./send-problem.ts";

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
	/** Reasons why the server is not ready; empty when it is. */
	readonly readiness: () => Promise<readonly string[]>;
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
	app.setNotFoundHandler((request, reply) => problem(notFound(), request, reply));
	app.decorateRequest("principal", null);
	app.decorateRequest("bodyHold", null);
	const stopping = stopSignal(app, edge);
	if (options.corsOrigins.length > 0) await allowOrigins(app, options.corsOrigins);
	app.get("/livez", async () => ({ status: "ok" }));
	app.get("/readyz", async (_request, reply) => {
		const reasons = await options.readiness();
		const isReady = reasons.length === 0;
		return reply.code(isReady ? 200 : 503).send({ status: isReady ? "ok" : "unavailable", reasons });
	});
	await app.register(openApiRoutes, { routes, services });
	await app.register(docsPages, { services });
	const authenticator = new Authenticator(services.database, options.now);
	const signalOf = (reply: FastifyReply): AbortSignal => AbortSignal.any([stopping, goneSignal(reply)]);
	const rateLimits = new RateLimits(options.now);
	const bodies = new BodyBudget();
	for (const base of bases)
		addRoutes(app, base, { authenticator, rateLimits, services, bodies, edge, signalOf });
	refuseOtherMethods(app);
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

interface Base {
	readonly base: string;
	readonly dialect: DialectView;
}

const bases: readonly Base[] = [
	{ base: guideBase, dialect: guide },
	{ base: referenceBase, dialect: reference },
	{ base: referenceSiteBase, dialect: reference },
];

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

interface Parts {
	readonly authenticator: Authenticator;
	readonly services: Services;
	readonly rateLimits: RateLimits;
	readonly bodies: BodyBudget;
	readonly edge: HttpEdge;
	readonly signalOf: (reply: FastifyReply) => AbortSignal;
}

function addRoutes(app: FastifyInstance, { base, dialect }: Base, parts: Parts): void {
	const { authenticator, rateLimits, services, bodies, edge, signalOf } = parts;
	for (const route of routes) {
		const parameters = Object.entries(route.query?.properties ?? {});
		const knownParameters = parameters.map(([name]) => name);
		const repeatable = parameters.filter(([, schema]) => "items" in schema).map(([name]) => name);
		app.route({
			method: route.method,
			url: urlOf(base, route.path),
			config: { isUpload: route.uploads !== undefined },
			// Before the body is read: a stranger's body is not worth reading.
			onRequest: async (request, reply) => {
				const principal = await authenticator.authenticate(request.headers.authorization, request.ip);
				reply.headers(rateLimits.take(principal) ?? {});
				refuseOtherSite(request, principal.siteId);
				authorize(principal, route.scope);
				refuseWithoutOptIn(request, principal.settings.requireOptIn);
				refuseEncoded(request);
				request.setDecorator<Principal>("principal", principal);
				if (route.method === "GET") return;
				const hold = bodies.hold(principal.siteId);
				request.setDecorator<BodyHold>("bodyHold", hold);
				reply.raw.once("close", hold.release);
				if (route.uploads === undefined) return;
				if (!hold.add(uploadBytesHeld)) throw noRoom();
				edge.letStream(request.raw, reply.raw);
			},
			handler: async (request, reply) => {
				const answer = await route.handle({
					services,
					dialect,
					base: base.replace("{cloudId}", paramsOf(request).cloudId ?? ""),
					principal: request.getDecorator<Principal>("principal"),
					address: request.ip,
					params: paramsOf(request),
					query: new Query(queryOf(request.url), knownParameters, repeatable),
					headers: request.headers,
					headersDistinct: request.raw.headersDistinct,
					// The only parser hands on the bytes as they came.
					body: request.body as Buffer | undefined,
					...(route.uploads === undefined ? {} : { upload: request.raw }),
					forgetBody: () => {
						request.body = undefined;
						request.getDecorator<BodyHold>("bodyHold").release();
					},
					// Made only for the few that wait.
					get signal() {
						return signalOf(reply);
					},
				});
				reply.code(answer.status).headers(answer.headers ?? {});
				if (answer.stream !== undefined) return reply.send(answer.stream);
				if (answer.body === undefined) return reply.send();
				return reply.type("application/json; charset=utf-8").send(JSON.stringify(answer.body));
			},
		});
	}
}

/** Whether the route of a request reads its body by itself. */
function isUpload(request: FastifyRequest): boolean {
	// Set by addRoutes; other routes have none.
	return (request.routeOptions.config as { readonly isUpload?: boolean }).isUpload === true;
}

/** "customer/{customerId}" is "customer/:customerId" to the router. */
function urlOf(base: string, path: string): string {
	return `${base}/${path}`.replace(/\{(\w+)\}/g, ":$1");
}

/** The router gives texts by name for every parameter of the path. */
function paramsOf(request: FastifyRequest): Readonly<Record<string, string>> {
	return request.params as Record<string, string>;
}

function queryOf(url: string): URLSearchParams {
	const mark = url.indexOf("?");
	return new URLSearchParams(mark < 0 ? "" : url.slice(mark + 1));
}

/** A cloudId that is not the token's site is answered like any unknown address (contract, section 1). */
function refuseOtherSite(request: FastifyRequest, siteId: string): void {
	const { cloudId } = paramsOf(request);
	if (cloudId !== undefined && cloudId !== siteId) throw notFound();
}

/** Both dialects' values count on both paths. */
function refuseWithoutOptIn(request: FastifyRequest, isRequired: boolean): void {
	const given = request.headers["x-experimentalapi"];
	if (!isRequired || given === "true" || given === "opt-in") return;
	throw new ProblemError(
		"opt_in_required",
		"This site asks for the header `X-ExperimentalApi: opt-in` (`true` counts too). Nothing was saved.",
	);
}

function refuseEncoded(request: FastifyRequest): void {
	const encoding = request.headers["content-encoding"];
	if (encoding === undefined) return;
	throw new ProblemError(
		"unsupported_media_type",
		"The body has a Content-Encoding; send it as it is. Nothing was saved.",
	);
}

const allMethods: readonly HTTPMethods[] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

/** Every address answers 405 with Allow to the methods that it does not take. */
function refuseOtherMethods(app: FastifyInstance): void {
	const methodsOf = new Map<string, HTTPMethods[]>();
	for (const { base } of bases) {
		for (const route of routes) {
			const url = urlOf(base, route.path);
			const own: HTTPMethods[] = route.method === "GET" ? ["GET", "HEAD"] : [route.method];
			methodsOf.set(url, [...(methodsOf.get(url) ?? []), ...own]);
		}
	}
	for (const [url, taken] of methodsOf) {
		const allow = taken.join(", ");
		app.route({
			method: allMethods.filter((method) => !taken.includes(method)),
			url,
			onRequest: async (request) => {
				throw new ProblemError("method_not_allowed", `This address takes ${allow}, not ${request.method}.`, {
					headers: { allow },
				});
			},
			handler: () => undefined,
		});
	}
}
