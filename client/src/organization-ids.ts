import type { MusterClient } from "./client.ts";
import { MusterError } from "./errors.ts";
import { cellOf, keyOfName, organizationsOf } from "./import/item-of-row.ts";
import { type FilePlan, placeOf } from "./import/plan.ts";
import type { FileRow, RowFile } from "./import/row-file.ts";
import { Interrupted } from "./interrupted.ts";

/** Ids of organizations that outlast a run, by `keyOfName`. */
export interface IdStore {
	readonly known: ReadonlyMap<string, string>;
	/** Kept when this returns. */
	add(key: string, id: string): void;
}

export interface FileOfNames {
	readonly file: RowFile;
	readonly plan: FilePlan;
}

export interface Finding {
	readonly client: { readonly records: Pick<MusterClient["records"], "organization"> };
	readonly interrupted: AbortSignal;
	/** Called with the number of names to be asked about, before the first, and for each. */
	readonly onBegin: (total: number) => void;
	readonly onName: () => void;
}

/** Organizations that are made at once. */
const concurrency = 4;

/**
 * Ids of organizations by their names. The reference dialect associates by id alone, and the real service tells an id in one
 * place only: in the answer to the making of that organization by itself. So those that customers name are made first, one by
 * one, and ids are kept; one that is there already tells nothing, unless a file or an earlier run has its id.
 */
export class OrganizationIds {
	readonly #ids: Map<string, string>;
	readonly #store: IdStore | null;

	constructor(store: IdStore | null) {
		this.#store = store;
		this.#ids = new Map(store?.known);
	}

	get ids(): ReadonlyMap<string, string> {
		return this.#ids;
	}

	has(name: string): boolean {
		return this.#ids.has(keyOfName(name));
	}

	note(name: string, id: string): void {
		this.#ids.set(keyOfName(name), id);
	}

	/** @throws Interrupted, and what the client throws where it refuses more than the one name */
	async find(
		organizations: readonly FileOfNames[],
		customers: readonly FileOfNames[],
		{ client, interrupted, onBegin, onName }: Finding,
	): Promise<void> {
		const spellings = await this.#readOrganizations(organizations);
		const names = await this.#unknownOf(customers);
		if (names.size === 0) return;
		onBegin(names.size);
		// As the organizations' own file spells them, else as the first customer does.
		const left = [...names].map(([key, name]) => spellings.get(key) ?? name).values();
		const makeSome = async (): Promise<void> => {
			for (const name of left) {
				if (interrupted.aborted) throw new Interrupted();
				const id = await client.records.organization.make({ name }).catch(noneWhereRefused);
				if (id !== null) {
					this.note(name, id);
					this.#store?.add(keyOfName(name), id);
				}
				onName();
			}
		};
		const ends = await Promise.allSettled(Array.from({ length: concurrency }, makeSome));
		for (const end of ends) if (end.status === "rejected") throw end.reason;
	}

	/** @returns names by key */
	async #readOrganizations(files: readonly FileOfNames[]): Promise<ReadonlyMap<string, string>> {
		const spellings = new Map<string, string>();
		for (const { file, plan } of files) {
			const [namePlace, idPlace] = [placeOf(plan, "name"), placeOf(plan, "id")];
			for await (const { cells } of rowsOf({ file, plan })) {
				const [name, id] = [cellOf(cells, namePlace), cellOf(cells, idPlace)];
				if (name === "") continue;
				if (id !== "") this.note(name, id);
				if (!spellings.has(keyOfName(name))) spellings.set(keyOfName(name), name);
			}
		}
		return spellings;
	}

	/** @returns names by key */
	async #unknownOf(customers: readonly FileOfNames[]): Promise<ReadonlyMap<string, string>> {
		const names = new Map<string, string>();
		for (const { file, plan } of customers) {
			if (placeOf(plan, "organization") < 0) continue;
			for await (const { cells } of rowsOf({ file, plan })) {
				for (const name of organizationsOf(plan, cells)) {
					const key = keyOfName(name);
					if (!this.has(name) && !names.has(key)) names.set(key, name);
				}
			}
		}
		return names;
	}
}

async function* rowsOf({ file, plan }: FileOfNames): AsyncGenerator<FileRow, void> {
	for await (const piece of file.rows(plan.columns.map(({ column }) => column))) yield* piece;
}

/** It is there already, or it has a name that is none; the bulk request that follows says so where it matters. */
function noneWhereRefused(error: unknown): null {
	if (error instanceof MusterError && [400, 409, 422].includes(error.status)) return null;
	throw error;
}
