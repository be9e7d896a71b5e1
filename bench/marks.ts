import { type Figures, type Summary, summaryOf, type Unit } from "./figures.ts";

/** A figure of issue 3, "What it must show", with what it has to reach. */
export interface Mark {
	readonly name: string;
	readonly unit: Unit;
	readonly must: number;
	readonly aim: number;
	/** Whether more of it is better, as of a rate, or less, as of a time. */
	readonly better: "more" | "less";
	valuesIn(figures: Figures): readonly number[];
}

export type Verdict = "aim reached" | "must reached" | "MISSED" | "not measured";

export interface Judged {
	readonly mark: Mark;
	/** Null: not measured in this run. */
	readonly reached: Summary | null;
	readonly verdict: Verdict;
}

const marks: readonly Mark[] = [
	ratio("new : the loop", 0.9, 1.2, "new", "loop, new"),
	ratio("changed : the loop", 0.9, 1.2, "changed", "loop, changed"),
	ratio("new : COPY", 0.35, 0.5, "new", "COPY, new"),
	ratio("unchanged : new", 1.5, 2.5, "unchanged", "new"),
	ratio("new at 4 in flight : parse-server", 8, 12, "new, 4 in flight, beside peers", "peer: parse-server"),
	atMost("accept to ended, 1 in flight, p50", "ms", 8, 4),
	atMost("accept, 16 in flight, p99", "ms", 50, 20),
	ratio("new at 4M : new at 100k", 0.75, 0.9, "4M: new", "100k: new"),
	atMost("resident memory, peak", "MB", 250, 150),
	ratio("new, bundled : Debian", 0.8, 0.9, "bundled: new", "new"),
];

/** Each mark with what was reached; a miss says so. */
export function judge(figures: Figures): readonly Judged[] {
	return marks.map((mark) => {
		const values = mark.valuesIn(figures);
		if (values.length === 0) return { mark, reached: null, verdict: "not measured" };
		const reached = summaryOf(values);
		return { mark, reached, verdict: verdictOn(mark, reached.median) };
	});
}

function verdictOn({ better, must, aim }: Mark, value: number): Verdict {
	const reaches = (goal: number): boolean => (better === "more" ? value >= goal : value <= goal);
	if (reaches(aim)) return "aim reached";
	return reaches(must) ? "must reached" : "MISSED";
}

function ratio(name: string, must: number, aim: number, above: string, below: string): Mark {
	return {
		name,
		unit: "x",
		must,
		aim,
		better: "more",
		valuesIn: (figures) => ratios(figures.valuesOf(above), figures.valuesOf(below)),
	};
}

/** Round by round, since both sides of a round met the same minute; what was measured once is set against each. */
function ratios(above: readonly number[], below: readonly number[]): readonly number[] {
	const [only] = below;
	if (only === undefined) return [];
	return above.map((value, round) => value / (below[round] ?? only));
}

function atMost(name: string, unit: Unit, must: number, aim: number): Mark {
	return { name, unit, must, aim, better: "less", valuesIn: (figures) => figures.valuesOf(name) };
}
