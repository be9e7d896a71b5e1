/**
 * pgbouncer in transaction mode gives each transaction any of its connections to PostgreSQL. So nothing may be kept on one
 * beyond a transaction: no named statement (its 1.18, which Debian has, knows nothing of them), no LISTEN, no lock of a
 * session; and it refuses the start-up parameters that it does not know.
 */
const parameter = "pgbouncer";

/** Whether a database's URL says `?pgbouncer=true`. */
export function isThroughPgbouncer(url: string): boolean {
	return pgbouncerIn(url) === "true";
}

/** What a database's URL says of it, if anything; true and false are the words that it may. */
export function pgbouncerIn(url: string): string | null {
	return URL.canParse(url) ? new URL(url).searchParams.get(parameter) : null;
}

/** Whether a server refused to talk to us because it is a pgbouncer, and its URL does not say so. */
export function isPgbouncerUnsaid(error: unknown): boolean {
	return error instanceof Error && error.message.startsWith("unsupported startup parameter");
}
