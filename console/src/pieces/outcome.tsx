import type { Outcome, TaskStatus } from "@muster/client";
import type { ReactNode } from "react";
import classes from "./outcome.module.css";

const taskWords: Readonly<Record<TaskStatus, { word: string; tone: Tone }>> = {
	processing: { word: "Waiting", tone: "busy" },
	completed: { word: "Completed", tone: "good" },
	failed: { word: "Failed", tone: "bad" },
};

const outcomeTones: Readonly<Record<Outcome, Tone>> = {
	created: "new",
	updated: "good",
	unchanged: "calm",
	skipped: "warn",
	failed: "bad",
	deleted: "warn",
};

export type Tone = "good" | "new" | "bad" | "warn" | "calm" | "busy";

/** A word with a dot in its color: the color says nothing that the word does not. */
export function Mark({ tone, children }: { readonly tone: Tone; readonly children: ReactNode }) {
	return (
		<span className={classes.mark} data-tone={tone}>
			{children}
		</span>
	);
}

/** @param failures of single items in a task that went through */
export function TaskMark({ status, failures }: { readonly status: TaskStatus; readonly failures: number }) {
	const { word, tone } = taskWords[status];
	const isPartly = status === "completed" && failures > 0;
	return <Mark tone={isPartly ? "warn" : tone}>{isPartly ? "With failures" : word}</Mark>;
}

export function OutcomeMark({ outcome }: { readonly outcome: Outcome }) {
	return <Mark tone={outcomeTones[outcome]}>{outcome}</Mark>;
}
