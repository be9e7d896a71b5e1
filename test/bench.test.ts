import { expect, test } from "vitest";
import { Figures, summaryOf } from "../bench/figures.ts";
import { judge } from "../bench/marks.ts";
import { pictureOf } from "../bench/picture.ts";
import { profilesOf } from "../bench/workload.ts";

/** 40 to 50 per cent of the loop, by the median of three rounds. */
function aMiss(): Figures {
	const figures = new Figures();
	for (const [round, rate] of [40_000, 50_000, 45_000].entries()) {
		figures.note("loop, new", "/s", 100_000 + round);
		figures.note("new", "/s", rate);
	}
	return figures;
}

test("the median of an even number of rounds is between the two in the middle", () => {
	expect(summaryOf([4, 1, 3, 2])).toEqual({ median: 2.5, least: 1, most: 4 });
});

test("a mark that is missed, and one that was not measured, say so", () => {
	const verdicts = new Map(judge(aMiss()).map(({ mark, verdict }) => [mark.name, verdict]));
	expect(verdicts.get("new : the loop")).toBe("MISSED");
	expect(verdicts.get("new : COPY")).toBe("not measured");
});

test("less is better of times", () => {
	const figures = new Figures();
	figures.note("accept, 16 in flight, p99", "ms", 30);
	const accept = judge(figures).find(({ mark }) => mark.name === "accept, 16 in flight, p99");
	expect(accept?.verdict).toBe("must reached");
});

test("the picture tells a miss in words, to the eye and to a reader of the screen", () => {
	const picture = pictureOf({
		begun: "2026-01-01T00:00:00Z",
		machine: "a machine",
		databases: [],
		rounds: 3,
		requests: 1,
		figures: aMiss(),
		growth: [],
		notes: [],
	});
	expect(picture).toContain(">0.45 missed</text>");
	expect(picture).toMatch(/<desc [^>]*>new : the loop: 0\.45 \(must 0\.9, aim 1\.2\)<\/desc>/);
});

test("customers at random among many are each met once", () => {
	const among = { customers: 10_000, from: 20_000 };
	const emails = profilesOf({ kind: "profiles", set: "fill", version: 1, requests: 100, among }).map(
		({ email }) => email,
	);
	expect(new Set(emails).size).toBe(10_000);
});
