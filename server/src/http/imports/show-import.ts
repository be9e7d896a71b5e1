import type { Import, ImportColumn } from "@muster/client/contract";
import { importPace } from "../../domain/import-pace.ts";
import { findImportProgress, type ImportProgress } from "../../store/import-progress.ts";
import { findImport, type StoredImport } from "../../store/imports.ts";
import { readAtOneMoment } from "../../store/read-at-one-moment.ts";
import { notFound } from "../problem-error.ts";
import type { Call } from "../route.ts";

/** An import as both dialects show it, but for its id and its status. */
export interface ShownImport {
	readonly importId: string;
	readonly status: "receiving" | "processing" | "completed" | "canceled";
	readonly rest: Omit<Import, "importId" | "status">;
}

/** Without a piece of its file for so long an upload has stalled, in milliseconds: a connection is given up after less. */
const quietMsMax = 30_000;

/** How an import that was found is shown in the dialect of a call, as it is now. @throws ProblemError not_found */
export async function showImport(call: Call, found: StoredImport): Promise<unknown> {
	const { siteId } = call.principal;
	return call.services.database.inSite(
		siteId,
		async (transaction) => {
			// What is received and what of it has ended go on side by side.
			await readAtOneMoment(transaction);
			const now = await findImport(transaction, siteId, found.importId);
			if (now === null) throw notFound();
			return call.dialect.import(shown(now, await findImportProgress(transaction, siteId, now)));
		},
		{ readOnly: true, byKey: true },
	);
}

function shown(found: StoredImport, progress: ImportProgress): ShownImport {
	const { tasks, endedTasks, endedBytes } = progress;
	// An end that was counted stays, also when its tasks are forgotten one by one.
	const isEnded = found.end !== null || (found.isWhole && endedTasks === tasks);
	const endedAt = found.end?.at ?? progress.lastEndedAt ?? found.createdAt;
	const totalBytes = found.isWhole ? found.receivedBytes : found.totalBytes;
	return {
		importId: found.importId,
		status: found.isCanceled
			? "canceled"
			: !found.isWhole
				? "receiving"
				: isEnded
					? "completed"
					: "processing",
		rest: {
			// Written by this program, from its table.
			operation: found.operation as Import["operation"],
			format: found.format,
			...(found.dryRun ? { dryRun: true } : {}),
			createdDate: found.createdAt.toISOString(),
			...(isEnded ? { completedDate: endedAt.toISOString() } : {}),
			receivedBytes: found.receivedBytes,
			...(totalBytes === null ? {} : { totalBytes }),
			receivedItems: found.itemCount,
			unreadableLines: found.unreadableCount,
			tasks: found.end === null ? tasks : found.partCount,
			summary: found.end?.summary ?? progress.summary,
			processedBytes: isEnded ? found.receivedBytes : endedBytes,
			...(isEnded ? { progress: 1 } : paceOf(found, progress, totalBytes)),
			...columnsOf(found.plan),
		},
	};
}

/** Of an import that goes on: how far it is, and when it will end. */
function paceOf(
	found: StoredImport,
	{ tasks, endedTasks, endedBytes, places, now }: ImportProgress,
	totalBytes: number | null,
): Pick<Import, "progress" | "itemsPerSecond" | "estimatedEndDate" | "stalledSinceDate"> {
	const progress =
		totalBytes === null || totalBytes === 0
			? {}
			: { progress: Math.min(1, Math.floor((endedBytes / totalBytes) * 10_000) / 10_000) };
	if (found.isCanceled) return progress;
	// While tasks of it are left the server may be what the file waits for.
	const isQuiet = now.valueOf() - found.receivedAt.valueOf() > quietMsMax;
	if (!found.isWhole && endedTasks === tasks && isQuiet) {
		return { ...progress, stalledSinceDate: found.receivedAt.toISOString() };
	}
	const pace = importPace({ places, totalBytes, nowMs: now.valueOf() });
	if (pace === null) return progress;
	const itemsPerSecond = Math.round(pace.bytesPerMs * 1_000 * (found.itemCount / found.receivedBytes));
	const end = pace.endMs === null ? {} : { estimatedEndDate: new Date(pace.endMs).toISOString() };
	return { ...progress, itemsPerSecond, ...end };
}

/** Of a CSV. The plan was written by plan-columns.ts. */
function columnsOf(plan: unknown): { columns?: ImportColumn[] } {
	const { shown: columns } = (plan ?? {}) as { readonly shown?: readonly ImportColumn[] };
	if (columns === undefined) return {};
	// jsonb keeps no order of keys.
	return { columns: columns.map(({ column, target, ...type }) => ({ column, target, ...type })) };
}
