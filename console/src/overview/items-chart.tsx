import { Group, Text, VisuallyHidden } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import type { Statistics } from "@muster/client";
import { useState } from "react";
import { count } from "../pieces/count.ts";
import { OutcomeMark } from "../pieces/outcome.tsx";
import classes from "./items-chart.module.css";
import { scaleTo } from "./scale.ts";

type Bucket = Statistics["buckets"][number];

/** From what is good to what is not, as the parts of a column stand. */
const outcomesShown = ["created", "updated", "unchanged", "skipped", "failed"] as const;
type Outcome = (typeof outcomesShown)[number];

/** In pixels. It is as wide as there is room, and as wide as this until that is known. */
const height = 180;
const widthUsual = 720;
/** Room for the numbers beside it. */
const side = 52;
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });

/**
 * Items by when their task ended, a column for each span of time, in parts by outcome. What it shows stands in a table too,
 * for those who do not see it; pointing at a column tells its numbers below.
 */
export function ItemsChart({ statistics: { buckets, bucketSeconds } }: { readonly statistics: Statistics }) {
	const [pointed, setPointed] = useState<Bucket | null>(null);
	const totals = Object.fromEntries(
		outcomesShown.map((outcome) => [outcome, buckets.reduce((sum, bucket) => sum + bucket[outcome], 0)]),
	) as Record<Outcome, number>;
	const { top, steps } = scaleTo(Math.max(...buckets.map(totalOf)));
	const { ref, width: room } = useElementSize<HTMLElement>();
	const width = Math.max(160, (room || widthUsual) - side - 8);
	const step = width / buckets.length;
	const y = (value: number): number => height - (value / top) * height;
	const shown = pointed ?? totals;
	return (
		<figure className={classes.figure} ref={ref}>
			<svg
				className={classes.chart}
				viewBox={`${-side} -10 ${width + side + 8} ${height + 40}`}
				height={height + 40}
				role="img"
				aria-label="Items by outcome over time; the table behind this has the numbers"
				onPointerLeave={() => setPointed(null)}
			>
				{steps.map((value) => (
					<g key={value}>
						<line className={classes.line} x1={0} x2={width} y1={y(value)} y2={y(value)} />
						<text className={classes.label} x={-8} y={y(value) + 4} textAnchor="end">
							{count(value)}
						</text>
					</g>
				))}
				{buckets.map((bucket, place) => (
					<g key={bucket.from} onPointerEnter={() => setPointed(bucket)}>
						<rect className={classes.target} x={place * step} y={-10} width={step} height={height + 10} />
						{partsOf(bucket).map(({ outcome, from, to }) => (
							<rect
								key={outcome}
								data-outcome={outcome}
								x={place * step + step * 0.12}
								width={step * 0.76}
								y={y(to)}
								height={Math.max(1, y(from) - y(to))}
							/>
						))}
					</g>
				))}
				{(width < 500 ? [0, 0.5] : [0, 0.25, 0.5, 0.75]).map((part) => (
					<text key={part} className={classes.label} x={part * width} y={height + 20}>
						{clock.format(new Date(buckets[Math.floor(part * buckets.length)]?.from ?? 0))}
					</text>
				))}
				<text className={classes.label} x={width} y={height + 20} textAnchor="end">
					now
				</text>
			</svg>
			<figcaption>
				<Group gap="md">
					<Text size="sm" c="dimmed">
						{pointed === null
							? `All ${bucketSeconds === 60 ? "by the minute" : "by the half hour"}`
							: `From ${clock.format(new Date(pointed.from))}`}
					</Text>
					{outcomesShown.map((outcome) => (
						<Text key={outcome} size="sm" component="span">
							<OutcomeMark outcome={outcome} /> <strong>{count(shown[outcome])}</strong>
						</Text>
					))}
				</Group>
			</figcaption>
			<VisuallyHidden>
				<table>
					<caption>Items by outcome</caption>
					<thead>
						<tr>
							<th scope="col">From</th>
							{outcomesShown.map((outcome) => (
								<th key={outcome} scope="col">
									{outcome}
								</th>
							))}
						</tr>
					</thead>
					<tbody>
						{buckets
							.filter((bucket) => totalOf(bucket) > 0)
							.map((bucket) => (
								<tr key={bucket.from}>
									<th scope="row">{clock.format(new Date(bucket.from))}</th>
									{outcomesShown.map((outcome) => (
										<td key={outcome}>{count(bucket[outcome])}</td>
									))}
								</tr>
							))}
					</tbody>
				</table>
			</VisuallyHidden>
		</figure>
	);
}

function totalOf(bucket: Bucket): number {
	return outcomesShown.reduce((sum, outcome) => sum + bucket[outcome], 0);
}

/** The parts of a column, from the bottom up. */
function partsOf(bucket: Bucket): readonly { outcome: Outcome; from: number; to: number }[] {
	let height = 0;
	return outcomesShown.flatMap((outcome) => {
		if (bucket[outcome] === 0) return [];
		const from = height;
		height += bucket[outcome];
		return { outcome, from, to: height };
	});
}
