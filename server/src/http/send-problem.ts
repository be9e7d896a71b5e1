import { type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { type CodeEntry, type Problem, type ProblemCode, problemCodes } from "@muster/client/contract";
import type { FastifyReply, FastifyRequest } from "fastify";
import { DatabaseUnavailable, errorCode, OutcomeUnknown } from "../store/database.ts";
import type { DialectView } from "./dialects/dialect.ts";
import { guide } from "./dialects/guide.ts";
import { reference } from "./dialects/reference.ts";
import { notFound, ProblemError } from "./problem-error.ts";

const problemType = "application/problem+json; charset=utf-8";

/** Answers with what went wrong, by RFC 9457, in the dialect of the address; a fault of ours is logged and not shown. */
export function sendProblem(
	error: unknown,
	request: FastifyRequest,
	reply: FastifyReply,
	publicUrl: string,
): FastifyReply {
	const problem = problemOf(error, request.method);
	const entry: CodeEntry = problemCodes[problem.code];
	const dialect = dialectOf(request.url);
	const status = statusOf(entry, dialect);
	// What is turned away because there is too much of it must not fill the log as well.
	if (status >= 500 && problem.code !== "overloaded") {
		const level = problem.code === "internal" ? "error" : "warn";
		request.log[level]({ err: problem.cause, code: problem.code }, "a request could not be answered");
	}
	sent.set(reply, problem.code);
	const instance = request.url.replace(/\?.*$/, "");
	const body = bodyOf(problem, { status, instance, requestId: request.id, publicUrl });
	return reply
		.code(status)
		.headers(problem.headers)
		.type(problemType)
		.send(JSON.stringify(dialect.problem(body)));
}

const sent = new WeakMap<FastifyReply, ProblemCode>();

/** The code of the problem that an answer is; null where it is none. */
export function problemSent(reply: FastifyReply): ProblemCode | null {
	return sent.get(reply) ?? null;
}

/** Answers to a request that reaches no route, and closes its connection. */
export function refuseRequest(
	problem: ProblemError,
	request: IncomingMessage,
	response: ServerResponse,
	publicUrl: string,
): void {
	const url = request.url ?? "";
	const entry: CodeEntry = problemCodes[problem.code];
	const dialect = dialectOf(url);
	const status = statusOf(entry, dialect);
	const instance = url.replace(/\?.*$/, "");
	const body = JSON.stringify(
		dialect.problem(bodyOf(problem, { status, instance, requestId: "", publicUrl })),
	);
	response.writeHead(status, {
		...problem.headers,
		connection: "close",
		"content-type": problemType,
		"content-length": Buffer.byteLength(body),
	});
	response.end(body);
}

/**
 * Answers to what is no HTTP request at all, or came too slowly: there is no route and no dialect for it, and the connection
 * ends.
 */
export function answerClientError(error: Error, socket: Duplex, publicUrl: string): void {
	if (!socket.writable) {
		socket.destroy();
		return;
	}
	const isLate = errorCode(error) === "ERR_HTTP_REQUEST_TIMEOUT";
	const problem = isLate
		? new ProblemError(
				"request_timeout",
				"The request did not arrive in time. Nothing was saved; send it again.",
			)
		: new ProblemError("invalid_request", "This is no HTTP request that can be read. Nothing was saved.");
	const { status } = problemCodes[problem.code];
	const body = JSON.stringify(bodyOf(problem, { status, instance: "", requestId: "", publicUrl }));
	socket.end(
		`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Type: ${problemType}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
	);
}

function bodyOf(
	problem: ProblemError,
	seen: {
		readonly status: number;
		readonly instance: string;
		readonly requestId: string;
		readonly publicUrl: string;
	},
): Problem {
	return {
		type: `${seen.publicUrl}/docs/errors#${problem.code}`,
		title: problemCodes[problem.code].title,
		status: seen.status,
		detail: problem.message,
		instance: seen.instance,
		code: problem.code,
		message: problem.message,
		requestId: seen.requestId,
		...(problem.values === undefined ? {} : { values: problem.values }),
		...(problem.errors.length > 0 ? { errors: [...problem.errors] } : {}),
	};
}

function statusOf(entry: CodeEntry, dialect: DialectView): number {
	return (dialect.name === "reference" ? entry.referenceStatus : undefined) ?? entry.status ?? 500;
}

/** The dialect of an answer is chosen by the base path alone (contract, section 1). */
function dialectOf(url: string): DialectView {
	return url.startsWith("/jsm/csm/") ? reference : guide;
}

const soon = { headers: { "retry-after": "1" } };

function problemOf(error: unknown, method: string): ProblemError {
	if (error instanceof ProblemError) return error;
	// Reading saves nothing, so there is nothing to be unsure of.
	if (error instanceof DatabaseUnavailable || (error instanceof OutcomeUnknown && method === "GET")) {
		return new ProblemError(
			"unavailable",
			"The database cannot be reached just now. Nothing was saved; send the same request again.",
			{ ...soon, cause: error.cause },
		);
	}
	if (error instanceof OutcomeUnknown) {
		return new ProblemError(
			"outcome_unknown",
			"It is not known whether this was saved; send it again with the same key.",
			{ ...soon, cause: error.cause },
		);
	}
	// A lock that was not had in time, a statement that ran too long, or somebody who was faster: the transaction was undone.
	if (["55P03", "57014", "40001", "40P01"].includes(errorCode(error) ?? "")) {
		return new ProblemError(
			"unavailable",
			"The site is busy with other changes. Nothing was saved; send the same request again.",
			{ ...soon, cause: error },
		);
	}
	return (
		problemOfFastify(error) ??
		new ProblemError(
			"internal",
			"Something went wrong inside Muster; the log has more under the request id.",
			{ cause: error },
		)
	);
}

/** For every address that takes JSON alone. */
export function notJson(): ProblemError {
	return new ProblemError(
		"unsupported_media_type",
		"The Content-Type is not application/json. Nothing was saved; send JSON.",
	);
}

/** What Fastify refuses before a route is reached. */
function problemOfFastify(error: unknown): ProblemError | null {
	switch (errorCode(error)) {
		case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
			return notJson();
		case "FST_ERR_BAD_URL":
			return new ProblemError("invalid_request", "The path is not a valid URL: check its percent-encoding.");
		// The client has gone; nobody reads this, and it is no fault of ours that the log should show.
		case "ECONNRESET":
			return new ProblemError("invalid_request", "The connection was closed before the body had arrived.");
		// A part of the path that is longer than any id or name can be.
		case "FST_ERR_MAX_PARAM_LENGTH":
			return notFound();
		default:
			return null;
	}
}
