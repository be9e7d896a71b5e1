import type { ItemError, TaskFailure } from "@muster/client";
import { count, type Screen } from "./screen.ts";

/** Where a message begins, behind the place of its row. */
const placeWidth = 26;

/** Lines of a message that are shown; a long one lists what would have been allowed. */
const messageLines = 2;
const more = " ...";

/** What failed and why: the server's own words, by code, each with the place in the file that the item came from. */
export function showFailures(screen: Screen, failures: readonly TaskFailure[]): void {
	screen.text(`${count(failures.length)} rows failed, each by itself. The server says what to correct:`);
	for (const [code, faults] of byCode(failures)) {
		screen.line();
		screen.line(screen.style("yellow", code));
		for (const fault of faults) showFault(screen, fault);
	}
}

function showFault(screen: Screen, { place, error }: Fault): void {
	const lines = screen.wrap(error.message, placeWidth + more.length);
	const shown = lines.slice(0, messageLines);
	if (lines.length > messageLines) shown.push(shown.pop() + more);
	for (const [number, line] of shown.entries()) {
		screen.line((number === 0 ? `  ${place}` : "").padEnd(placeWidth) + line);
	}
	if (error.hint === undefined) return;
	for (const line of screen.wrap(error.hint, placeWidth)) {
		screen.line(" ".repeat(placeWidth) + screen.style("dim", line));
	}
}

interface Fault {
	readonly place: string;
	readonly error: ItemError;
}

function byCode(failures: readonly TaskFailure[]): Map<string, Fault[]> {
	const faults = failures.flatMap(({ clientRef, errors }) =>
		errors.map((error): Fault => ({ place: clientRef ?? "", error })),
	);
	// Requests that were under way together end in any order; a reader goes through the file.
	faults.sort((one, other) => one.place.localeCompare(other.place, "en", { numeric: true }));
	return Map.groupBy(faults, ({ error }) => error.code);
}
