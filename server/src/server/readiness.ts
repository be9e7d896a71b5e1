import type { Readiness } from "../http/app.ts";
import type { Database } from "../store/database.ts";
import { readWorkerSeen } from "../store/worker-seen.ts";

/** A worker notes that it runs every few seconds; one that has not for so long, in seconds, is gone. */
const workerLateSeconds = 30;

/**
 * Whether requests can be worked with. Without a worker they can: they are accepted, and carried out when one comes. So that
 * is a reason for people, and none for a proxy to turn every process of the API away.
 * @param hasWorker whether this very process carries out tasks
 */
export async function judgeReadiness(
	database: Database,
	{ isPrepared, isLeaving }: { readonly isPrepared: boolean; readonly isLeaving: boolean },
	hasWorker: boolean,
): Promise<Readiness> {
	if (!isPrepared) return { isReady: false, reasons: ["the database is being prepared"] };
	if (isLeaving) return { isReady: false, reasons: ["the server is stopping: send requests to another one"] };
	try {
		const seconds = await database.inNoSite(readWorkerSeen);
		if (hasWorker || (seconds !== null && seconds <= workerLateSeconds))
			return { isReady: true, reasons: [] };
		const since = seconds === null ? "was ever seen" : `has been seen for ${Math.round(seconds)} s`;
		return {
			isReady: true,
			reasons: [`no worker ${since}: requests are accepted, and carried out when \`muster worker\` runs`],
		};
	} catch {
		return { isReady: false, reasons: ["the database cannot be reached"] };
	}
}
