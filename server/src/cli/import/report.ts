import { relative } from "node:path";
import type { Counts, Stage } from "@muster/client";
import type { FaultGroup, PlacedFault } from "@muster/client/import";
import { count, counted, type Screen } from "../screen.ts";
import { columnsOf, visible } from "../visible.ts";
import type { Changes } from "./changes.ts";
import { doneOf, timeOf } from "./progress.ts";
import type { Sent } from "./send.ts";

export interface Report {
	readonly run: string;
	readonly dryRun: boolean;
	readonly sent: Sent;
	readonly changes: Changes;
	readonly tookMs: number;
}

/** What became of the rows: for people. */
export function showReport(screen: Screen, report: Report): void {
	const { sent, dryRun } = report;
	screen.line();
	showCounts(screen, sent.stages);
	screen.line();
	const rows = sent.stages.reduce((sum, stage) => sum + doneOf(stage), 0);
	const rate = Math.round((rows / report.tookMs) * 1_000);
	// Of a moment a rate says nothing.
	const atRate = report.tookMs < 1_000 ? "" : `, ${count(rate)} a second`;
	const took = `${counted(rows, "row")} in ${timeOf(report.tookMs)}${atRate}.`;
	screen.text(dryRun ? `${took} A dry run: nothing was changed.` : took, "dim");
	showUnassociated(screen, sent);
	if (dryRun) showChanges(screen, report);
	const groups = sent.faults.list();
	if (groups.length > 0) showFaults(screen, groups);
	showFailedFiles(
		screen,
		sent.failedFiles.map((path) => relative("", path)),
	);
	screen.line();
}

function showFailedFiles(screen: Screen, files: readonly string[]): void {
	if (files.length === 0) return;
	const names = files.map((file) => screen.style("bold", visible(file)));
	screen.line();
	screen.text(
		`The rows that failed are in ${visible(files.join(" and "))}, with what is wrong behind them. Correct them there, then:`,
	);
	screen.line();
	screen.line(`  muster import ${names.join(" ")}`);
}

function showUnassociated(screen: Screen, { unassociated, unknownOrganizations }: Sent): void {
	if (unassociated === 0) return;
	const customers = unassociated === 1 ? "1 customer was" : `${count(unassociated)} customers were`;
	screen.line();
	screen.text(
		`${customers} sent without an organization, because the service does not tell the id of one that was there already: ${unknownOrganizations.map((name) => shown(name)).join(", ")}. Write them into a file with the columns name and organizationId, and import it together with the customers.`,
		"yellow",
	);
}

/** The same for programs. */
export function jsonReport({ run, dryRun, sent, changes, tookMs }: Report): object {
	return {
		run,
		dryRun,
		total: sent.stages.reduce((sum, { counts }) => addCounts(sum, counts), {
			created: 0,
			updated: 0,
			unchanged: 0,
			skipped: 0,
			failed: 0,
			succeeded: 0,
		}),
		stages: sent.stages.map(({ label, fileName, total, counts }) => ({
			records: label,
			file: fileName,
			total,
			counts,
		})),
		faults: sent.faults.list(),
		failedFiles: sent.failedFiles,
		unassociated: sent.unassociated,
		unknownOrganizations: sent.unknownOrganizations,
		...(dryRun ? { changes: changes.byField(), absentOrganizations: sent.absent } : {}),
		milliseconds: Math.round(tookMs),
	};
}

function addCounts(one: Counts, other: Counts): Counts {
	return Object.fromEntries(
		Object.entries(one).map(([outcome, value]) => [outcome, value + other[outcome as keyof Counts]]),
	) as Counts;
}

const alwaysShown: readonly (keyof Counts)[] = ["created", "updated", "unchanged", "failed"];
const columnWidth = 11;
/** Narrowest and widest column of names, in columns of the terminal. */
const nameMin = 26;
const nameMax = 36;

function showCounts(screen: Screen, stages: readonly Stage[]): void {
	const all = ["created", "updated", "unchanged", "skipped", "succeeded", "failed"] as const;
	const columns = all.filter(
		(column) => alwaysShown.includes(column) || stages.some(({ counts }) => counts[column] > 0),
	);
	const nameOf = (stage: Stage): string => visible(stage.fileName ?? "companies of customers");
	const widest = Math.max(...stages.map((stage) => columnsOf(nameOf(stage))));
	const nameWidth = Math.min(nameMax, Math.max(nameMin, widest)) + 2;
	const isNarrow = nameWidth + (columns.length + 1) * columnWidth > screen.width;
	if (!isNarrow) {
		const head = ["rows", ...columns].map((column) => column.padStart(columnWidth)).join("");
		screen.line(screen.style("dim", " ".repeat(nameWidth) + head));
	}
	for (const stage of stages) {
		const cells = columns.map((column): string => {
			const value = stage.counts[column];
			const text = isNarrow ? `${count(value)} ${column}` : count(value).padStart(columnWidth);
			if (value === 0) return screen.style("dim", text);
			return column === "failed" ? screen.style("yellow", text) : text;
		});
		const rows = count(doneOf(stage));
		if (!isNarrow) {
			screen.line(padded(nameOf(stage), nameWidth) + rows.padStart(columnWidth) + cells.join(""));
			continue;
		}
		screen.line(nameOf(stage));
		const told = cells.filter((_, place) => stage.counts[columns[place] ?? "failed"] > 0);
		screen.line(`  ${[counted(doneOf(stage), "row"), ...told].join(", ")}`);
	}
}

