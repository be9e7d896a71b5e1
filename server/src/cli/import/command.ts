import { randomBytes } from "node:crypto";
import { type Dialect, Interrupted, type MusterClient, MusterError } from "@muster/client";
import { placeOf } from "@muster/client/import";
import type { Command } from "commander";
import { Option } from "commander";
import { connect } from "../connect.ts";
import { exitCodes } from "../exit-codes.ts";
import { complain, count, counted, Screen } from "../screen.ts";
import { UserError } from "../user-error.ts";
import { visible } from "../visible.ts";
import { Changes } from "./changes.ts";
import { type Journal, readJournal, removeJournal, writeJournal } from "./journal.ts";
import { datesOption, presetOption, recordsOption } from "./map-command.ts";
import { expectNamedFiles } from "./named-files.ts";
import { plainFetch } from "./plain-fetch.ts";
import { type Prepared, type PrepareOptions, prepare, showNewFields } from "./prepare.ts";
import { SendProgress } from "./progress.ts";
import { jsonReport, type Report, showFaults, showReport } from "./report.ts";
import { send } from "./send.ts";

interface OutputOptions {
	readonly json?: true;
	readonly jsonl?: true;
}

interface ImportOptions extends PrepareOptions, OutputOptions {
	readonly dryRun?: true;
	readonly to?: string;
	readonly dialect: Dialect;
	readonly site?: string;
}

const examples = `
Rows that fail are written to failed.csv, with what is wrong behind them:
correct them there and import it. An import that was interrupted goes on
with \`muster import resume\`, in the same folder.

Ends with
  0    every row is done
  1    anything unexpected
  2    wrong usage
  3    finished, and some rows failed
  4    the token may not do it
  5    the service is out of reach
  6    nothing of the files can be used
  130  interrupted; \`muster import resume\` goes on

Environment:
  MUSTER_URL, MUSTER_TOKEN, NO_COLOR

Examples:
  muster import contacts.csv
  muster import companies.csv contacts.csv --dry-run
  muster import contacts.csv --preset hubspot --dates dmy
  cat contacts.jsonl | muster import - --json`;

/** From a CRM's export to records: matched, checked, sent and told of. */
export function addImport(program: Command): void {
	const command = program
		.command("import")
		.argument("[files...]", "CSV, TSV or JSONL; - is standard input")
		.description("Import customers and organizations from files, whatever program wrote them")
		.option("--dry-run", "find out what would change, and change nothing")
		.addOption(recordsOption())
		.addOption(presetOption())
		.option("--map <file>", "what the columns become, from `muster map`")
		.addOption(datesOption())
		.addOption(
			new Option("--create-fields <answer>", "whether columns that the site has no field for become fields")
				.choices(["yes", "no", "ask"])
				.default("ask"),
		)
		.option("--to <url>", "the service; MUSTER_URL if left out, else the server of this folder")
		.addOption(
			new Option("--dialect <dialect>", "how the service speaks")
				.choices(["guide", "reference"])
				.default("guide"),
		)
		.option("--site <id>", "the site's id (cloudId) in the paths of the reference dialect")
		.option("--json", "print the report as JSON")
		.option("--jsonl", "print a line of JSON for each row as it ends")
		.addHelpText("after", examples)
		.action(begin);
	command
		.command("resume")
		.argument("[run]", "the import's name; the last one if left out")
		.description("Go on with an import that was interrupted or crashed, in the folder where it was begun")
		.addHelpText("after", "\nExample:\n  muster import resume")
		.action((run: string | undefined, _: object, resume: Command) => goOn(run, resume.optsWithGlobals()));
}

async function begin(paths: readonly string[], options: ImportOptions): Promise<void> {
	expectNamedFiles(paths);
	if (options.map !== undefined && paths.length > 1) {
		throw new UserError("--map is for one file: import them one by one, organizations first.");
	}
	const connected = await connect({ ...options, fetch: plainFetch });
	if (options.dryRun && options.dialect === "reference") await expectDryRuns(connected.client);
	const screen = new Screen(process.stderr);
	const run = `import-${randomBytes(4).toString("hex")}`;
	const prepared = await prepare(run, paths, connected, options).catch(async (error: unknown) => {
		await removeJournal(run);
		throw error;
	});
	showCheck(screen, prepared);
	const { journal, checks } = prepared;
	if (checks.every(({ good }) => good === 0)) {
		for (const { faults } of checks) showFaults(screen, faults.list());
		await removeJournal(run);
		throw new UserError("no row can be used, so nothing was sent.", exitCodes.nothingUsable);
	}
	const dryRun = options.dryRun === true;
	if (!dryRun) await writeJournal(journal);
	await carryOut(journal, { client: connected.client, dryRun, output: options });
}

/** The real service takes no notice of the wish and would carry the rows out; it lists no tasks either. */
async function expectDryRuns(client: MusterClient): Promise<void> {
	try {
		await client.listTasks().next();
	} catch (error) {
		if (!(error instanceof MusterError) || ![404, 405].includes(error.status)) throw error;
		throw new UserError(
			"this service knows no dry run: it would carry the rows out. Nothing was sent. `muster map FILE` shows what the columns become.",
		);
	}
}

