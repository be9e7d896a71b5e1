import type { TaskSource } from "@muster/client/contract";

/** What a task came of, beside the token that sent it. */
export type SourceKind = Pick<TaskSource, "kind" | "importId" | "connector" | "taskId">;

const uuid = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";
/** Made by save-import-parts.ts; keys that come with requests hold no blanks. */
const ofImport = new RegExp(`^import (${uuid}) `);
/** What retry.ts and undo.ts give where the request names no key; a dry run of an undo has more behind it. */
const ofRetry = new RegExp(`^retry-of-(${uuid})$`);
const ofUndo = new RegExp(`^undo-of-(${uuid})`);
/** As @muster/client makes keys of a bulk run that a connector has named. */
const ofConnector = /^sync-([a-z0-9][a-z0-9-]{0,49})-(?:customer|organization)[.a-z]*-\d+-[0-9a-f]{32}$/;

/**
 * What a task came of, as its operation and key tell. A retry or an undo under a key of the caller's own is a submission
 * like any other, of which nothing more is known.
 */
export function sourceOf(operation: string, idempotencyKey: string): SourceKind {
	const importId = ofImport.exec(idempotencyKey)?.[1];
	if (importId !== undefined) return { kind: "import", importId };
	if (operation.endsWith(".undo")) {
		const undone = ofUndo.exec(idempotencyKey)?.[1];
		return { kind: "undo", ...(undone === undefined ? {} : { taskId: undone }) };
	}
	const retried = ofRetry.exec(idempotencyKey)?.[1];
	if (retried !== undefined) return { kind: "retry", taskId: retried };
	const connector = ofConnector.exec(idempotencyKey)?.[1];
	if (connector !== undefined) return { kind: "connector", connector };
	return { kind: "request" };
}
