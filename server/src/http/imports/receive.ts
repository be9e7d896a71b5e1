import { createHash } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { ListedOperation } from "@muster/client/contract";
import { errorCode } from "../../store/database.ts";
import { findImport, type StoredImport } from "../../store/imports.ts";
import type { PlainWork } from "../../store/plain-claims.ts";
import { keyOfPart, saveImportParts } from "../../store/save-import-parts.ts";
import type { AcceptedTogether } from "../accept-queue.ts";
import { ProblemError } from "../problem-error.ts";
import type { UploadCall } from "../route.ts";
import type { CutPart } from "./cut-parts.ts";
import { endedProblem } from "./read-upload.ts";

/**
 * Unfinished tasks that a site may have by an import: some ten claims, so that the worker never waits for the upload, others of
 * the site do not wait long behind it, and what plain-tasks.ts holds has room for rows of a kilobyte, and for other sites.
 */
const aheadMax = 100;

/** Most parts, and bytes of them, that are saved by one transaction. */
const togetherMax = 16;
const togetherBytesMax = 2 * 1024 * 1024;

/** How long to wait before a queue that was full is tried again, in milliseconds. */
const fullMs = 25;

/**
 * Saves the parts of an import as they are cut, each with its task, and reads on while that happens; where the site has all
 * the unfinished tasks that it may have, it waits, and so does the sender.
 * @param totalBytes size of the whole file, where the request tells it
 * @returns the import, whole
 * @throws ProblemError upload_conflict where somebody else sends the same file, or it was canceled; what `parts` throws
 */
export async function receive(
	call: UploadCall,
	operation: ListedOperation,
	begun: StoredImport,
	parts: AsyncIterable<CutPart>,
	totalBytes: number | null,
): Promise<StoredImport> {
	const receiving = new Receiving(call, operation, begun, totalBytes);
	try {
		for await (const part of parts) await receiving.take(part);
	} catch (error) {
		await receiving.breakOff(error);
		throw error;
	}
	return receiving.end();
}

/** A part that waits to be saved, with its items judged where that can be done ahead. */
type WaitingPart = Omit<CutPart, "values"> & { readonly work: PlainWork | null };

type Place = Pick<StoredImport, "importId" | "partCount" | "receivedBytes" | "receivedLines">;

class Receiving {
	readonly #call: UploadCall;
	readonly #operation: ListedOperation;
	readonly #dryRun: boolean;
	readonly #aheadMax: number;
	readonly #totalBytes: number | null;
	/** Behind what is being saved. */
	#place: Place;
	#waiting: WaitingPart[] = [];
	#waitingBytes = 0;
	#takenBytes: number;
	/** Until nothing waits, and until what is under way is saved. Neither rejects. */
	#saving: Promise<void> | null = null;
	#step: Promise<void> = Promise.resolve();
	#failure: unknown;

	constructor(call: UploadCall, operation: ListedOperation, begun: StoredImport, totalBytes: number | null) {
		this.#call = call;
		this.#totalBytes = totalBytes;
		this.#operation = operation;
		this.#dryRun = begun.dryRun;
		this.#aheadMax = Math.min(aheadMax, call.principal.settings.unfinishedTasksMax);
		this.#place = begun;
		this.#takenBytes = begun.receivedBytes;
	}

