/** Where a span stands, as a `traceparent` says it: ids in lower-case hex, and flags of which the lowest says "is recorded". */
export interface TraceParent {
	readonly traceId: string;
	readonly spanId: string;
	readonly traceFlags: number;
}

const form = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/**
 * Reads a `traceparent` (W3C Trace Context, section 3.2). Of a newer version than 00 what is known of it is read.
 * @returns null for what is none, which counts as not sent
 */
export function readTraceParent(text: string | readonly string[] | null | undefined): TraceParent | null {
	if (typeof text !== "string") return null;
	const [, traceId, spanId, flags = "", rest] = form.exec(text) ?? [];
	if (traceId === undefined || spanId === undefined) return null;
	if (rest !== undefined && text.startsWith("00")) return null;
	return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) };
}

/** Writes one of version 00: 55 characters. */
export function writeTraceParent({ traceId, spanId, traceFlags }: TraceParent): string {
	// A later version may have further flags, which a 00 must not show.
	return `00-${traceId}-${spanId}-0${traceFlags & 1}`;
}
