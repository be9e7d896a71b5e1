import { count, type Progress, type Screen } from "../screen.ts";
import type { Stage } from "./send.ts";

/** How often the line is drawn again, in milliseconds: calm to look at, and no work for the program. */
const redrawMs = 100;
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
		this.#progress?.update(done, this.#text(stage, done, nowMs - this.#startedMs).padEnd(textWidth));
	}

	end(stage: Stage): void {
		const done = doneOf(stage);
		const tookMs = performance.now() - this.#startedMs;
		const failed = stage.counts.failed > 0 ? `, ${count(stage.counts.failed)} failed` : "";
		// The bar is full: companies that have rows of their own were counted too, and are not sent twice.
		this.#progress?.end(stage.total, `${count(done)} rows in ${timeOf(tookMs)}${failed}`);
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
		const rate = Math.round((done / tookMs) * 1_000);
		const leftMs = rate === 0 ? null : ((total - done) / rate) * 1_000;
		return [
			`${Math.floor(part * 100)}%`.padStart(4),
			`${count(done)} of ${count(total)}`,
			`${count(rate)}/s`,
			...(leftMs === null ? [] : [`${timeOf(leftMs)} left`]),
			...(counts.failed === 0 ? [] : [`${count(counts.failed)} failed`]),
		].join("  ");
	}
}

export function doneOf({ counts }: Stage): number {
	return Object.values(counts).reduce((sum, value) => sum + value, 0);
}

/** "4.2 s", "1:05 min". */
export function timeOf(milliseconds: number): string {
	const seconds = milliseconds / 1_000;
	if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
	const whole = Math.round(seconds);
	return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")} min`;
}
