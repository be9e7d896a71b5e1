import { type CodeEntry, type Problem, problemCodes } from "@muster/client/contract";
import type { FastifyReply, FastifyRequest } from "fastify";
import { DatabaseUnavailable, errorCode, OutcomeUnknown } from "../store/database.ts";
import type { DialectView } from "./dialects/dialect.ts";
import { guide } from "./dialects/guide.ts";
import { reference } from "./dialects/reference.ts";
import { ProblemError } from "./problem-error.ts";

/** Answers with what went wrong, by RFC 9457, in the dialect of the address; a fault of ours is logged and not shown. */
export function sendProblem(
	error: unknown,
	request: FastifyRequest,
	reply: FastifyReply,
	publicUrl: string,
): FastifyReply {
	const problem = problemOf(error);
	const entry: CodeEntry = problemCodes[problem.code];
	const dialect = dialectOf(request.url);
	const status = (dialect.name === "reference" ? entry.referenceStatus : undefined) ?? entry.status ?? 500;
	if (status >= 500) {
		const level = problem.code === "internal" ? "error" : "warn";
		request.log[level]({ err: problem.cause, code: problem.code }, "a request could not be answered");
	}
	const body: Problem = {
		type: `${publicUrl}/docs/errors#${problem.code}`,
		title: entry.title,
		status,
		detail: problem.message,
		instance: request.url.replace(/\?.*$/, ""),
		code: problem.code,
		message: problem.message,
		requestId: request.id,
		...(problem.errors.length > 0 ? { errors: [...problem.errors] } : {}),
	};
	return reply
		.code(status)
		.headers(problem.headers)
		.type("application/problem+json; charset=utf-8")
		.send(JSON.stringify(dialect.problem(body)));
}

/** The dialect of an answer is chosen by the base path alone (contract, section 1). */
function dialectOf(url: string): DialectView {
	return url.startsWith("/jsm/csm/") ? reference : guide;
}

const soon = { headers: { "retry-after": "1" } };

function problemOf(error: unknown): ProblemError {
	if (error instanceof ProblemError) return error;
	if (error instanceof DatabaseUnavailable) {
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
	return (
		problemOfFastify(error) ??
		new ProblemError(
			"internal",
			"Something went wrong inside Muster; the log has more under the request id.",
			{ cause: error },
		)
	);
}

/** What Fastify refuses before a route is reached. */
function problemOfFastify(error: unknown): ProblemError | null {
	switch (errorCode(error)) {
		case "FST_ERR_CTP_BODY_TOO_LARGE":
			return new ProblemError(
				"body_too_large",
				"The body is larger than 8 MiB. Nothing was saved; send fewer items.",
			);
		case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
			return new ProblemError(
				"unsupported_media_type",
				"The Content-Type is not application/json. Nothing was saved; send JSON.",
			);
		case "FST_ERR_CTP_INVALID_CONTENT_LENGTH":
			return new ProblemError(
				"invalid_request",
				"The body is not as long as Content-Length says. Nothing was saved.",
			);
		case "FST_ERR_BAD_URL":
			return new ProblemError("invalid_request", "The path is not a valid URL: check its percent-encoding.");
		default:
			return null;
	}
}
