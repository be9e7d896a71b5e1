import type { Outcome, Summary } from "@muster/client";
import { count } from "./count.ts";
import classes from "./outcome-bar.module.css";

/** In the order in which they stand, from what is good to what is not. */
export const outcomesShown: readonly Outcome[] = [
	"created",
	"updated",
	"unchanged",
	"skipped",
	"failed",
	"deleted",
];

/** How the items of a task ended, as a line of parts; in words for those who do not see it. */
export function OutcomeBar({ summary, isEnded }: { readonly summary: Summary; readonly isEnded: boolean }) {
	const parts = outcomesShown.flatMap((outcome) => {
		const number = summary[outcome] ?? 0;
		return number > 0 ? [{ outcome, number }] : [];
	});
	const text = isEnded
		? parts.map(({ outcome, number }) => `${count(number)} ${outcome}`).join(", ")
		: "waiting";
	return (
		<span className={classes.bar} role="img" aria-label={text} title={text}>
			{isEnded
				? parts.map(({ outcome, number }) => (
						<span key={outcome} data-outcome={outcome} style={{ flexGrow: number }} />
					))
				: null}
		</span>
	);
}
