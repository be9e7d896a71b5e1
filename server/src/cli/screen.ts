import { styleText } from "node:util";
import { columnsOf } from "./visible.ts";

type Style = Parameters<typeof styleText>[0];

export interface Progress {
	/** Draws the line again, where there is a terminal; "5 of 10" where no text is given. */
	update(done: number, text?: string): void;
	/** Leaves the line as it is to stay. */
	end(done: number, text: string): void;
}

/** Widest line, in characters: wider ones are tiring to read. */
const widthMax = 100;
/** Every line stands so far in, in columns. */
const margin = "  ";
/** Where a number or a bar begins, behind the name of what it is about. */
export const labelWidth = 16;
/** Widest and narrowest bar that is drawn, in columns. */
const barMax = 40;
const barMin = 10;
/** Columns that are kept free behind a bar, so that bars below each other are equally wide. */
const behindBar = 50;

/** Calm text on a stream: plain where that is no terminal, without colours where NO_COLOR is set. */
export class Screen {
	readonly #stream: NodeJS.WriteStream;

	constructor(stream: NodeJS.WriteStream) {
		this.#stream = stream;
	}

	/** Columns for text, the margin left out. */
	get width(): number {
		return Math.min(this.#stream.columns || widthMax, widthMax) - margin.length;
	}

	/** Columns behind the name of what a number or a bar is about. */
	get widthBehindLabel(): number {
		return this.width - labelWidth;
	}

	style(style: Style, text: string): string {
		return styleText(style, text, { stream: this.#stream });
	}

	line(text = ""): void {
		this.#stream.write(text === "" ? "\n" : `${margin}${text}\n`);
	}

	heading(title: string): void {
		this.line();
		this.line();
		this.line(this.style(["bold", "cyan"], title));
		this.line();
	}

	text(text: string, style: Style = []): void {
		for (const line of this.wrap(text)) this.line(this.style(style, line));
	}

	/** Lines that fit behind a number of columns. A word that is too long stays whole. */
	wrap(text: string, behind = 0): string[] {
		return wrapped(text, this.width - behind);
	}

	progress(label: string, total: number): Progress {
		this.#redraw(this.#progressLine(label, 0, `0 of ${count(total)}`));
		return {
			update: (done, text = `${count(done)} of ${count(total)}`) =>
				this.#redraw(this.#progressLine(label, done / total, text)),
			end: (done, text) => {
				this.#redraw("");
				this.line(this.#progressLine(label, done / total, text));
			},
		};
	}

	/** A text that stands only as long as it is true. @returns what takes it away */
	passing(text: string): () => void {
		this.#redraw(this.style("dim", text));
		return () => this.#redraw("");
	}

	#progressLine(label: string, part: number, text: string): string {
		const name = label.padEnd(labelWidth);
		const width = Math.min(barMax, this.width - labelWidth - Math.max(behindBar, text.length + 2));
		if (!this.#stream.isTTY) return name + text;
		// A line that is broken cannot be drawn again.
		if (width < barMin) return (name + text).slice(0, this.width).trimEnd();
		const full = Math.round(Math.min(part, 1) * width);
		const bar = this.style("green", "━".repeat(full)) + this.style("dim", "─".repeat(width - full));
		return `${name}${bar}  ${text}`;
	}

	/** Only a terminal can be drawn on again. */
	#redraw(line: string): void {
		if (this.#stream.isTTY) this.#stream.write(`\r\x1b[2K${line === "" ? "" : margin + line}`);
	}
}

function wrapped(text: string, width: number): string[] {
	const lines: string[] = [];
	let line = "";
	for (const word of text.split(" ")) {
		if (line !== "" && columnsOf(line) + 1 + columnsOf(word) > width) {
			lines.push(line);
			line = word;
		} else line = line === "" ? word : `${line} ${word}`;
	}
	return [...lines, line];
}

/** A sentence for who has called: whole words to a line of a terminal, one line for everything else. */
export function complain(text: string): void {
	const { isTTY, columns } = process.stderr;
	// Behind the name of the program, without a margin.
	const lines = isTTY
		? wrapped(`muster: ${text}`, Math.min(columns || widthMax, widthMax))
		: [`muster: ${text}`];
	for (const line of lines) console.error(line);
}

/** 1093 is "1,093". */
export function count(value: number): string {
	return inEnglish.format(value);
}

/** Made once: a number that brings its own costs more than the line that it stands in. */
const inEnglish = new Intl.NumberFormat("en");

/** "1 row", "1,093 rows". */
export function counted(value: number, one: string): string {
	return `${count(value)} ${one}${value === 1 ? "" : "s"}`;
}

/** Milliseconds as a person says them; number and unit stay on one line. */
export function seconds(milliseconds: number): string {
	return `${(milliseconds / 1_000).toFixed(milliseconds < 1_000 ? 2 : 1)}\u00a0s`;
}
