import { type ImportFormat, type ListedOperation, operationNamed } from "@muster/client/contract";
import { listDetailFields } from "../../store/detail-fields.ts";
import { importDigests } from "../../store/import-digests.ts";
import { createImport, findImport, findImportByKey, type StoredImport } from "../../store/imports.ts";
import { notFound, ProblemError } from "../problem-error.ts";
import type { UploadCall } from "../route.ts";
import { cutParts, type ReadRows } from "./cut-parts.ts";
import { type ColumnWishes, type CsvPlan, planColumns } from "./plan-columns.ts";
import { csvRows } from "./read-csv.ts";
import { type Head, readHead, textOf } from "./read-head.ts";
import { jsonLines } from "./read-json-lines.ts";
import { piecesOf } from "./read-upload.ts";
import { receive, requestOf, uploadConflict } from "./receive.ts";
import { AnotherFile, behindSaved } from "./saved-beginning.ts";

/** What is asked for with a file. */
export interface Upload {
	readonly operation: ListedOperation;
	readonly idempotencyKey: string;
	readonly format: ImportFormat;
	readonly dryRun: boolean;
	/** Of a CSV. */
	readonly wishes: ColumnWishes;
}

/**
 * Takes in a file under a key: all of it, or, where the key has an import, what that has not yet.
 * @returns the import, whole, and whether the key had one
 */
export async function upload(
	call: UploadCall,
	asked: Upload,
): Promise<{ readonly found: StoredImport; readonly replayed: boolean }> {
	const { services, principal } = call;
	const { columns, dates = "", preset = "" } = asked.wishes;
	const request = requestOf([asked.operation.name, asked.format, asked.dryRun, dates, preset, ...columns]);
	const known = await services.database.inSite(
		principal.siteId,
		(transaction) => findImportByKey(transaction, principal.siteId, asked.idempotencyKey),
		{ readOnly: true },
	);
	if (known === null || (known.receivedBytes === 0 && !known.isWhole)) {
		const key = keyOf(call, asked.idempotencyKey);
		const found = await services.uploads.begin(key, (takenOver) =>
			begin(endingBy(call, takenOver), asked, request),
		);
		return { found, replayed: false };
	}
	if (!known.request.equals(request)) throw reused(known, asked.idempotencyKey);
	try {
		const found = await services.uploads.takeOver(keyOf(call, asked.idempotencyKey), (takenOver) =>
			resend(endingBy(call, takenOver), asked.operation, known.importId),
		);
		return { found, replayed: true };
	} catch (error) {
		throw error instanceof AnotherFile ? reused(known, asked.idempotencyKey) : error;
	}
}

/** A file that nothing is saved of. */
async function begin(call: UploadCall, asked: Upload, request: Buffer): Promise<StoredImport> {
	const { operation, idempotencyKey, format, dryRun } = asked;
	const { siteId } = call.principal;
	const totalBytes = lengthOf(call);
	const pieces = piecesOf(call.upload, call.signal);
	try {
		const head = await readHead(pieces);
		const plan = format === "csv" ? await planOf(call, head, asked) : null;
		if (format === "jsonl") refuseOneText(head);
		const begun = await call.services.database.inSite(siteId, (transaction) =>
			createImport(transaction, siteId, {
				idempotencyKey,
				request,
				operation: operation.name,
				format,
				dryRun,
				plan,
				totalBytes,
			}),
		);
		if (begun === null) throw uploadConflict();
		const parts = cutParts(head.pieces, readerOf(begun), begun, operation);
		return await receive(call, operation, begun, parts, totalBytes);
	} finally {
		void pieces.return();
	}
}

/** What an upload is told by in this process. */
function keyOf({ principal }: UploadCall, idempotencyKey: string): string {
	return `${principal.siteId} ${idempotencyKey}`;
}

/** A call that ends by a further signal. */
function endingBy(call: UploadCall, signal: AbortSignal): UploadCall {
	return { ...call, signal: AbortSignal.any([call.signal, signal]) };
}

/** A file under a key that has one: what is saved of it must be the same, and what is not is taken in. */
async function resend(call: UploadCall, operation: ListedOperation, importId: string): Promise<StoredImport> {
	const { services, principal, upload, signal } = call;
	const known = await knownImport(call, importId);
	const saved = importDigests(services.database, principal.siteId, known.importId);
	const rest = behindSaved(piecesOf(upload, signal), saved);
	if (known.isWhole) {
		// One that was canceled is answered as it is, whatever would come behind.
		for await (const _ of rest) if (!known.isCanceled) throw new AnotherFile();
		return known;
	}
	return receive(call, operation, known, cutParts(rest, readerOf(known), known, operation), lengthOf(call));
}

/**
 * Takes in what comes behind the part of a file that is saved.
 * @param offset where it begins in the file
 * @throws ProblemError upload_conflict where that is not where the import is
 */
export function goOn(call: UploadCall, found: StoredImport, offset: number): Promise<StoredImport> {
	const key = keyOf(call, found.idempotencyKey);
	return call.services.uploads.takeOver(key, async (takenOver) => {
		const known = await knownImport(call, found.importId);
		if (known.isWhole || offset !== known.receivedBytes) throw uploadConflict(known.receivedBytes);
		const operation = operationNamed(known.operation);
		const length = lengthOf(call);
		const ending = endingBy(call, takenOver);
		const parts = cutParts(piecesOf(call.upload, ending.signal), readerOf(known), known, operation);
		return receive(ending, operation, known, parts, length === null ? null : offset + length);
	});
}

/** An import that was there a moment ago. @throws ProblemError not_found */
async function knownImport({ services, principal }: UploadCall, importId: string): Promise<StoredImport> {
	const found = await services.database.inSite(
		principal.siteId,
		(transaction) => findImport(transaction, principal.siteId, importId),
		{ readOnly: true },
	);
	if (found === null) throw notFound();
	return found;
}

/** What the columns of a CSV become in this site. */
async function planOf(call: UploadCall, head: Head, { operation, wishes }: Upload): Promise<CsvPlan> {
	const { siteId, settings } = call.principal;
	const fields = await call.services.database.inSite(
		siteId,
		(transaction) => listDetailFields(transaction, siteId, operation.entity),
		{ readOnly: true },
	);
	return planColumns(head, operation, wishes, { fields, settings });
}

/** A JSON list, or an object over several lines, would be nothing but lines that cannot be read. */
function refuseOneText(head: Head): void {
	const [first = ""] = textOf(head).trimStart().split("\n", 1);
	if (!first.startsWith("[") && first.trim() !== "{") return;
	throw new ProblemError(
		"invalid_json",
		'The file is one JSON text, and a line for each item is expected, such as `{"email":"jane.smith@acme.com"}`. Nothing was saved; `jq -c \'.[]\'` makes lines of a list.',
	);
}

function readerOf(found: StoredImport): ReadRows {
	const operation = operationNamed(found.operation);
	if (found.format === "jsonl") return jsonLines("editsMax" in operation ? operation.editsMax : undefined);
	// Written by begin, of this type.
	return csvRows(operation, found.plan as CsvPlan, found.receivedBytes === 0);
}

function lengthOf({ headers }: UploadCall): number | null {
	const text = headers["content-length"];
	return text === undefined ? null : Number(text);
}

function reused({ importId }: StoredImport, idempotencyKey: string): ProblemError {
	return new ProblemError(
		"idempotency_key_reused",
		`The Idempotency-Key ${JSON.stringify(idempotencyKey.slice(0, 60))} was used for another file, or asked for something else; it is import ${importId}. Nothing of this one was saved; send it under a new key. A key can only be retried with the same request data`,
	);
}