	async take({ values, ...part }: CutPart): Promise<void> {
		// While the parts before are being saved; the columns that come of it are less than the items.
		this.#waiting.push({ ...part, work: this.#judge(values) });
		this.#waitingBytes += part.endByte - this.#takenBytes;
		this.#takenBytes = part.endByte;
		this.#saving ??= this.#saveAll();
		// No more at once than find room again soon.
		const most = Math.min(togetherMax, Math.max(1, Math.floor(this.#aheadMax / 4)));
		// Read on while the last ones are being saved, until as many again are ready.
		while (this.#waiting.length >= most || this.#waitingBytes >= togetherBytesMax) await this.#step;
		if (this.#failure !== undefined) throw this.#failure;
	}

	/** Waits until nothing more of it is saved. */
	async breakOff(error: unknown): Promise<void> {
		this.#failure ??= error;
		await this.#saving;
	}

	async end(): Promise<StoredImport> {
		await this.#saving;
		if (this.#failure !== undefined) throw this.#failure;
		await this.#save([], true);
		const { siteId } = this.#call.principal;
		const whole = await this.#call.services.database.inSite(
			siteId,
			(transaction) => findImport(transaction, siteId, this.#place.importId),
			{ readOnly: true },
		);
		if (whole === null) throw new Error("an import that was received is not there");
		return whole;
	}

	async #saveAll(): Promise<void> {
		while (this.#waiting.length > 0) {
			const parts = this.#waiting;
			this.#waiting = [];
			this.#waitingBytes = 0;
			if (this.#failure !== undefined) continue;
			this.#step = this.#save(parts, false).catch((error: unknown) => {
				this.#failure = error;
			});
			await this.#step;
		}
		this.#saving = null;
	}

	#judge(items: readonly unknown[]): PlainWork | null {
		const { services, principal } = this.#call;
		const task = { dryRun: this.#dryRun };
		return services.plainIntake?.judge(principal.siteId, this.#operation, { task, items }) ?? null;
	}

	async #save(parts: readonly WaitingPart[], isWhole: boolean): Promise<void> {
		const { services, principal } = this.#call;
		const place = this.#place;
		const tasks = parts.flatMap((part, at) =>
			part.itemCount === 0 ? [] : [this.#taskOf(part, keyOfPart(place.importId, place.partCount + at))],
		);
		const receivedBytes = parts.at(-1)?.endByte ?? place.receivedBytes;
		this.#place = {
			...place,
			receivedBytes,
			partCount: place.partCount + parts.length,
			receivedLines: place.receivedLines + parts.reduce((sum, { lineCount }) => sum + lineCount, 0),
		};
		for (;;) {
			const isSaved = await services.accepts
				.acceptTogether(principal.siteId, this.#aheadMax, tasks, (transaction) =>
					saveImportParts(transaction, principal.siteId, place, parts, {
						isWhole,
						totalBytes: isWhole ? receivedBytes : this.#totalBytes,
						tokenId: principal.tokenId,
					}),
				)
				.catch((error: unknown) => {
					throw ["40001", "23505"].includes(errorCode(error) ?? "") ? uploadConflict() : error;
				});
			if (isSaved) return;
			await this.#pause();
		}
	}

	async #pause(): Promise<void> {
		const { upload, signal } = this.#call;
		try {
			await delay(fullMs, undefined, { signal });
		} catch {
			throw endedProblem(upload);
		}
	}

	#taskOf(part: WaitingPart, idempotencyKey: string): AcceptedTogether {
		const { digest, items, itemCount, hasOddNumbers, work } = part;
		const task = {
			operation: this.#operation.name,
			idempotencyKey,
			// No request is compared with it, since none can have the key: what tells the part's bytes will do.
			fingerprint: digest,
			dryRun: this.#dryRun,
			tokenId: this.#call.principal.tokenId,
			itemCount,
			items,
			oddNumbers: hasOddNumbers,
			traceparent: this.#call.traceparent,
		};
		return { task, work };
	}
}

/** @param receivedBytes where it is known */
export function uploadConflict(receivedBytes?: number): ProblemError {
	const where = receivedBytes === undefined ? "" : ` It has ${receivedBytes} bytes of the file.`;
	return new ProblemError(
		"upload_conflict",
		`The import is not where this request takes it up: somebody else is sending its file, it has ended, or this token may no more.${where} Look at the import, and go on from its receivedBytes.`,
		receivedBytes === undefined ? {} : { headers: { "upload-offset": String(receivedBytes) } },
	);
}

/** What makes two requests for an import the same, beside the file. */
export function requestOf(parts: readonly (string | boolean)[]): Buffer {
	return createHash("sha256").update(JSON.stringify(parts)).digest();
}
