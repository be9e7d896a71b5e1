import type { Verdict } from "../domain/emulation.ts";
import { type ItemResult, untriedResult } from "../domain/item-result.ts";
import { parseItems } from "../domain/json.ts";
import type { ClaimedTask } from "../store/claim-tasks.ts";
import type { FinishedTask } from "../store/finish-tasks.ts";

/** Tries of a task by itself before it ends FAILED. */
export const attemptsMax = 5;

export const triedInVain: string = `Muster tried ${attemptsMax} times to apply this task and could not.`;

/** Why a task of an emulated service ends as FAILED; null where it does not. */
export const whyFailed: Readonly<Record<Verdict, string | null>> = {
	apply: null,
	wait: null,
	fail: "This service is emulated, and fails this task.",
	"time-out": "The task timed out.",
};

/** None of the task's items could be tried (contract, section 2). They are not judged: that may be what ends workers. */
export function failTask(task: ClaimedTask, why: string): FinishedTask {
	const fault = {
		code: "task_failed",
		pointer: "",
		message: `${why} Nothing of it was saved.`,
		hint: "Send the items again under a new Idempotency-Key.",
	} as const;
	const results: ItemResult[] = itemsOf(task).map((sent) => untriedResult(sent, fault));
	return { taskId: task.taskId, failed: true, results, images: null };
}

/** The items of a task that is given up; that they cannot be read may be why. */
function itemsOf(task: ClaimedTask): readonly unknown[] {
	try {
		return parseItems(task);
	} catch {
		return Array.from({ length: task.itemCount }, () => null);
	}
}
