import fc from "fast-check";
import { expect, test } from "vitest";
import { readTraceParent, writeTraceParent } from "../../src/domain/trace-parent.ts";

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const spanId = "00f067aa0ba902b7";

test.each([
	["00", "01", 1],
	["00", "00", 0],
	["00", "ff", 255],
	["7f", "01", 1],
])("version %s with flags %s is read", (version, flags, traceFlags) => {
	expect(readTraceParent(`${version}-${traceId}-${spanId}-${flags}`)).toEqual({
		traceId,
		spanId,
		traceFlags,
	});
});

test("of a version that is not known yet, what stands behind is left out", () => {
	expect(readTraceParent(`01-${traceId}-${spanId}-01-what-else`)).toEqual({ traceId, spanId, traceFlags: 1 });
});

test.each([
	"",
	"ann@acme.com",
	`ff-${traceId}-${spanId}-01`,
	`00-${traceId}-${spanId}-01-more`,
	`01-${traceId}-${spanId}-01more`,
	`00-${traceId.toUpperCase()}-${spanId}-01`,
	`00-${"0".repeat(32)}-${spanId}-01`,
	`00-${traceId}-${"0".repeat(16)}-01`,
	`00-${traceId}-${spanId}-1`,
	`00-${traceId}-${spanId}`,
	// What Node makes of two headers.
	`00-${traceId}-${spanId}-01, 00-${traceId}-${spanId}-01`,
])("%j is none", (text) => {
	expect(readTraceParent(text)).toBeNull();
});

test("what is written is 55 characters of version 00, and is read as it was", () => {
	const hex = (length: number) =>
		fc
			.uint8Array({ minLength: length, maxLength: length })
			.map((bytes) => Buffer.from(bytes).toString("hex"))
			.filter((text) => !/^0+$/.test(text));
	const place = fc.record({ traceId: hex(16), spanId: hex(8), traceFlags: fc.integer({ min: 0, max: 1 }) });
	fc.assert(
		fc.property(place, (at) => {
			const text = writeTraceParent(at);
			expect(text).toHaveLength(55);
			expect(readTraceParent(text)).toEqual(at);
		}),
	);
	expect(writeTraceParent({ traceId, spanId, traceFlags: 0xff })).toBe(`00-${traceId}-${spanId}-01`);
});