function showChanges(screen: Screen, { changes, sent }: Report): void {
	showChangedFields(screen, changes);
	if (sent.absent > 0) {
		screen.line();
		screen.text(
			`Organizations that are not there yet: ${count(sent.absent)}. Associating customers with them was not tried.`,
			"dim",
		);
	}
}

/** What a dry run says would change of records that are there, field by field. */
export function showChangedFields(screen: Screen, changes: Changes): void {
	const fields = changes.byField();
	screen.line();
	if (fields.length === 0) screen.text("No value of a record that is there would change.");
	else screen.text(`${counted(changes.rows, "record")} would change, by field:`);
	for (const { field, rows, first } of fields) {
		screen.line();
		screen.line(`${screen.style("bold", visible(field))}  ${screen.style("dim", counted(rows, "record"))}`);
		for (const { place, before, after } of first) {
			const where = padded(visible(place), nameMin);
			const [old, value] = [visible(before), visible(after)];
			const isWide = columnsOf(`${where}${old} -> ${value}`) + 2 <= screen.width;
			screen.line(`  ${isWide ? where : `${visible(place)}\n      `}${screen.style("dim", old)} -> ${value}`);
		}
	}
}

/** Widest a place or a header may make its column, in columns of the terminal. */
const placeMax = 36;
const headerMax = 24;

/** Faults by code, each with its place, the value and what to do. */
export function showFaults(screen: Screen, groups: readonly FaultGroup[]): void {
	const all = groups.flatMap(({ first }) => first);
	const widest = (texts: readonly string[], most: number): number =>
		Math.min(most, Math.max(0, ...texts.map(columnsOf))) + 2;
	const placeWidth = widest(all.map(placeOf), placeMax);
	const headerWidth = widest(
		all.map(({ column }) => shown(column ?? "")),
		headerMax,
	);
	for (const code of new Set(groups.map((group) => group.code))) {
		const ofCode = groups.filter((group) => group.code === code);
		const sum = ofCode.reduce((total, group) => total + group.count, 0);
		screen.line();
		screen.line(`${screen.style("yellow", code)}  ${screen.style("dim", counted(sum, "time"))}`);
		for (const group of ofCode) {
			for (const fault of group.first) showFault(screen, fault, placeWidth, headerWidth);
			const more = group.count - group.first.length;
			const where = shown(group.column ?? group.file);
			if (more > 0) screen.line(screen.style("dim", `  ... and ${count(more)} more in ${where}`));
		}
	}
}

/** The value stands beside its place; on a narrow terminal, as what is said of it does, below. */
function showFault(screen: Screen, fault: PlacedFault, placeWidth: number, headerWidth: number): void {
	const place = padded(placeOf(fault), placeWidth);
	// What is said of it, ever so far in, has some room to be read.
	const inset = Math.min(placeWidth + 2, Math.floor(screen.width / 3));
	const below = (text: string, style: "dim" | "bold"): void => {
		for (const line of screen.wrap(text, inset)) screen.line(" ".repeat(inset) + screen.style(style, line));
	};
	const header = fault.column === null ? "" : padded(shown(fault.column), headerWidth);
	const value = shown(fault.value);
	if (2 + columnsOf(place + header + value) <= screen.width) {
		screen.line(`  ${place}${header}${screen.style("bold", value)}`);
	} else {
		screen.line(`  ${place}${header.trimEnd()}`);
		below(value, "bold");
	}
	for (const said of saidOf(fault)) below(shown(said, saidMax), "dim");
}

function placeOf({ file, line }: PlacedFault): string {
	return `${shown(file)}:${line}`;
}

function padded(text: string, width: number): string {
	return text + " ".repeat(Math.max(1, width - columnsOf(text)));
}

/** A suggestion says it all; other hints stand behind what is wrong. Field and value are told already. */
function saidOf({ message, hint }: PlacedFault): readonly string[] {
	const plain = message.replace(/^Invalid detail field value for "[^"]*": /, "");
	if (hint === undefined) return [plain];
	return /^(Did you mean|No organization)/.test(hint) ? [hint] : [plain, hint];
}

/** Most characters of a value that are shown, and of a message. */
const valueMax = 50;
const saidMax = 200;

function shown(text: string, most = valueMax): string {
	const plain = visible(text);
	if (plain === "" && most === valueMax) return "(blank)";
	return plain.length > most ? `${plain.slice(0, most)}...` : plain;
}
