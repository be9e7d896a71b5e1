import { guideBase, referenceBase, referenceSiteBase } from "@muster/client/contract";
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from "fastify";
import type { Principal } from "../store/access-tokens.ts";
import { type Authenticator, authorize } from "./authenticate.ts";
import type { DialectView } from "./dialects/dialect.ts";
import { guide } from "./dialects/guide.ts";
import { reference } from "./dialects/reference.ts";
import { withoutAdditions } from "./dialects/without-additions.ts";
import type { Door } from "./door.ts";
import type { HttpEdge } from "./http-server.ts";
import { notFound, ProblemError } from "./problem-error.ts";
import { Query } from "./query.ts";
import type { RateLimits } from "./rate-limit.ts";
import { type BodyBudget, type BodyHold, noRoom, uploadBytesHeld } from "./read-body.ts";
import { traceparentOf } from "./request-spans.ts";
import type { Services } from "./route.ts";
import type { RouteConfig } from "./route-config.ts";
import { routes } from "./route-table.ts";
import { whoAsks } from "./who-asks.ts";

/** What every request goes through. */
export interface Parts {
	readonly authenticator: Authenticator;
	readonly services: Services;
	readonly rateLimits: RateLimits;
	readonly bodies: BodyBudget;
	readonly door: Door;
	readonly edge: HttpEdge;
	readonly signalOf: (reply: FastifyReply) => AbortSignal;
	/** Whether tasks are shown without what Muster adds to them. */
	readonly isEmulated: boolean;
}

/** Serves every route under every base: who may, limits and sizes come first, and what it does stands in routes/. */
export function addRoutes(app: FastifyInstance, parts: Parts): void {
	for (const base of bases) addRoutesUnder(app, base, parts);
	refuseOtherMethods(app);
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

function addRoutesUnder(app: FastifyInstance, { base, dialect }: Base, parts: Parts): void {
	const { authenticator, rateLimits, services, bodies, edge, door, signalOf } = parts;
	const shownDialect = parts.isEmulated ? withoutAdditions(dialect) : dialect;
	for (const route of routes) {
		const parameters = Object.entries(route.query?.properties ?? {});
		const knownParameters = parameters.map(([name]) => name);
		const repeatable = parameters.filter(([, schema]) => "items" in schema).map(([name]) => name);
		app.route({
			method: route.method,
			url: urlOf(base, route.path),
			config: { isUpload: route.uploads !== undefined, routeId: route.id } satisfies RouteConfig,
			// Before the body is read: a stranger's body is not worth reading.
			onRequest: async (request, reply) => {
				const principal = await whoAsks(request, route, authenticator, services);
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
				if (route.uploads === undefined) {
					door.arrive(principal.siteId, reply.raw);
					return;
				}
				if (!hold.add(uploadBytesHeld)) throw noRoom();
				edge.letStream(request.raw, reply.raw);
			},
			handler: async (request, reply) => {
				const principal = request.getDecorator<Principal>("principal");
				const isAtOnce = route.method !== "GET" && route.uploads === undefined;
				const leave = isAtOnce ? await door.enter(principal.siteId, reply.raw) : null;
				const answer = await route.handle({
					services,
					dialect: shownDialect,
					base: base.replace("{cloudId}", paramsOf(request).cloudId ?? ""),
					principal,
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
						leave?.();
					},
					get traceparent() {
						return traceparentOf(request);
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
