import { mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Entity, NewDetailField } from "@muster/client/contract";
import type { FilePlan } from "@muster/client/import";
import type { Service } from "../connect.ts";
import { UserError } from "../user-error.ts";
import type { Source } from "./source.ts";

/**
 * An import as it was begun. It is all that is needed to go on after a crash: every request's key is made of the run's
 * name, its place and its content, so that sent again it is the task that it was, and tells the same.
 */
export interface Journal {
	readonly version: 1;
	/** Names the run. */
	readonly run: string;
	readonly service: Service;
	readonly files: readonly FileWork[];
	/** Organizations that customers name and no file has. */
	readonly companies: number;
	readonly newFields: Readonly<Record<Entity, readonly NewDetailField[]>>;
}

export interface FileWork {
	readonly source: Source;
	readonly plan: FilePlan;
	readonly rows: number;
	/** Where rows that fail are written. */
	readonly failedPath: string;
}

/** Beside the files that are imported: imports are begun and resumed in one folder. */
export const journalFolder = ".muster-import";

/** Of the copy of standard input, which cannot be read a second time. */
export function inputPath(run: string): string {
	return join(journalFolder, `${run}.input`);
}

export async function makeJournalFolder(): Promise<void> {
	await mkdir(journalFolder, { recursive: true, mode: 0o700 });
}

/** On the disk when this resolves: nothing is sent before. */
export async function writeJournal(journal: Journal): Promise<void> {
	await makeJournalFolder();
	const path = join(journalFolder, `${journal.run}.json`);
	const file = await open(`${path}.part`, "w", 0o600);
	try {
		await file.writeFile(JSON.stringify(journal));
		await file.sync();
	} finally {
		await file.close();
	}
	await rename(`${path}.part`, path);
}

export async function removeJournal(run: string): Promise<void> {
	for (const path of [join(journalFolder, `${run}.json`), inputPath(run)]) await rm(path, { force: true });
}

/** The journal of a run, or of the one that was begun last. @throws UserError where there is none, or its files changed */
export async function readJournal(run: string | undefined): Promise<Journal> {
	const name = run ?? (await lastRun());
	const text = await readFile(join(journalFolder, `${name}.json`), "utf8").catch(() => null);
	if (text === null) {
		throw new UserError(
			`there is no import to resume${name === undefined ? "" : ` of the name ${name}`}. Run this in the folder in which it was begun.`,
		);
	}
	// Written by this program, whole: see writeJournal.
	const journal = JSON.parse(text) as Journal;
	for (const { source } of journal.files) {
		const now = await stat(source.path).catch(() => null);
		if (now?.size === source.size && now.mtimeMs === source.changedMs) continue;
		const what = now === null ? "is gone" : "has changed";
		throw new UserError(
			`${source.name} ${what} since this import began. Import it anew: what is there already will be unchanged.`,
		);
	}
	return journal;
}

async function lastRun(): Promise<string | undefined> {
	const names = (await readdir(journalFolder).catch(() => [])).filter((name) => name.endsWith(".json"));
	let last: { readonly name: string; readonly changedMs: number } | undefined;
	for (const name of names) {
		const { mtimeMs } = await stat(join(journalFolder, name));
		if (last === undefined || mtimeMs > last.changedMs) last = { name, changedMs: mtimeMs };
	}
	return last?.name.replace(/\.json$/, "");
}
