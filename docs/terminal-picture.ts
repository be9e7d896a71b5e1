/** What a terminal shows, as tmux captures it with its colours (`capture-pane -e -p`), drawn as an SVG. */

const columnWidth = 8.43;
const lineHeight = 19;
const margin = 18;
const barHeight = 34;

const ink = "#d6deeb";
const background = "#101826";
const colours: Readonly<Record<number, string>> = {
	31: "#ff7b86",
	32: "#7fd88f",
	33: "#f2c46d",
	34: "#82aaff",
	35: "#c792ea",
	36: "#6fd3e0",
};

/** @param command shown as typed @param columns of the terminal */
export function terminalPicture(command: string, captured: string, columns: number): string {
	const lines = captured.trimEnd().split("\n");
	const width = Math.ceil(columns * columnWidth + 2 * margin);
	const height = Math.ceil(barHeight + (lines.length + 2) * lineHeight + margin);
	const top = barHeight + lineHeight;
	const drawn = [`\u001b[32m$\u001b[0m \u001b[1m${command}\u001b[0m`, "", ...lines].map((line, row) =>
		lineOf(line, top + row * lineHeight),
	);
	return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(command)}">
<rect width="${width}" height="${height}" rx="8" fill="${background}"/>
${[0, 1, 2].map((place) => `<circle cx="${margin + 4 + place * 18}" cy="18" r="5" fill="#33415c"/>`).join("")}
<g font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="14" fill="${ink}">
${drawn.filter((line) => line !== "").join("\n")}
</g>
</svg>
`;
}

interface Style {
	readonly colour: string;
	readonly isBold: boolean;
	readonly isDim: boolean;
}

const plain: Style = { colour: ink, isBold: false, isDim: false };

/**
 * A text for each run of one style, each at its own column, so that no font can shift what stands below each other. It is
 * cut at wide gaps too, because SVG makes one blank of several.
 */
function lineOf(line: string, y: number): string {
	let style = plain;
	let column = 0;
	let drawn = "";
	// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what a terminal's colours begin with
	for (const [, codes, text = ""] of line.matchAll(/\u001b\[([\d;]*)m|([^\u001b]+)/g)) {
		if (codes !== undefined) style = codes.split(";").map(Number).reduce(restyled, style);
		for (const { 0: part, index } of text.matchAll(/\S+(?: \S+)*/g)) {
			drawn += run(part, margin + (column + index) * columnWidth, y, style);
		}
		column += text.length;
	}
	return drawn;
}

function run(text: string, x: number, y: number, { colour, isBold, isDim }: Style): string {
	const attributes = [
		`x="${x.toFixed(1)}" y="${y}" textLength="${(text.length * columnWidth).toFixed(1)}"`,
		...(colour === ink ? [] : [`fill="${colour}"`]),
		...(isBold ? ['font-weight="bold"'] : []),
		...(isDim ? ['opacity="0.6"'] : []),
	];
	return `<text ${attributes.join(" ")}>${escaped(text)}</text>`;
}

function restyled(style: Style, code: number): Style {
	if (code === 0) return plain;
	if (code === 1) return { ...style, isBold: true };
	if (code === 2) return { ...style, isDim: true };
	if (code === 22) return { ...style, isBold: false, isDim: false };
	// What is set behind the text (40 to 49) is no matter of its own colour.
	if (code >= 40 && code <= 49) return style;
	return { ...style, colour: colours[code] ?? ink };
}

function escaped(text: string): string {
	return text
		.replaceAll("&", "&amp;")
		.replaceAll("<", "&lt;")
		.replaceAll(">", "&gt;")
		.replaceAll('"', "&quot;");
}
