import type { Stage } from "@muster/client";
import { count, counted, type Progress, type Screen } from "../screen.ts";

/** How often the line is drawn again, in milliseconds: calm to look at, and no work for the program. */
const redrawMs = 100;
/** Before, a rate is chance, and the time that is left a fright: milliseconds. */
const sureMs = 500;
/** Columns kept for the numbers, so that the bar does not change its length. */
const textWidth = 48;

/** A line for the stage that is sent: percent, rows, rate, time left, failed. Off a terminal, one line when it has ended. */
export class SendProgress {
	readonly #screen: Screen;
	#progress: Progress | null = null;
	#startedMs = 0;
	#drawnMs = 0;

	constructor(screen: Screen) {
		this.#screen = screen;
	}

	begin(stage: Stage): void {
		this.#startedMs = performance.now();
		this.#drawnMs = this.#startedMs;
		this.#progress = this.#screen.progress(stage.label, stage.total);
	}

	update(stage: Stage): void {
		const nowMs = performance.now();
		if (nowMs - this.#drawnMs < redrawMs) return;
		this.#drawnMs = nowMs;
		const done = doneOf(stage);
		const text = this.#text(stage, done, nowMs - this.#startedMs);
		this.#progress?.update(done, text.padEnd(textWidth));
	}

	end(stage: Stage): void {
		const done = doneOf(stage);
		const tookMs = performance.now() - this.#startedMs;
		const failed = stage.counts.failed > 0 ? `, ${count(stage.counts.failed)} failed` : "";
		// The bar is full: companies that have rows of their own were counted too, and are not sent twice.
		this.#progress?.end(stage.total, `${counted(done, "row")} in ${timeOf(tookMs)}${failed}`);
		this.#progress = null;
	}

	/** Takes the line away where the stage did not end. */
	clear(): void {
		if (this.#progress !== null) this.#screen.passing("")();
		this.#progress = null;
	}

	#text(stage: Stage, done: number, tookMs: number): string {
		const { total, counts } = stage;
		const part = total === 0 ? 1 : Math.min(1, done / total);
		const rate = tookMs < sureMs ? 0 : Math.round((done / tookMs) * 1_000);
		const leftMs = rate === 0 ? null : ((total - done) / rate) * 1_000;
		const parts = {
			percent: `${Math.floor(part * 100)}%`.padStart(4),
			rows: `${count(done)} of ${count(total)}`,
			...(rate === 0 ? {} : { rate: `${count(rate)}/s` }),
			...(leftMs === null ? {} : { left: `${timeOf(leftMs)} left` }),
			...(counts.failed === 0 ? {} : { failed: `${count(counts.failed)} failed` }),
		};
		const said = (): string => Object.values(parts).join("  ");
		// A narrow terminal goes without the rate, then without the rows.
		for (const least of ["rate", "rows"] as const) {
			if (said().length > this.#screen.widthBehindLabel) delete (parts as Partial<typeof parts>)[least];
		}
		return said();
	}
}

export function doneOf({ counts }: Stage): number {
	return Object.values(counts).reduce((sum, value) => sum + value, 0);
}

/** "0.04 s", "4.2 s", "1:05 min". */
export function timeOf(milliseconds: number): string {
	const seconds = milliseconds / 1_000;
	if (seconds < 60) return `${seconds.toFixed(seconds < 1 ? 2 : seconds < 10 ? 1 : 0)} s`;
	const whole = Math.round(seconds);
	return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")} min`;
}
