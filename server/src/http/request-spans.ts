import {
	type Attributes,
	type Context,
	context,
	ROOT_CONTEXT,
	type Span,
	SpanKind,
	SpanStatusCode,
	TraceFlags,
	type Tracer,
	trace,
} from "@opentelemetry/api";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { readTraceParent, writeTraceParent } from "../domain/trace-parent.ts";
import type { Principal } from "../store/access-tokens.ts";
import { routeConfigOf } from "./route-config.ts";
import { problemSent } from "./send-problem.ts";

/**
 * Makes a span of each request of a route, from its headers to its last byte. Attributes are those of OpenTelemetry's
 * conventions for HTTP servers, and our own, which begin with "muster.": nothing of what was sent is in them.
 * @param tracer null where nothing is traced
 */
export function addSpans(app: FastifyInstance, tracer: Tracer | null): void {
	app.decorateRequest("span", null);
	if (tracer === null) return;
	app.addHook("onRequest", async (request, reply) => {
		if (routeConfigOf(request).routeId === undefined) return;
		const { method, id, protocol } = request;
		const route = request.routeOptions.url ?? "";
		const attributes = {
			"http.request.method": method,
			"http.route": route,
			"url.scheme": protocol,
			// The path itself may have the name of a field or a product in it.
			"url.path": route,
			"muster.request.id": id,
		};
		const span = tracer.startSpan(
			`${method} ${route}`,
			{ kind: SpanKind.SERVER, attributes },
			parentOf(request),
		);
		request.setDecorator<Span>("span", span);
		reply.raw.once("close", () => end(span, request, reply));
	});
}

/** What tasks of this request are followed by: its span, if it is recorded, else what its client has sent. */
export function traceparentOf(request: FastifyRequest): string | null {
	const span = request.getDecorator<Span | null>("span")?.spanContext();
	if (span !== undefined && (span.traceFlags & TraceFlags.SAMPLED) !== 0) return writeTraceParent(span);
	const sent = readTraceParent(request.headers.traceparent);
	return sent === null ? null : writeTraceParent(sent);
}

/** Where somebody has instrumented Node's HTTP server, ours is a part of that span. */
function parentOf(request: FastifyRequest): Context {
	if (trace.getActiveSpan() !== undefined) return context.active();
	return contextOf(request.headers.traceparent, true);
}

/**
 * Where a span is made that is a part of what a traceparent names; the root where there is none.
 * @param isRemote whether another process may have made that
 */
export function contextOf(traceparent: Parameters<typeof readTraceParent>[0], isRemote: boolean): Context {
	const parent = readTraceParent(traceparent);
	return parent === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, { ...parent, isRemote });
}

function end(span: Span, request: FastifyRequest, reply: FastifyReply): void {
	const { raw, statusCode } = reply;
	const siteId = request.getDecorator<Principal | null>("principal")?.siteId;
	const problem = problemSent(reply);
	const attributes: Attributes = {
		...(raw.headersSent ? { "http.response.status_code": statusCode } : {}),
		...(siteId === undefined ? {} : { "muster.site.id": siteId }),
		...(problem === null ? {} : { "muster.problem.code": problem }),
	};
	const fault = !raw.writableFinished
		? "client_gone"
		: statusCode >= 500
			? (problem ?? `${statusCode}`)
			: null;
	if (fault !== null) {
		attributes["error.type"] = fault;
		span.setStatus({ code: SpanStatusCode.ERROR });
	}
	span.setAttributes(attributes);
	span.end();
}
