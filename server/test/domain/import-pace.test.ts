import { describe, expect, test } from "vitest";
import { type EndedPlace, importPace } from "../../src/domain/import-pace.ts";
import { disturbed, undisturbed, undisturbedFolding } from "./recorded-imports.ts";

const totalBytes = 500_000_000;
/** Of a file whose rate is made up; recorded ones have fewer. */
const parts = 5_000;

/** When each part of a file ended, at so many parts a second for each part of the way. */
function endsAt(rateAt: (part: number, atMs: number) => number): readonly number[] {
	const ends: number[] = [];
	for (let [part, atMs] = [0, 0]; part < parts; part += 1) {
		atMs += 1_000 / rateAt(part, atMs);
		ends.push(atMs);
	}
	return ends;
}

/** Tasks end a claim at a time. */
function inBursts(ends: readonly number[], claim: number): readonly number[] {
	return ends.map((_, part) => ends[Math.min(parts, (Math.floor(part / claim) + 1) * claim) - 1] ?? 0);
}

interface Look {
	readonly progress: number;
	readonly atMs: number;
	/** How far the estimate is from the true end, as a part of the whole time; null where none is told. */
	readonly wrong: number | null;
}

/** Looks at an import four hundred times, as the store gives its places. */
function looksAt(ends: readonly number[], places = 256): readonly Look[] {
	const trueEndMs = ends.at(-1) ?? 0;
	return Array.from({ length: 400 }, (_, look) => {
		const nowMs = (trueEndMs * (look + 0.5)) / 400;
		const ended = ends.filter((atMs) => atMs <= nowMs).length;
		const count = Math.min(places, ended);
		const found = Array.from({ length: count }, (_, place): EndedPlace => {
			const part = Math.round(((place + 1) / count) * ended) - 1;
			return { bytes: ((part + 1) / ends.length) * totalBytes, atMs: ends[part] ?? 0 };
		}).filter(({ atMs }, at, all) => atMs !== all[at + 1]?.atMs);
		const pace = importPace({ places: found, totalBytes, nowMs });
		const endMs = pace?.endMs ?? null;
		return {
			progress: ended / ends.length,
			atMs: nowMs,
			wrong: endMs === null ? null : (endMs - trueEndMs) / trueEndMs,
		};
	});
}

function worst(looks: readonly Look[]): number {
	return Math.max(...looks.map(({ wrong }) => Math.abs(wrong ?? Number.POSITIVE_INFINITY)));
}

const afterTheFirstTenth = ({ progress }: Look): boolean => progress >= 0.1;

describe("after the first tenth, every look at a steady import tells its end within 10 per cent", () => {
	/** A wave about the mean, as other work on the machine and checkpoints make it. */
	const wave = (periodMs: number, swing: number) => (_: number, atMs: number) =>
		300 * (1 + swing * Math.sin((atMs / periodMs) * 2 * Math.PI));

	test.each([
		["one task after the other", endsAt(() => 300)],
		[
			"claims of twenty tasks",
			inBursts(
				endsAt(() => 300),
				20,
			),
		],
		[
			"claims of a hundredth of the file",
			inBursts(
				endsAt(() => 300),
				100,
			),
		],
		["a slow upload, a part every three seconds", endsAt(() => 1 / 3)],
		["a cold start at a third of the rate", endsAt((part) => (part < parts / 100 ? 100 : 300))],
		[
			"a table that grows, and takes a quarter longer in the end",
			endsAt((part) => 300 / (1 + part / parts / 4)),
		],
		["a rate that swings by a half every second", endsAt(wave(1_000, 0.5))],
		["a rate that swings by a quarter every two seconds", endsAt(wave(2_000, 0.25))],
	])("%s", (_what, ends) => {
		expect(worst(looksAt(ends).filter(afterTheFirstTenth))).toBeLessThanOrEqual(0.1);
	});
});

test.each([
	["as they are carried out today", undisturbed],
	["as they were before", undisturbedFolding],
])(
	"recorded on a machine that did nothing else, %s, every look after the first tenth is within 10 per cent",
	(_what, ends) => {
		expect(worst(looksAt(ends).filter(afterTheFirstTenth))).toBeLessThanOrEqual(0.1);
	},
);

test("recorded while other programs took a core from three fifths of the way on, it is within 10 per cent again a sixth later", () => {
	const looks = looksAt(disturbed);
	// Nobody can tell what others will do: by the rate that it has by then, it would end so much earlier.
	expect(worst(looks.filter(({ progress }) => progress > 0.1 && progress < 0.6))).toBeGreaterThan(0.15);
	expect(worst(looks.filter(({ progress }) => progress > 0.6 + 1 / 6))).toBeLessThanOrEqual(0.1);
});

test.each([
	["half", 150],
	["twice", 600],
])(
	"a rate that becomes %s of what it was is followed before another fifth of the file has ended",
	(_what, rate) => {
		const looks = looksAt(endsAt((part) => (part < parts / 2 ? 300 : rate)));
		const behind = looks.filter(({ progress }) => progress >= 0.7);
		expect(worst(behind)).toBeLessThanOrEqual(0.1);
		expect(worst(behind.filter(({ progress }) => progress >= 0.85))).toBeLessThanOrEqual(0.03);
	},
);

test("a halt of ten minutes moves the end by itself, and leaves no trace in the rate", () => {
	const haltMs = 600_000;
	const ends = endsAt(() => 300).map((atMs, part) => atMs + (part < parts / 2 ? 0 : haltMs));
	const trueEndMs = ends.at(-1) ?? 0;
	const looks = looksAt(ends);
	const halfMs = ends[parts / 2 - 1] ?? 0;
	const during = looks.filter(({ atMs }) => atMs > halfMs && atMs < halfMs + haltMs);
	// For a minute the end moves on with the clock; then nobody knows it.
	expect(during.filter(({ atMs }) => atMs > halfMs + 61_000).every(({ wrong }) => wrong === null)).toBe(true);
	const behind = looks.filter(({ atMs }) => atMs > halfMs + haltMs + 1_000);
	expect(worst(behind) * trueEndMs).toBeLessThan(1_000);
});

test("a file of unknown size has a rate and no end, and one place tells nothing", () => {
	const places = [
		{ bytes: 1_000, atMs: 1_000 },
		{ bytes: 2_000, atMs: 2_000 },
		{ bytes: 3_000, atMs: 3_000 },
	];
	expect(importPace({ places, totalBytes: null, nowMs: 3_000 })).toEqual({ bytesPerMs: 1, endMs: null });
	expect(importPace({ places, totalBytes: 10_000, nowMs: 3_500 })).toEqual({ bytesPerMs: 1, endMs: 10_000 });
	expect(importPace({ places: places.slice(0, 1), totalBytes: 10_000, nowMs: 1_000 })).toBeNull();
	expect(importPace({ places: [], totalBytes: 10_000, nowMs: 1_000 })).toBeNull();
});
