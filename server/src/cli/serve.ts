import type { Command } from "commander";
import { defaultSiteName, emulatedSiteName } from "../domain/first-site.ts";
import { readConfig } from "../server/config.ts";
import type { Parts, Running } from "../server/start.ts";
import { isPgbouncerUnsaid } from "../store/pgbouncer.ts";
import { describeEmulation, type EmulationFlags, readEmulation } from "./emulation-flags.ts";
import { UserError } from "./user-error.ts";

/** Time that requests in flight and the current transaction get to end, in milliseconds. */
const stopMs = 15_000;

/** Time that others in this process get to end after us, in milliseconds. */
const lingerMs = 200;

export function addServe(program: Command): void {
	program
		.command("serve")
		.description("Serve the API and carry out tasks, in the foreground")
		.option("--no-worker", "serve the API alone; run the worker with `muster worker`")
		.option(
			"--emulate",
			"behave like the real service at its limits, on a database of its own, to test clients",
		)
		.option(
			"--faults <rates>",
			"with --emulate: faults by probability, of 429, 503, lost, slow, failed, stuck",
		)
		.option("--seed <number>", "with --emulate: which faults come; the same seed gives the same ones")
		.option("--slow <seconds>", "with --emulate: how long a slow task stays unfinished; 5 if left out")
		.option("--timeout <seconds>", "with --emulate: age of a task that ends as FAILED; 1800 if left out")
		.addHelpText(
			"after",
			"\nEnvironment: PORT, HOST, MUSTER_DATA, DATABASE_URL, MUSTER_PUBLIC_URL, MUSTER_CORS_ORIGINS, MUSTER_TRUSTED_PROXIES, MUSTER_WEBHOOKS_PRIVATE, MUSTER_LOG_LEVEL, MUSTER_METRICS_PORT\n\nExamples:\n  PORT=8800 muster serve\n  muster serve --emulate --faults 429=0.1,503=0.05,lost=0.02 --seed 42",
		)
		.action((options: { worker: boolean } & EmulationFlags) => {
			const emulation = readEmulation(options);
			if (emulation !== undefined && !options.worker) {
				throw new UserError("--emulate needs the worker in the same process; leave --no-worker out.");
			}
			return run({ api: true, worker: options.worker, emulation }, program.version() ?? "");
		});
	program
		.command("worker")
		.description("Carry out tasks, in the foreground, without serving the API")
		.addHelpText("after", "\nExample:\n  DATABASE_URL=postgres://muster@db/muster muster worker")
		.action(() => run({ api: false, worker: true }, program.version() ?? ""));
}

async function run(parts: Parts, version: string): Promise<void> {
	const config = readConfig();
	// Loaded here, because the other commands have no use for a server, and it is most of the program.
	const { start } = await import("../server/start.ts");
	const running = await start(config, parts, version).catch((error: unknown) => {
		throw plain(error, config.host, config.port);
	});
	const stopped = stopOnSignal(running, config.isUnderNpm);
	const { devEnvironment } = await running.ready.catch(async (error: unknown) => {
		await running.stop();
		throw plain(error, config.host, config.port);
	});
	console.log(greeting(running, parts, config.dataFolder, devEnvironment));
	await stopped;
	// Nothing of ours is left; what was loaded ahead of us may still wait for a collector that does not answer.
	setTimeout(() => process.exit(), lingerMs).unref();
}

function plain(error: unknown, host: string, port: number): unknown {
	if (isPgbouncerUnsaid(error)) {
		return new UserError(
			"DATABASE_URL leads to a pgbouncer, and does not say so. Add ?pgbouncer=true to it (with & in the place of ? where there is a ? already).",
		);
	}
	if (!(error instanceof Error) || !("code" in error)) return error;
	if (error.code === "EADDRINUSE") {
		return new UserError(
			`port ${port} of ${host} is taken; maybe Muster is running already. Stop what listens there, or set PORT to another number.`,
		);
	}
	if (error.code === "EACCES" || error.code === "EADDRNOTAVAIL") {
		return new UserError(
			`cannot listen on ${host}:${port} (${error.code}). Set HOST and PORT to what this machine allows.`,
		);
	}
	// An SQLSTATE: PostgreSQL answers, and will not do (no such database, wrong password, too old).
	if (typeof error.code === "string" && /^[0-9A-Z]{5}$/.test(error.code)) {
		return new UserError(`the database refused to work: ${error.message}. Check DATABASE_URL.`);
	}
	return error;
}

/** How often to look whether the shell that npx started us by is still there, in milliseconds. */
const parentMs = 250;

/**
 * The first signal ends cleanly; a second one at once, which loses nothing that was accepted. Under npx a signal ends the
 * shell in between and is not passed on, so losing our parent counts as one.
 */
function stopOnSignal(running: Running, isUnderNpm: boolean): Promise<void> {
	return new Promise((resolve, reject) => {
		let isStopping = false;
		const onSignal = (): void => {
			if (isStopping) process.exit(1);
			isStopping = true;
			const late = setTimeout(() => process.exit(1), stopMs);
			running
				.stop()
				.then(resolve, reject)
				.finally(() => clearTimeout(late));
		};
		if (isUnderNpm) {
			const parent = process.ppid;
			const watch = setInterval(() => {
				if (process.ppid === parent) return;
				clearInterval(watch);
				onSignal();
			}, parentMs);
			watch.unref();
		}
		process.on("SIGTERM", onSignal);
		process.on("SIGINT", onSignal);
	});
}

function describeDatabase({ isEmbedded, isJoined }: Running, dataFolder: string): string {
	if (!isEmbedded) return "PostgreSQL by DATABASE_URL";
	const embedded = `embedded PostgreSQL in ${dataFolder}`;
	return isJoined
		? `${embedded}, which another process of Muster runs; when that ends, this one takes it over, and requests get 503 for a second`
		: embedded;
}

function greeting(running: Running, parts: Parts, dataFolder: string, devEnvironment: string | null): string {
	const database = describeDatabase(running, dataFolder);
	if (running.url === null) return `Muster's worker is ready.\n  database  ${database}`;
	const siteName = parts.emulation === undefined ? defaultSiteName : emulatedSiteName;
	const token =
		devEnvironment === null
			? `the database has a site already: npx muster token create --site ${siteName} --scope '*'`
			: `in ${devEnvironment}, with every scope`;
	const lines = [
		`Muster is ready at ${running.url}`,
		`  console   ${running.url}, signed in by \`npx muster console\``,
		`  docs      ${running.url}/docs`,
		`  database  ${database}`,
		`  token     ${token}`,
		...(parts.emulation === undefined ? [] : [describeEmulation(parts.emulation)]),
		...(parts.worker ? [] : ["  worker    none here: run `muster worker` beside it"]),
	];
	return lines.join("\n");
}
