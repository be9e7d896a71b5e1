import type { IncomingMessage } from "node:http";
import { ProblemError } from "./problem-error.ts";

/**
 * Headers that say where a request ends, whom it is for, who sends it or which one it is. Where one of them comes twice, a
 * proxy and we may each believe another one.
 */
const onceOnly: ReadonlySet<string> = new Set([
	"host",
	"content-length",
	"transfer-encoding",
	"content-type",
	"authorization",
	"idempotency-key",
]);

/** A name, an IPv4 address or an IPv6 one in brackets, and a port (RFC 9110, 7.2). A DNS name has 253 characters at most. */
const hostForm = /^(?:[\w.-]{1,253}|\[[\da-fA-F:.]{2,45}\])(?::\d{1,5})?$/;

/**
 * What makes the headers of a request ambiguous (RFC 9112, 3.2 and 6), where something does; it is to be refused and its
 * connection closed, because nobody can tell where the next request begins. Node's parser refuses some of it by itself:
 * this looks at all of it, so that it does not depend on what stands in front.
 */
export function faultOfHeaders({
	rawHeaders,
	httpVersion,
	headers,
}: Pick<IncomingMessage, "rawHeaders" | "httpVersion" | "headers">): ProblemError | null {
	if (httpVersion !== "1.1" && httpVersion !== "1.0")
		return invalid("Only HTTP/1.1 and HTTP/1.0 are spoken here.");
	const repeated = repeatedOf(rawHeaders);
	if (repeated === "idempotency-key") {
		return new ProblemError(
			"idempotency_key_invalid",
			"The Idempotency-Key header came twice. Nothing was saved.",
		);
	}
	if (repeated !== null) return invalid(`The header ${repeated} came twice.`);
	const { host } = headers;
	if (host === undefined ? httpVersion === "1.1" : !hostForm.test(host)) {
		return invalid("The Host header is missing, or is no host and port.");
	}
	const encoding = headers["transfer-encoding"];
	if (encoding === undefined) return null;
	if (headers["content-length"] !== undefined) {
		return invalid("Transfer-Encoding and Content-Length were both sent, and only one of them can be true.");
	}
	if (httpVersion !== "1.1") return invalid("Transfer-Encoding is not known to HTTP/1.0.");
	if (encoding.toLowerCase() !== "chunked") return invalid("The Transfer-Encoding is not chunked alone.");
	return null;
}

/** The first header that came twice and may not, in lower case. */
function repeatedOf(rawHeaders: readonly string[]): string | null {
	const seen = new Set<string>();
	for (let at = 0; at < rawHeaders.length; at += 2) {
		const name = rawHeaders[at]?.toLowerCase() ?? "";
		if (!onceOnly.has(name)) continue;
		if (seen.has(name)) return name;
		seen.add(name);
	}
	return null;
}

function invalid(what: string): ProblemError {
	return new ProblemError("invalid_request", `${what} Nothing was saved.`);
}
