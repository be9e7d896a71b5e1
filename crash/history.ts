import type { Submission } from "./submissions.ts";

export interface Summary {
	readonly total: number;
	readonly created: number;
	readonly updated: number;
	readonly unchanged: number;
	readonly skipped: number;
	readonly failed: number;
}

/** One call and its answer. Times are in milliseconds since 1970, by the clock of the harness. */
export interface Call {
	/** Key of the submission that it is about. */
	readonly key: string;
	readonly kind: "submit" | "poll";
	readonly sentAt: number;
	readonly answeredAt: number;
	/** null: the connection was refused or cut. */
	readonly status: number | null;
	/** The code of a problem. */
	readonly code?: string;
	readonly taskId?: string;
	readonly replayed?: boolean;
	/** Of a poll that was answered. */
	readonly task?: { readonly status: string; readonly summary: Summary };
}

/** What clients did, and what they were told, in the order of the answers. */
export class History {
	readonly submissions: Map<string, Submission> = new Map();
	readonly calls: Call[] = [];
	/** When the first try of each key was sent. */
	readonly sentAt: Map<string, number> = new Map();
	/** Keys whose task has not been seen to have ended. */
	readonly open: Set<string> = new Set();
	/** Ids of customers that the harness has removed. */
	readonly removed: Set<string> = new Set();

	begin(submission: Submission, sentAt: number): void {
		this.submissions.set(submission.key, submission);
		this.sentAt.set(submission.key, sentAt);
		this.open.add(submission.key);
	}

	/** Whether a task that was sent by then may still be unfinished. */
	isOpenSince(time: number): boolean {
		for (const key of this.open) {
			if ((this.sentAt.get(key) ?? 0) <= time) return true;
		}
		return false;
	}
}
