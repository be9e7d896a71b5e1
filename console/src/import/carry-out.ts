import { type Sent, type Stage, sendRows } from "@muster/client";
import {
	cellOf,
	type FilePlan,
	failedColumns,
	isFedBack,
	newFieldsOf,
	type RowFault,
} from "@muster/client/import";
import { csvOf } from "../pieces/csv.ts";
import { queries } from "../queries.ts";
import { service } from "../service.ts";
import type { Corrected, OpenedFile } from "./open-file.ts";

export interface Sending {
	readonly file: OpenedFile;
	readonly plan: FilePlan;
	readonly rows: number;
	readonly companies: number;
	readonly corrected: Corrected;
	readonly stop: AbortSignal;
	/** Told as rows end, a few times a second at most. */
	readonly onProgress: (stages: readonly Stage[]) => void;
}

export interface Ended {
	readonly sent: Sent;
	/** Rows that failed, with what is wrong behind them, as a file that can be corrected and imported; null where none did. */
	readonly failedFile: readonly string[] | null;
}

const progressMs = 150;

/** Sends a file by the engine that `muster import` sends by, so that counts and failures are the same. */
export async function carryOut(sending: Sending): Promise<Ended> {
	const { file, plan, rows, companies, corrected, stop, onProgress } = sending;
	const failed = new FailedRows(plan);
	const stages: Stage[] = [];
	let toldMs = 0;
	const tell = (isAlways: boolean): void => {
		const nowMs = performance.now();
		if (!isAlways && nowMs - toldMs < progressMs) return;
		toldMs = nowMs;
		onProgress(stages.map((stage) => ({ ...stage, counts: { ...stage.counts } })));
	};
	const sent = await sendRows(
		{
			// Of each import its own: the same file sent again is meant again.
			run: `console-${crypto.randomUUID().slice(0, 8)}`,
			files: [{ file: file.read(corrected), plan, rows, failed }],
			companies,
			newFields: {
				customer: newFieldsOf("customer", [plan]),
				organization: newFieldsOf("organization", [plan]),
			},
		},
		{
			client: service,
			dryRun: false,
			interrupted: stop,
			onStage: (stage) => {
				stages.push(stage);
				tell(true);
			},
			onRow: () => tell(false),
			onStageEnd: () => tell(true),
		},
	);
	await queries.invalidateQueries();
	return { sent, failedFile: failed.file() };
}

/** Failed rows with the user's own columns and what is wrong behind them, as `muster import` writes them. */
class FailedRows {
	readonly #columns: readonly string[];
	readonly #parts: string[] = [];

	constructor({ columns }: FilePlan) {
		const names = columns.map(({ column }) => column);
		this.#columns = isFedBack(names) ? names.slice(0, -failedColumns.length) : names;
	}

	add(line: number, cells: readonly string[], faults: readonly RowFault[]): void {
		const codes = [...new Set(faults.map(({ code }) => code))].join(" ");
		const messages = faults.map(({ message }) => message).join(" ");
		const hints = faults.flatMap(({ hint }) => hint ?? []).join(" ");
		const own = this.#columns.map((_, place) => cellOf(cells, place));
		// Without its mark of UTF-8, which stands at the beginning alone.
		this.#parts.push(csvOf([[...own, String(line), codes, messages, hints]]).slice(1));
	}

	file(): readonly string[] | null {
		if (this.#parts.length === 0) return null;
		return [csvOf([[...this.#columns, ...failedColumns]]), ...this.#parts];
	}
}
