import type { ItemResult, Task, TaskFailure, TaskSource } from "@muster/client";
import { count, Screen, seconds } from "./screen.ts";
import { type Column, printPairs } from "./table.ts";
import { visible } from "./visible.ts";

export const taskColumns: readonly Column<Task>[] = [
	{ title: "task", cell: ({ taskId }) => taskId },
	{
		title: "accepted (UTC)",
		isLesser: true,
		cell: ({ createdDate }) => timeOf(createdDate).slice(0, "2026-11-24 12:20".length),
	},
	{ title: "status", cell: ({ status }) => status },
	{ title: "items", isNumber: true, isLesser: true, cell: ({ summary }) => summary?.total ?? "" },
	{ title: "failed", isNumber: true, cell: ({ summary }) => summary?.failed ?? "" },
	{ title: "operation", isLesser: true, cell: operationOf },
];

/** Failures that are shown with a task; `muster tasks failures` shows them all. */
const failuresMax = 5;

export function showTask(task: Task): void {
	const { taskId, status, createdDate, completedDate, source, summary, failures } = task;
	const screen = new Screen(process.stdout);
	const tookMs =
		createdDate === null || completedDate === null
			? null
			: Date.parse(completedDate) - Date.parse(createdDate);
	printPairs([
		["task", taskId],
		["status", status],
		["operation", operationOf(task)],
		["accepted", `${timeOf(createdDate)} UTC`],
		...(source === null ? [] : ([["from", sourceOf(source)]] as const)),
		...(completedDate === null
			? []
			: ([["ended", `${timeOf(completedDate)} UTC, after ${seconds(tookMs ?? 0)}`]] as const)),
		...(summary === null ? [] : ([["items", itemsOf(task)]] as const)),
	]);
	if (failures.length === 0) return;
	process.stdout.write("\n");
	showFailures(screen, failures.slice(0, failuresMax));
	if (failures.length > failuresMax) {
		screen.text(
			`... and ${count(failures.length - failuresMax)} more: muster tasks failures ${taskId}`,
			"dim",
		);
	}
}

function sourceOf({ kind, importId, connector, taskId, tokenPrefix }: TaskSource): string {
	const of = importId ?? connector ?? taskId;
	const what =
		of === undefined ? kind : `${kind}${kind === "retry" || kind === "undo" ? " of" : ""} ${visible(of)}`;
	return `${what}, token ${tokenPrefix === undefined ? "that is gone" : `${tokenPrefix}...`}`;
}

function itemsOf({ summary, status }: Task): string {
	if (summary === null) return "";
	const { total, ...counts } = summary;
	const parts = Object.entries(counts).flatMap(([outcome, value]) =>
		value === 0 ? [] : [`${count(value)} ${outcome}`],
	);
	return status === "processing" || parts.length === 0
		? count(total)
		: `${count(total)}: ${parts.join(", ")}`;
}

/** Each item that failed: where it stood, what it was called, and all that is wrong with it. */
export function showFailures(screen: Screen, failures: readonly TaskFailure[]): void {
	for (const { index, clientRef, code, message, errors } of failures) {
		const name = clientRef === null ? "" : `  ${visible(clientRef)}`;
		screen.line(screen.style("bold", `item ${index ?? "?"}${name}`));
		const all = errors.length > 0 ? errors : [{ code: code ?? "failed", pointer: "", message }];
		for (const fault of all) {
			screen.line(`  ${screen.style("yellow", fault.code)}  ${screen.style("dim", visible(fault.pointer))}`);
			for (const said of [fault.message, ...("hint" in fault && fault.hint ? [fault.hint] : [])]) {
				for (const line of screen.wrap(visible(said), 4)) screen.line(`    ${line}`);
			}
		}
	}
}

/** What an undo gave back, of a dry run, and what stays, with the reason. */
export function showUndone(screen: Screen, results: readonly ItemResult[]): void {
	for (const { index, key = "", outcome, changes = [], errors = [] } of results) {
		screen.line(`${screen.style("bold", `item ${index}`)}  ${visible(key)}  ${outcome}`);
		for (const { field, before, after } of changes) {
			screen.line(`  ${visible(field)}: ${visible(textOf(before))} -> ${visible(textOf(after))}`);
		}
		for (const { message } of errors) {
			for (const line of screen.wrap(visible(message), 4)) screen.line(`  ${screen.style("yellow", line)}`);
		}
	}
}

function textOf(value: string | readonly string[] | null): string {
	return value === null ? "nothing" : [value].flat().join(", ");
}

function operationOf({ operation, dryRun }: Task): string {
	return `${operation ?? "unknown"}${dryRun ? " (dry run)" : ""}`;
}

/** "2026-11-24 12:20:11" */
function timeOf(date: string | null): string {
	return date === null ? "" : date.slice(0, 19).replace("T", " ");
}
