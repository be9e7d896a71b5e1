import { type FileHandle, open, rename, rm } from "node:fs/promises";
import {
	cellOf,
	exactCellOf,
	failedColumns,
	guardCell,
	isFedBack,
	isOwnExport,
	type RowFault,
} from "@muster/client/import";
import { stringify } from "csv-stringify/sync";

/**
 * Rows that failed, with the user's own columns and what is wrong behind them: corrected, the file is imported as it is.
 * It takes its place when all is written, because the file that is read may be the one of the last time.
 */
export class FailedFile {
	readonly path: string;
	readonly #columns: readonly string[];
	readonly #cellOf: typeof cellOf;
	#file: FileHandle | null = null;
	rows = 0;

	constructor(path: string, columns: readonly string[]) {
		this.path = path;
		this.#cellOf = isOwnExport(columns) ? exactCellOf : cellOf;
		this.#columns = isFedBack(columns) ? columns.slice(0, -failedColumns.length) : columns;
	}

	async add(line: number, cells: readonly string[], faults: readonly RowFault[]): Promise<void> {
		if (this.#file === null) {
			this.#file = await open(this.#part, "w");
			// Without the mark, spreadsheets take UTF-8 for something else.
			await this.#file.appendFile(`\ufeff${stringify([[...this.#columns, ...failedColumns]])}`);
		}
		const codes = [...new Set(faults.map(({ code }) => code))].join(" ");
		const messages = faults.map(({ message }) => message).join(" ");
		const hints = faults.flatMap(({ hint }) => hint ?? []).join(" ");
		const own = this.#columns.map((_, place) => this.#cellOf(cells, place));
		const row = [...own, String(line), codes, messages, hints].map(guardCell);
		await this.#file.appendFile(stringify([row]));
		this.rows += 1;
	}

	/** @returns whether there is a file */
	async end(): Promise<boolean> {
		if (this.#file === null) return false;
		await this.#file.close();
		await rename(this.#part, this.path);
		return true;
	}

	async discard(): Promise<void> {
		await this.#file?.close();
		await rm(this.#part, { force: true });
	}

	get #part(): string {
		return `${this.path}.part`;
	}
}
