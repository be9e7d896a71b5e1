import { cpus, loadavg, release, totalmem } from "node:os";
import { type Figures, summaryOf, type Unit } from "./figures.ts";
import type { Growth } from "./growth.ts";
import { type Judged, judge } from "./marks.ts";

/** All that one run of the bench has to tell. */
export interface Report {
	/** ISO 8601, UTC. */
	readonly begun: string;
	readonly machine: string;
	readonly databases: readonly string[];
	readonly rounds: number;
	readonly requests: number;
	readonly figures: Figures;
	readonly growth: readonly Growth[];
	/** What could not be measured, and why. */
	readonly notes: readonly string[];
}

/** The tables for a terminal. */
export function tablesOf(report: Report): string {
	const figures = report.figures.entries().map(([name, { unit, values }]) => {
		const { median, least, most } = summaryOf(values);
		const spread = values.length > 1 ? `${shown(least, unit)} to ${shown(most, unit)}` : "";
		return [name, shown(median, unit), unitName(unit), spread];
	});
	const marks = judge(report.figures).map((judged) => [
		judged.mark.name,
		reachedBy(judged),
		unitName(judged.mark.unit),
		judged.reached === null
			? ""
			: `${shown(judged.reached.least, judged.mark.unit)} to ${shown(judged.reached.most, judged.mark.unit)}`,
		String(judged.mark.must),
		String(judged.mark.aim),
		judged.verdict,
	]);
	return [
		`${report.machine}`,
		...report.databases,
		`Medians of ${report.rounds} rounds; ${report.requests} requests of 100 customers in a measurement.`,
		"",
		...table(["figure", "median", "", "least to most"], figures),
		"",
		...table(["what it must show", "median", "", "least to most", "must", "aim", ""], marks),
		...report.notes.map((note) => `\n${note}`),
	].join("\n");
}

/** The same, with the value of every round, for programs. */
export function jsonOf({ figures, ...report }: Report): string {
	const all = figures
		.entries()
		.map(([name, figure]) => [name, { ...figure, ...summaryOf(figure.values) }] as const);
	const marks = judge(figures).map(({ mark: { valuesIn: _, ...mark }, ...rest }) => ({ ...mark, ...rest }));
	return `${JSON.stringify({ ...report, figures: Object.fromEntries(all), marks }, null, "\t")}\n`;
}

/** What a figure means nothing without: the machine, and whether it had other work when the run began. */
export function machine(): string {
	const [first] = cpus();
	const memory = Math.round(totalmem() / 2 ** 30);
	const load = loadavg()[0]?.toFixed(2);
	return `${cpus().length} cores of ${first?.model ?? "an unknown processor"}, ${memory} GiB, Linux ${release()}, Node ${process.version}, load ${load} at the start`;
}

export function reachedBy({ reached, mark }: Judged): string {
	return reached === null ? "-" : shown(reached.median, mark.unit);
}

function shown(value: number, unit: Unit): string {
	if (unit === "x") return value.toFixed(2);
	return value >= 100 ? Math.round(value).toLocaleString("en") : value.toFixed(1);
}

function unitName(unit: Unit): string {
	return unit === "x" ? "" : unit;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
	const lines = [head, ...rows];
	const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
	// Words begin where numbers end.
	const isNumber = head.map((_, column) => rows.every((row) => /^[\d.,-]*$/.test(row[column] ?? "")));
	return lines.map((line) =>
		line
			.map((cell, column) =>
				isNumber[column] ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
			)
			.join("  ")
			.trimEnd(),
	);
}
