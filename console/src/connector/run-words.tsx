import type { Connector, ConnectorRun } from "@muster/client";
import { count } from "../pieces/count.ts";
import { Mark, type Tone } from "../pieces/outcome.tsx";
import { Time } from "../pieces/time.tsx";

const states: Readonly<Record<ConnectorRun["status"], { readonly word: string; readonly tone: Tone }>> = {
	RUNNING: { word: "Running", tone: "busy" },
	STOPPED: { word: "Stopped", tone: "calm" },
	FAILED: { word: "Failed", tone: "bad" },
	COMPLETED: { word: "Completed", tone: "good" },
};

/** A run that nobody holds any more has stopped, whatever it said last. @param isHeld of its connector's last run */
export function RunMark({
	run,
	isHeld,
}: {
	readonly run: ConnectorRun | undefined;
	readonly isHeld: boolean;
}) {
	if (run === undefined) return <Mark tone="calm">Never ran</Mark>;
	const { word, tone } = states[run.status === "RUNNING" && !isHeld ? "STOPPED" : run.status];
	return <Mark tone={tone}>{word}</Mark>;
}

/** When the next run is due; a connector that is run by hand, or by something else, tells nothing of it. */
export function NextRun({ connector: { run, heldSeconds } }: { readonly connector: Connector }) {
	if (run === undefined) return <span>–</span>;
	if (run.status === "RUNNING" && heldSeconds > 0) return <span>Running now</span>;
	const { everySeconds } = run.report;
	if (typeof everySeconds !== "number") return <span>When somebody runs it</span>;
	const due = Date.parse(run.startedDate) + everySeconds * 1_000;
	const time = <Time iso={new Date(due).toISOString()} />;
	// A minute for the way of what it says to the server.
	return due + 60_000 < Date.now() ? <Mark tone="warn">Was due {time}</Mark> : time;
}

/**
 * What became of the customers or organizations of a run, as its connector counted them: "12 created, 3 updated".
 * What was the same as before is left out.
 */
export function countsText(run: ConnectorRun | undefined, records: "customers" | "organizations"): string {
	const counts = run?.report[records];
	if (typeof counts !== "object" || counts === null) return "–";
	const parts = Object.entries(counts).flatMap(([outcome, number]) =>
		typeof number === "number" && number > 0 && outcome !== "unchanged"
			? [`${count(number)} ${outcome}`]
			: [],
	);
	return parts.join(", ") || "Nothing new";
}
