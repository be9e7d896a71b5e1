import type { Growth } from "./growth.ts";
import { sizeName } from "./growth.ts";
import { type Judged, judge, type Mark } from "./marks.ts";
import { type Report, reachedBy } from "./report.ts";

const width = 820;
const margin = 24;
/** Where the bars begin, right of their names. */
const barsX = 264;
/** Where every bar's aim is: each row has its own scale, so that one line is the aim of all. */
const aimX = 600;
/** A bar that goes further is cut off here, with its number beside it. */
const barsEndX = 690;
const rowHeight = 30;
const headHeight = 86;
const chartHeight = 150;

/** The picture of a run for the docs: what was reached against the marks, and the rate as one site grows. */
export function pictureOf(report: Report): string {
	// A ratio is the better the longer its bar; times and memory are in the table.
	const rows = judge(report.figures).filter(({ mark, reached }) => mark.unit === "x" && reached !== null);
	const growthY = headHeight + rows.length * rowHeight + 30;
	const height = report.growth.length > 1 ? growthY + chartHeight + 92 : growthY + 14;
	const parts = [
		text(margin, 36, "Muster's speed, as ratios", "title"),
		text(margin, 58, report.machine.replace(/, load .*/, ""), "quiet"),
		...rows.slice(0, 1).map(({ mark }) => text(xOf(mark.must, mark), 76, "must", "quiet", "middle")),
		text(aimX, 76, "aim", "quiet", "middle"),
		...rows.map((judged, row) => bar(judged, headHeight + row * rowHeight)),
		// Over the bars: whether one reaches it is what the eye looks for.
		`<line class="aim" x1="${aimX}" x2="${aimX}" y1="${headHeight - 4}" y2="${growthY - 34}"/>`,
		...(report.growth.length > 1 ? [growthChart(report.growth, growthY)] : []),
	];
	return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title desc">
<title id="title">Muster's speed</title>
<desc id="desc">${escaped(described(report, rows))}</desc>
${style}
<rect class="ground" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>
${parts.join("\n")}
</svg>
`;
}

/** It has a ground of its own: GitHub's theme may be another one than the one that the browser tells a picture. */
const style = `<style>
text { font: 13px system-ui, -apple-system, "Segoe UI", "Liberation Sans", sans-serif; fill: #1f2328; }
.title { font-size: 17px; font-weight: 600; }
.quiet { fill: #59636e; font-size: 12px; }
.ground { fill: #ffffff; stroke: #d1d9e0; }
.bar, .created { fill: #0969da; } .missed { fill: #bc4c00; } .changed { fill: #8250df; }
.track { fill: #eff2f5; }
.aim { stroke: #59636e; stroke-width: 1.5; stroke-dasharray: 4 3; }
.must { stroke: #1f2328; stroke-width: 2; }
.grid { stroke: #d1d9e0; }
polyline { fill: none; stroke-width: 2; }
polyline.created { fill: none; stroke: #0969da; } polyline.changed { fill: none; stroke: #8250df; }
@media (prefers-color-scheme: dark) {
	text { fill: #f0f6fc; } .quiet { fill: #9198a1; }
	.ground { fill: #0d1117; stroke: #3d444d; } .track { fill: #212830; }
	.bar, .created { fill: #4493f8; } .missed { fill: #db6d28; } .changed { fill: #ab7df8; }
	.aim { stroke: #b7bdc8; } .must { stroke: #f0f6fc; } .grid { stroke: #3d444d; }
	polyline.created { fill: none; stroke: #4493f8; } polyline.changed { fill: none; stroke: #ab7df8; }
}
</style>`;

function bar(judged: Judged, y: number): string {
	const { mark, reached, verdict } = judged;
	const mustX = xOf(mark.must, mark);
	const missed = verdict === "MISSED";
	return [
		text(barsX - 12, y + 15, mark.name, "", "end"),
		`<rect class="track" x="${barsX}" y="${y + 2}" width="${barsEndX - barsX}" height="18" rx="2"/>`,
		`<rect class="${missed ? "missed" : "bar"}" x="${barsX}" y="${y + 2}" width="${xOf(reached?.median ?? 0, mark) - barsX}" height="18" rx="2"/>`,
		`<line class="must" x1="${mustX}" x2="${mustX}" y1="${y - 2}" y2="${y + 24}"/>`,
		text(barsEndX + 10, y + 15, `${reachedBy(judged)}${missed ? " missed" : ""}`, ""),
	].join("\n");
}

function xOf(value: number, { aim }: Mark): number {
	return Math.round(Math.min(barsEndX, barsX + (value / aim) * (aimX - barsX)));
}

function growthChart(growth: readonly Growth[], y: number): string {
	const top = y + 40;
	const bottom = top + chartHeight;
	const left = margin + 66;
	const right = 690;
	const most = ceilingOf(Math.max(...growth.flatMap(({ created, changed }) => [created, changed])));
	const xOf = (place: number): number =>
		round(left + 20 + ((right - left - 40) * place) / (growth.length - 1));
	const yOf = (rate: number): number => round(bottom - (rate / most) * chartHeight);
	const line = (of: "created" | "changed", name: string): string =>
		[
			`<polyline class="${of}" points="${growth.map((each, place) => `${xOf(place)},${yOf(each[of])}`).join(" ")}"/>`,
			...growth.map(
				(each, place) => `<circle class="${of}" cx="${xOf(place)}" cy="${yOf(each[of])}" r="3.5"/>`,
			),
			text(right + 4, yOf(growth.at(-1)?.[of] ?? 0) + 4 + nudge(growth.at(-1), of), name, of),
		].join("\n");
	return [
		text(margin, y + 14, "Customers a second, as one site grows", "title"),
		...[0, 0.5, 1].flatMap((part) => [
			`<line class="grid" x1="${left}" x2="${right}" y1="${yOf(part * most)}" y2="${yOf(part * most)}"/>`,
			text(left - 8, yOf(part * most) + 4, (part * most).toLocaleString("en"), "quiet", "end"),
		]),
		...growth.map(({ size }, place) => text(xOf(place), bottom + 20, sizeName(size), "quiet", "middle")),
		text((left + right) / 2, bottom + 38, "customers in the site", "quiet", "middle"),
		line("created", "new"),
		line("changed", "changed"),
	].join("\n");
}

/** Keeps the names of the two lines apart where these end side by side. */
function nudge(last: Growth | undefined, of: "created" | "changed"): number {
	if (last === undefined) return 0;
	const isUpper = last[of] >= Math.max(last.created, last.changed);
	return isUpper ? -4 : 4;
}

/** The next round number, as the top of an axis. */
function ceilingOf(value: number): number {
	const power = 10 ** Math.floor(Math.log10(value));
	const step = [1, 2, 4, 6, 8, 10].find((factor) => factor * power >= value) ?? 10;
	return step * power;
}

function described({ growth }: Report, rows: readonly Judged[]): string {
	const ratios = rows.map((judged) => {
		const { name, must, aim } = judged.mark;
		return `${name}: ${reachedBy(judged)} (must ${must}, aim ${aim})`;
	});
	const sizes = growth.map(
		({ size, created, changed }) =>
			`${sizeName(size)}: ${Math.round(created)} new and ${Math.round(changed)} changed a second`,
	);
	return [...ratios, ...sizes].join("; ");
}

function text(x: number, y: number, content: string, kind: string, anchor = "start"): string {
	const kindOf = kind === "" ? "" : ` class="${kind}"`;
	return `<text${kindOf} x="${x}" y="${y}" text-anchor="${anchor}">${escaped(content)}</text>`;
}

function escaped(content: string): string {
	return content.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}

function round(value: number): number {
	return Math.round(value * 10) / 10;
}