async function goOn(run: string | undefined, output: OutputOptions): Promise<void> {
	const journal = await readJournal(run);
	const { url, dialect, site } = journal.service;
	const { client } = await connect({ to: url, dialect, site: site ?? undefined, fetch: plainFetch });
	await carryOut(journal, { client, dryRun: false, output });
}

interface CarryOut {
	readonly client: MusterClient;
	readonly dryRun: boolean;
	readonly output: OutputOptions;
}

async function carryOut(journal: Journal, { client, dryRun, output }: CarryOut): Promise<void> {
	const { run } = journal;
	const screen = new Screen(process.stderr);
	const progress = new SendProgress(screen);
	const changes = new Changes();
	const startedMs = performance.now();
	try {
		const sent = await send(journal, {
			client,
			dryRun,
			interrupted: interruptSignal(screen),
			onStage: (stage) => progress.begin(stage),
			onStageEnd: (stage) => progress.end(stage),
			onProgress: (stage) => progress.update(stage),
			onRow: (stage, end) => {
				if (output.jsonl) console.log(JSON.stringify(end));
				changes.add(end);
				progress.update(stage);
			},
		});
		await removeJournal(run);
		const report = { run, dryRun, sent, changes, tookMs: performance.now() - startedMs };
		print(report, output);
		const hasFailed = sent.stages.some(({ counts }) => counts.failed > 0);
		process.exitCode = hasFailed ? exitCodes.failedRows : 0;
	} catch (error) {
		progress.clear();
		const goesOn = dryRun ? "" : ` Go on with: muster import resume ${run}`;
		if (!(error instanceof Interrupted)) {
			if (!dryRun) complain(`the import stopped.${goesOn}`);
			throw error;
		}
		complain(dryRun ? "interrupted; nothing was changed." : `interrupted; what was sent is saved.${goesOn}`);
		process.exitCode = exitCodes.interrupted;
	}
}

function print(report: Report, output: OutputOptions): void {
	if (output.json) console.log(JSON.stringify(jsonReport(report)));
	else if (output.jsonl) showReport(new Screen(process.stderr), report);
	else showReport(new Screen(process.stdout), report);
}

/** What the rows will most likely come to, before any is sent. */
function showCheck(screen: Screen, { journal, checks, hasShownFields }: Prepared): void {
	for (const [place, { rows, good, faulty, repeated }] of checks.entries()) {
		const file = journal.files[place];
		if (file === undefined) continue;
		const { source, plan } = file;
		const { name, encoding, format } = source;
		const form = format.kind === "jsonl" ? "JSONL" : csvInWords(format.delimiter);
		const written = `${plan.entity}s, ${form}, ${encoding}`;
		screen.line(`${screen.style("bold", visible(name))}  ${screen.style("dim", written)}`);
		screen.line(
			`  ${counted(rows, "row")}: ${count(good)} good, ${count(faulty)} faulty, ${count(repeated)} repeated`,
		);
		const matched = plan.columns.flatMap(({ column, target }) =>
			typeof target === "string" && target !== "skip" ? [`${column} -> ${target}`] : [],
		);
		showDim(screen, matched.join(", "));
		const left = plan.columns.filter(({ target }) => target === "skip").map(({ column }) => column);
		if (left.length > 0) showDim(screen, `left out: ${left.join(", ")}`);
	}
	if (!hasShownFields) showNewFields(screen, journal.newFields);
	showLimits(screen, journal);
	screen.line();
}

/** What the real service cannot do, said before anything is sent. */
function showLimits(screen: Screen, { service, files }: Journal): void {
	const isNamed = files.some(({ plan }) => plan.entity === "customer" && placeOf(plan, "organization") >= 0);
	if (service.dialect !== "reference" || !isNamed) return;
	screen.line();
	screen.text(
		"The real service associates by id, and tells an organization's id only when it makes it. So the organizations that customers name are made first, one by one. Customers of those that are there already go without, unless a file of organizations has their ids (columns name and organizationId), or an earlier import from this folder made them.",
		"yellow",
	);
}

function csvInWords(delimiter: string): string {
	const names: Readonly<Record<string, string>> = { ",": "commas", ";": "semicolons", "|": "bars" };
	return delimiter === "\t" ? "TSV" : `CSV with ${names[delimiter]}`;
}

function showDim(screen: Screen, text: string): void {
	for (const line of screen.wrap(visible(text), 2)) screen.line(`  ${screen.style("dim", line)}`);
}

/** Ctrl-C comes twice by `npm run` and npx: within so many milliseconds it counts as one. */
const sameSignalMs = 500;

/** The first Ctrl-C ends when what is under way has ended; a second one at once, which loses nothing either. */
function interruptSignal(screen: Screen): AbortSignal {
	const interrupted = new AbortController();
	let firstMs = Number.POSITIVE_INFINITY;
	const onSignal = (): void => {
		const nowMs = performance.now();
		if (nowMs - firstMs > sameSignalMs) process.exit(exitCodes.interrupted);
		if (interrupted.signal.aborted) return;
		firstMs = nowMs;
		interrupted.abort();
		screen.passing("")();
		screen.text("Finishing what is under way; Ctrl-C again ends at once.", "dim");
	};
	for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, onSignal);
	return interrupted.signal;
}
