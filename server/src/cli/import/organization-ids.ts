import { appendFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { IdStore } from "@muster/client";
import type { Service } from "../connect.ts";
import { journalFolder, makeJournalFolder } from "./journal.ts";

/**
 * Ids of organizations that a service has told, a line for each: it tells them once, when they are made, and a later run, or
 * one that goes on, needs them as well.
 */
const path = join(journalFolder, "organization-ids.jsonl");

export async function openOrganizationIds({ url, site }: Service): Promise<IdStore> {
	await makeJournalFolder();
	const service = `${url} ${site ?? ""}`;
	const text = await readFile(path, "utf8").catch(() => "");
	const known = text.split("\n").flatMap((line): [string, string][] => {
		const found = read(line);
		return found?.service === service ? [[found.key, found.id]] : [];
	});
	return {
		known: new Map(known),
		add: (key, id) => appendFileSync(path, `${JSON.stringify({ service, key, id })}\n`, { mode: 0o600 }),
	};
}

interface Line {
	readonly service: string;
	readonly key: string;
	readonly id: string;
}

/** @returns null for the last line of a program that was killed while it wrote */
function read(line: string): Line | null {
	try {
		// Written by this program: see add.
		return JSON.parse(line) as Line;
	} catch {
		return null;
	}
}
