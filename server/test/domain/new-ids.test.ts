import fc from "fast-check";
import { expect, test } from "vitest";
import { chanceBytes, newIds } from "../../src/domain/new-ids.ts";
import { uuidForm } from "../../src/domain/record.ts";

function idsOf(nowMs: number, chance: Uint8Array, count: number): string[] {
	const idOf = newIds(nowMs, Buffer.from(chance));
	return Array.from({ length: count }, (_, place) => idOf(place));
}

/** Checks a list of ids made in one go against RFC 9562, section 5.7. */
function expectVersion7(ids: readonly string[], nowMs: number): void {
	for (const id of ids) {
		expect(id).toMatch(uuidForm);
		expect([id[14], "89ab".includes(id[19] ?? "")]).toEqual(["7", true]);
		expect(Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16)).toBe(nowMs);
	}
	expect(ids).toEqual([...new Set(ids)].sort());
}

const time = fc.integer({ min: 0, max: 2 ** 48 - 1 });
const chance = fc.uint8Array({ minLength: chanceBytes, maxLength: chanceBytes });

test("new ids are UUIDs of version 7 of the given time, each higher than the one before", () => {
	fc.assert(
		fc.property(time, chance, (nowMs, bytes) => {
			expectVersion7(idsOf(nowMs, bytes, 20), nowMs);
		}),
	);
});

test.each([0x00, 0x7f, 0x80, 0xff])(
	"counting up never reaches the end of what chance gives (bytes of %i)",
	(byte) => {
		expectVersion7(
			idsOf(Date.UTC(2026, 10, 24), new Uint8Array(chanceBytes).fill(byte), 100),
			Date.UTC(2026, 10, 24),
		);
	},
);

test("other chance makes other ids", () => {
	fc.assert(
		fc.property(chance, fc.nat({ max: 8 }), (bytes, place) => {
			const other = Uint8Array.from(bytes);
			other[place] = (other[place] ?? 0) ^ 2;
			expect(idsOf(0, bytes, 1)).not.toEqual(idsOf(0, other, 1));
		}),
	);
});
