import { type ImportRun, type Sending, type Sent as SentRows, sendRows } from "@muster/client";
import { FailedFile } from "./failed-file.ts";
import type { Journal } from "./journal.ts";
import { openOrganizationIds } from "./organization-ids.ts";
import { fileOf } from "./rows.ts";

export interface Sent extends SentRows {
	/** Files of rows that failed. */
	readonly failedFiles: readonly string[];
}

/** Carries out a journal. Files of failed rows are written when all has ended; an import that stops leaves none half. */
export async function send(journal: Journal, sending: Sending): Promise<Sent> {
	const { run, service, companies, newFields } = journal;
	const files = journal.files.map(({ source, plan, rows, failedPath }) => ({
		file: fileOf(source),
		plan,
		rows,
		failed: new FailedFile(
			failedPath,
			plan.columns.map(({ column }) => column),
		),
	}));
	const ids = service.dialect === "reference" ? { organizationIds: await openOrganizationIds(service) } : {};
	const importRun: ImportRun = { run, files, companies, newFields, ...ids };
	try {
		const sent = await sendRows(importRun, sending);
		const failedFiles: string[] = [];
		for (const { failed } of files) if (await failed.end()) failedFiles.push(failed.path);
		return { ...sent, failedFiles };
	} catch (error) {
		for (const { failed } of files) await failed.discard();
		throw error;
	}
}
