import { relative } from "node:path";
import type { Counts, Stage } from "@muster/client";
import type { FaultGroup, PlacedFault } from "@muster/client/import";
import { count, type Screen } from "../screen.ts";
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
	const took = `${count(rows)} rows in ${timeOf(report.tookMs)}, ${count(rate)} a second.`;
	screen.text(dryRun ? `${took} A dry run: nothing was changed.` : took, "dim");
	showUnassociated(screen, sent);
	if (dryRun) showChanges(screen, report);
	const groups = sent.faults.list();
	if (groups.length > 0) showFaults(screen, groups);
	for (const path of sent.failedFiles) {
		const file = relative("", path);
		screen.line();
		screen.text(
			`${file} holds the rows that failed, with what is wrong behind them. Correct them there, then: muster import ${file}`,
		);
	}
	screen.line();
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
const nameWidth = 28;

function showCounts(screen: Screen, stages: readonly Stage[]): void {
	const all = ["created", "updated", "unchanged", "skipped", "succeeded", "failed"] as const;
	const columns = all.filter(
		(column) => alwaysShown.includes(column) || stages.some(({ counts }) => counts[column] > 0),
	);
	const head = ["rows", ...columns].map((column) => column.padStart(columnWidth)).join("");
	screen.line(screen.style("dim", " ".repeat(nameWidth) + head));
	for (const stage of stages) {
		const name = stage.fileName ?? "companies of customers";
		const cells = columns.map((column) => {
			const value = stage.counts[column];
			const text = count(value).padStart(columnWidth);
			if (value === 0) return screen.style("dim", text);
			return column === "failed" ? screen.style("yellow", text) : text;
		});
		screen.line(name.padEnd(nameWidth) + count(doneOf(stage)).padStart(columnWidth) + cells.join(""));
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
	else screen.text(`${records(changes.rows)} would change, by field:`);
	for (const { field, rows, first } of fields) {
		screen.line();
		screen.line(`${screen.style("bold", field)}  ${screen.style("dim", records(rows))}`);
		for (const { place, before, after } of first) {
			screen.line(`  ${`${place} `.padEnd(nameWidth - 2)}${screen.style("dim", before)} -> ${after}`);
		}
	}
}

/** Faults by code, each with its place, the value and what to do. */
export function showFaults(screen: Screen, groups: readonly FaultGroup[]): void {
	let code = "";
	for (const group of groups) {
		if (group.code !== code) {
			code = group.code;
			screen.line();
			screen.line(screen.style("yellow", code));
		}
		for (const fault of group.first) {
			const place = `${fault.file}:${fault.line}`;
			const where = fault.column === null ? "" : `${fault.column}  `;
			screen.line(
				`  ${`${place} `.padEnd(nameWidth - 2)}${where}${screen.style("bold", shown(fault.value))}`,
			);
			for (const said of saidOf(fault)) {
				for (const line of screen.wrap(shown(said, saidMax), nameWidth)) {
					screen.line(" ".repeat(nameWidth) + screen.style("dim", line));
				}
			}
		}
		const more = group.count - group.first.length;
		if (more > 0)
			screen.line(screen.style("dim", `  ... and ${count(more)} more in ${group.column ?? group.file}`));
	}
}

/** A suggestion says it all; other hints stand behind what is wrong. */
function saidOf({ message, hint }: PlacedFault): readonly string[] {
	if (hint === undefined) return [message];
	return /^(Did you mean|No organization)/.test(hint) ? [hint] : [message, hint];
}

function records(number: number): string {
	return `${count(number)} ${number === 1 ? "record" : "records"}`;
}

/** Most characters of a value that are shown, and of a message. */
const valueMax = 50;
const saidMax = 200;

function shown(text: string, most = valueMax): string {
	const plain = text.replace(/\s+/g, " ");
	if (plain === "" && most === valueMax) return "(blank)";
	return plain.length > most ? `${plain.slice(0, most)}...` : plain;
}
