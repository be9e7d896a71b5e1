import type { Emulation, Verdict } from "../domain/emulation.ts";
import type { ClaimedTask } from "../store/claim-tasks.ts";
import type { Transaction } from "../store/database.ts";
import { findSubmission } from "../store/find-submission.ts";

/** What an emulated service does with its oldest task now. The caller holds the lane. */
export async function verdictOn(
	emulation: Emulation,
	transaction: Transaction,
	siteId: string,
	{ taskId }: ClaimedTask,
): Promise<Verdict> {
	const submission = await findSubmission(transaction, siteId, taskId);
	// Only the holder of the lane ends tasks, and erasing leaves them: one that was claimed is there.
	if (submission === null) throw new Error("a task that was claimed is not there");
	return emulation.verdictOn(siteId, submission);
}
