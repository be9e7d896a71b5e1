import { randomBytes } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { MusterError, type Sleep } from "@muster/client";
import { readHubSpotReach } from "../../server/config.ts";
import { HeldConnector } from "../../sync/held-connector.ts";
import { HubSpotApi } from "../../sync/hubspot/api.ts";
import { HubSpotConnection, HubSpotError } from "../../sync/hubspot/connection.ts";
import type { GoneWay, RecordEnd } from "../../sync/hubspot/context.ts";
import { readState, type SyncOptions, syncHubSpot } from "../../sync/hubspot/sync.ts";
import { Tally } from "../../sync/tally.ts";
import { connect } from "../connect.ts";
import { exitCodes } from "../exit-codes.ts";
import { Changes } from "../import/changes.ts";
import { newProcessName } from "../process-name.ts";
import { Screen } from "../screen.ts";
import { UserError } from "../user-error.ts";
import { readEvery } from "./every.ts";
import { keyFrom } from "./key.ts";
import { printReport, tellFields } from "./report.ts";

export interface HubSpotOptions {
	readonly keyFile?: string;
	readonly dryRun?: true;
	readonly full?: true;
	readonly every?: string;
	readonly contactProperties?: string;
	readonly companyProperties?: string;
	readonly archived: GoneWay;
	readonly merged: GoneWay;
	readonly apiVersion: string;
	readonly to?: string;
	readonly json?: true;
}

const connector = "hubspot";

/** Somebody wants no more. */
class Interrupted extends Error {
	override readonly name = "Interrupted";
}

export async function syncHubSpotCommand(options: HubSpotOptions): Promise<void> {
	const everyMs = options.every === undefined ? null : readEvery(options.every);
	if (everyMs !== null && options.dryRun) throw new UserError("--every and --dry-run do not go together.");
	if (!/^(\d{4}-\d{2}|v3)$/.test(options.apiVersion)) {
		throw new UserError(
			`--api-version is ${JSON.stringify(options.apiVersion)}; a date such as 2026-03, or v3, is expected.`,
		);
	}
	const reach = readHubSpotReach();
	const key = keyFrom(options.keyFile, reach.token);
	const { client } = await connect(options);
	const interrupted = interruptSignal();
	const once = (full: boolean): Promise<number> =>
		runOnce({ ...options, client, key, url: reach.url, interrupted, full, everyMs });
	if (everyMs === null) {
		process.exitCode = await once(options.full === true).catch((error: unknown) => {
			if (interrupted.aborted) return exitCodes.interrupted;
			throw error;
		});
		return;
	}
	for (let isFirst = true; !interrupted.aborted; isFirst = false) {
		const startedMs = performance.now();
		await once(isFirst && options.full === true).catch((error: unknown) => {
			// What goes by itself is waited out; a key that is refused is not.
			if (interrupted.aborted) return;
			if (!isPassing(error)) throw error;
			console.error(`muster: ${error instanceof Error ? error.message : String(error)}`);
		});
		const leftMs = Math.max(0, startedMs + everyMs - performance.now());
		await pause(leftMs, undefined, { signal: interrupted }).catch(() => undefined);
	}
}

interface Once extends Omit<HubSpotOptions, "full"> {
	readonly client: SyncOptions["client"];
	readonly key: () => Promise<string>;
	readonly url: string;
	readonly interrupted: AbortSignal;
	readonly full: boolean;
	readonly everyMs: number | null;
}

/** @returns what the command ends with */
async function runOnce(once: Once): Promise<number> {
	const { client, interrupted, dryRun = false } = once;
	const screen = new Screen(process.stderr);
	const startedMs = performance.now();
	const holder = newProcessName();
	const held = dryRun
		? null
		: await HeldConnector.begin({
				client,
				name: connector,
				holder,
				sleep,
				now,
				signal: interrupted,
				onWait: (message) => screen.text(message, "dim"),
			});
	const signal = held?.lost ?? new AbortController().signal;
	const tally = new Tally(held?.begun.run?.report);
	const changes = new Changes();
	// Between requests only: what was sent is waited for, and its place saved.
	const connection = new HubSpotConnection({
		url: once.url,
		key: once.key,
		sleep,
		now,
		signal: AbortSignal.any([signal, interrupted]),
	});
	const report = () => ({
		...tally.report,
		requests: connection.requests,
		// Tells when the next run is due, counted from the beginning of this one; undefined is left out.
		everySeconds: once.everyMs === null ? undefined : once.everyMs / 1_000,
	});
	try {
		const state = readState(held?.begun.state ?? (await savedState(client)));
		await syncHubSpot(state, {
			client,
			api: new HubSpotApi(connection, once.apiVersion),
			settings: {
				properties: { contacts: listOf(once.contactProperties), companies: listOf(once.companyProperties) },
				archived: once.archived,
				merged: once.merged,
			},
			tally,
			runName: held?.begun.run?.runId ?? `dry-run-${randomBytes(4).toString("hex")}`,
			dryRun,
			full: once.full,
			signal,
			onEnd: (end) => changes.add(rowEndOf(end)),
			onFields: (kind, plan) => tellFields(screen, kind, plan, dryRun),
			save: async (next) => {
				await held?.save({ state: { ...next }, report: report() });
				if (interrupted.aborted) throw new Interrupted();
			},
		});
		await held?.end("COMPLETED", report());
	} catch (error) {
		const isInterrupted = interrupted.aborted && !signal.aborted;
		await held?.end(isInterrupted ? "STOPPED" : "FAILED", report()).catch(() => undefined);
		if (!isInterrupted) throw signal.aborted ? signal.reason : error;
		screen.text("Interrupted; what was sent is saved. The same command goes on.", "dim");
		return exitCodes.interrupted;
	}
	printReport({
		report: tally.report,
		changes,
		dryRun,
		json: once.json === true,
		requests: connection.requests,
		waitedMs: connection.waitedMs,
		tookMs: performance.now() - startedMs,
	});
	return tally.report.customers.failed + tally.report.organizations.failed > 0 ? exitCodes.failedRows : 0;
}

async function savedState(client: SyncOptions["client"]): Promise<Readonly<Record<string, unknown>>> {
	try {
		return (await client.connectors.get(connector)).state;
	} catch (error) {
		if (error instanceof MusterError && error.code === "not_found") return {};
		throw error;
	}
}

function rowEndOf({ record, outcome, changes }: RecordEnd) {
	const [file = "", line] = record.split(" ");
	return { file, line: Number(line), outcome, changes };
}

function listOf(text: string | undefined): readonly string[] | null {
	return text === undefined
		? null
		: text
				.split(",")
				.map((part) => part.trim())
				.filter((part) => part !== "");
}

const sleep: Sleep = async (milliseconds, signal) => {
	await pause(milliseconds, undefined, signal === undefined ? {} : { signal });
};

const now = (): number => performance.now();

function isPassing(error: unknown): boolean {
	if (error instanceof HubSpotError) return error.kind === "daily-limit" || error.kind === "out-of-reach";
	if (error instanceof MusterError) return error.status >= 500 || error.code === "connector_held";
	return error instanceof Error && /^Muster(Network|Timeout)Error$/.test(error.name);
}

/** SIGINT or SIGTERM: ends between two requests; a second one at once, which loses nothing either. */
function interruptSignal(): AbortSignal {
	const interrupted = new AbortController();
	for (const name of ["SIGINT", "SIGTERM"] as const) {
		process.on(name, () => {
			if (interrupted.signal.aborted) process.exit(exitCodes.interrupted);
			interrupted.abort(new Interrupted());
		});
	}
	return interrupted.signal;
}
