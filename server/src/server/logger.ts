import { type DestinationStream, type Logger, pino } from "pino";
import { errorCode } from "../store/database.ts";

/**
 * The log: JSON lines, one an event, without anything of a customer in them. Two walls hold that: an error is described
 * by what cannot hold a value, and what looks like an email or a token is taken out of every finished line, whoever wrote
 * it and wherever it stands (a request id is chosen by the client).
 */
export function createLogger(level: string, destination: DestinationStream): Logger {
	return pino({ level, serializers: { err: describeError }, hooks: { streamWrite: redact } }, destination);
}

export function standardError(): DestinationStream {
	return pino.destination(2);
}

/** Emails (and the logins of database URLs, which have their form), and tokens, whole or cut. */
const secrets = /[^\s"'\\<>()]+@[^\s"'\\<>()]+|mst_[0-9A-Za-z]+/g;

function redact(line: string): string {
	return line.replace(secrets, "[redacted]");
}

/** PostgreSQL's errors carry values of rows and pg's the whole connection; none of that may stand in a log. */
function describeError(error: unknown): Readonly<Record<string, unknown>> {
	if (!(error instanceof Error)) return { message: String(error) };
	return {
		type: error.name,
		code: errorCode(error),
		message: quotesInput(error) ? "not shown, since it quotes what was sent" : error.message,
		// The first lines of a stack are the message.
		stack: error.stack?.match(/^\s+at .*$/gm)?.join("\n"),
		...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
	};
}

/** Of PostgreSQL those about data (SQLSTATE class 22), and those about texts that are no JSON or no number. */
function quotesInput(error: Error): boolean {
	return error instanceof SyntaxError || /^22[0-9A-Z]{3}$/.test(errorCode(error) ?? "");
}
