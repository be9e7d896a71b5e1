import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { machine } from "./report.ts";
import { type Grown, measureGrowing, type Upkeep } from "./scale-growth.ts";
import { type Cell, measureSites } from "./scale-sites.ts";

/**
 * How Muster grows: `npm run bench:scale`. First new customers by 1, 2 and 4 workers for 1 to 1,000 sites, then one site
 * filled to ten million. Each line is printed as it is measured, as a row of a markdown table, and saved with all the
 * others in bench/results/scale.json; so a long run may be started by nohup, and stopped at any time.
 */
const { values: asked } = parseArgs({
	options: {
		workers: { type: "string", default: "1,2,4" },
		sites: { type: "string", default: "1,10,100,1000" },
		/** Of a hundred customers, in each measurement of sites; as many as there are sites, at least. */
		requests: { type: "string", default: "2000" },
		customers: { type: "string", default: "10000000" },
		/** Customers behind which the site is looked at. */
		part: { type: "string", default: "1000000" },
		only: { type: "string", default: "sites,growth" },
	},
});

const begun = new Date().toISOString();
const cells: Cell[] = [];
const grown: Grown[] = [];
let upkeep: Upkeep | null = null;

console.log(`${machine()}\n`);
if (asked.only.includes("sites")) await sites();
if (asked.only.includes("growth")) await growth();

async function sites(): Promise<void> {
	const head = [
		"workers",
		"sites",
		"customers/s",
		"accepted/s",
		"cores: API",
		"workers",
		"PostgreSQL",
		"load",
	];
	printHead(head);
	await measureSites(numbers(asked.workers), numbers(asked.sites), Number(asked.requests), (cell) => {
		cells.push(cell);
		save();
		const { api, workers, postgres, load } = cell.cores;
		printRow([
			cell.workers,
			cell.sites,
			Math.round(cell.rate),
			Math.round(cell.accepted),
			...[api, workers, postgres, load].map((cores) => cores.toFixed(2)),
		]);
	});
	console.log("");
}

async function growth(): Promise<void> {
	printHead([
		"customers",
		"seconds",
		"customers/s",
		"log, B each",
		"table, GB",
		"indexes, GB",
		"tasks, GB",
		"all, GB",
		"Muster, MB",
		"PostgreSQL, MB",
		"dead rows",
		"vacuums",
		"checkpoints",
	]);
	upkeep = await measureGrowing(Number(asked.customers), Number(asked.part), (one) => {
		grown.push(one);
		save();
		const { table, indexes, tasks, database } = one.disk;
		printRow([
			one.customers,
			one.seconds.toFixed(1),
			Math.round(one.rate),
			Math.round(one.walBytes),
			...[table, indexes, tasks, database].map((bytes) => (bytes / 1e9).toFixed(2)),
			Math.round(one.megabytes.muster),
			Math.round(one.megabytes.postgres),
			one.upkeep.deadRows,
			one.upkeep.vacuums,
			one.upkeep.checkpoints,
		]);
	});
	save();
	const { vacuumSeconds, reindexSeconds, indexBefore, indexAfter } = upkeep;
	console.log(
		`\nvacuum (analyze): ${vacuumSeconds.toFixed(1)} s; the index by email anew, beside others: ${reindexSeconds.toFixed(1)} s, ${(indexBefore / 1e9).toFixed(2)} to ${(indexAfter / 1e9).toFixed(2)} GB`,
	);
	const [, second, last] = [grown[0], grown[1], grown.at(-1)];
	if (second === undefined || last === undefined || second === last) return;
	const ratio = last.rate / second.rate;
	console.log(`the last part's rate : the second's = ${ratio.toFixed(2)} (must 0.8)`);
	if (ratio < 0.8) process.exitCode = 1;
}

function numbers(text: string): number[] {
	return text.split(",").map(Number);
}

function printHead(names: readonly string[]): void {
	console.log(`| ${names.join(" | ")} |\n|${"---|".repeat(names.length)}`);
}

function printRow(values: readonly (string | number)[]): void {
	console.log(`| ${values.join(" | ")} |`);
}

function save(): void {
	const path = fileURLToPath(new URL("./results/scale.json", import.meta.url));
	mkdirSync(fileURLToPath(new URL("./results", import.meta.url)), { recursive: true });
	writeFileSync(path, `${JSON.stringify({ begun, machine: machine(), cells, grown, upkeep }, null, "\t")}\n`);
}
