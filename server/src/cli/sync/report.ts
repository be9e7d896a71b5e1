import { failureCodes, problemCodes } from "@muster/client/contract";
import type { Kind } from "../../sync/hubspot/api.ts";
import type { FieldsPlan } from "../../sync/hubspot/fields.ts";
import type { SyncFault, SyncReport } from "../../sync/tally.ts";
import type { Changes } from "../import/changes.ts";
import { fieldInWords } from "../import/prepare.ts";
import { timeOf } from "../import/progress.ts";
import { showChangedFields } from "../import/report.ts";
import { count, Screen } from "../screen.ts";

export interface Printed {
	readonly report: SyncReport;
	readonly changes: Changes;
	readonly dryRun: boolean;
	readonly json: boolean;
	readonly requests: number;
	readonly waitedMs: number;
	readonly tookMs: number;
}

export function printReport(printed: Printed): void {
	const { report, changes, dryRun, json, requests, waitedMs, tookMs } = printed;
	if (json) {
		const fields = dryRun ? { changes: changes.byField() } : {};
		console.log(
			JSON.stringify({
				dryRun,
				...report,
				requests,
				waitedMs: Math.round(waitedMs),
				milliseconds: Math.round(tookMs),
				...fields,
			}),
		);
		return;
	}
	const screen = new Screen(process.stdout);
	screen.line();
	showReport(screen, report);
	screen.line();
	const waited = waitedMs >= 1_000 ? `, ${timeOf(waitedMs)} of it waiting for HubSpot's limits` : "";
	screen.text(
		`${timeOf(tookMs)}, ${count(requests)} requests to HubSpot${waited}.${dryRun ? " A dry run: nothing was changed." : ""}`,
		"dim",
	);
	if (dryRun) showChangedFields(screen, changes);
	screen.line();
}

/** What became of the records of a run. */
export function showReport(screen: Screen, report: SyncReport): void {
	for (const [name, counts] of [
		["organizations", report.organizations],
		["customers", report.customers],
	] as const) {
		const told = Object.entries(counts).filter(
			([outcome, value]) => value > 0 || outcome === "created" || outcome === "updated",
		);
		screen.line(
			`${name.padEnd(16)}${told.map(([outcome, value]) => `${count(value)} ${outcome}`).join(", ")}`,
		);
	}
	const others = [
		[report.archived, "marked as archived"],
		[report.merged, "marked as merged"],
		[report.deleted, "deleted"],
		[report.withoutKey, "without an email or a name, and left out"],
		[report.unassociated, "associations with companies that are not here, and left out"],
	] as const;
	for (const [value, text] of others) if (value > 0) screen.line(`${"".padEnd(16)}${count(value)} ${text}`);
	if (report.faultCount === 0) return;
	screen.line();
	for (const fault of report.faults.slice(0, shownMax)) screen.line(screen.style("yellow", inWords(fault)));
	const more = report.faultCount - Math.min(report.faultCount, shownMax);
	if (more > 0)
		screen.line(
			screen.style("dim", `... and ${count(more)} more; \`muster sync status --json\` has the first hundred`),
		);
}

/** Faults that are shown one by one. */
const shownMax = 20;

function inWords({ record, code, field }: SyncFault): string {
	const titles: Readonly<Record<string, { readonly title: string } | undefined>> = {
		...problemCodes,
		...failureCodes,
	};
	const title = titles[code]?.title ?? code;
	return `${record}: ${title}${field === null ? "" : ` (${field})`}`;
}

/** What becomes of properties that the site has no field for. */
export function tellFields(screen: Screen, kind: Kind, plan: FieldsPlan, dryRun: boolean): void {
	const would = dryRun ? "would be made" : "are made";
	if (plan.missing.length > 0)
		screen.text(`Fields of ${kind} ${would}: ${plan.missing.map(fieldInWords).join(", ")}`, "dim");
	if (plan.extended.size > 0)
		screen.text(`Fields of ${kind} with more options: ${[...plan.extended.keys()].join(", ")}`, "dim");
	if (plan.unknown.length > 0)
		screen.text(`HubSpot has no properties of ${kind} named ${plan.unknown.join(", ")}.`, "yellow");
}
