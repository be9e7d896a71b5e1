import type { AddressInfo } from "node:net";
import type { FastifyInstance } from "fastify";
import type { Logger } from "pino";
import { Courtesy } from "../domain/courtesy.ts";
import { Emulation, type EmulationOptions } from "../domain/emulation.ts";
import { AcceptQueue } from "../http/accept-queue.ts";
import { createApp } from "../http/app.ts";
import { EndedTasks } from "../http/ended-tasks.ts";
import { Uploads } from "../http/imports/uploads.ts";
import { LaneQueue } from "../http/lane-queue.ts";
import { PlainIntake } from "../http/plain-intake.ts";
import { TracedAcceptQueue } from "../http/traced-accepts.ts";
import { WholeQueue } from "../http/whole-queue.ts";
import { DatabaseUnavailable, OutcomeUnknown } from "../store/database.ts";
import { migrate } from "../store/migrate.ts";
import type { HeldTask } from "../store/plain-claims.ts";
import { PlainTasks } from "../store/plain-tasks.ts";
import { Deliverer } from "../worker/deliverer.ts";
import { Worker } from "../worker/worker.ts";
import type { Config } from "./config.ts";
import { consoleFolder } from "./console-folder.ts";
import { prepareFirstStart } from "./first-start.ts";
import { Leave } from "./leave.ts";
import { createLogger, standardError } from "./logger.ts";
import { Metrics } from "./metrics.ts";
import { Neighbours } from "./neighbours.ts";
import { type OpenedDatabase, openConfigured } from "./open-database.ts";
import { judgeReadiness } from "./readiness.ts";
import { serveMetrics } from "./serve-metrics.ts";
import { Tracing } from "./tracing.ts";

/** Which parts a process runs. */
export interface Parts {
	readonly api: boolean;
	readonly worker: boolean;
	/** How the real service is emulated, if it is; only where both parts are run. */
	readonly emulation?: EmulationOptions | undefined;
}

export interface Running {
	/** Where the API answers; null for a process without it. */
	readonly url: string | null;
	readonly databaseUrl: string;
	readonly isEmbedded: boolean;
	/** Whether the embedded database was run by another process. */
	readonly isJoined: boolean;
	/** Resolves when everything is ready: with the path of dev.env, or null where there is none for this database. */
	readonly ready: Promise<{ readonly devEnvironment: string | null }>;
	/** Stops intake, lets requests and the current transaction end, and lets go of everything. Idempotent. */
	stop(): Promise<void>;
}

/** How long to wait before a database that cannot be reached is tried again, in milliseconds. */
const retryMs = 500;

/**
 * Wires the program together: the only place that does. Resolves when it listens; `ready` follows.
 * @param version of the program
 */
export async function start(config: Config, parts: Parts, version: string): Promise<Running> {
	const state: State = { isPrepared: false, isStopping: false };
	const logger = createLogger(config.logLevel, standardError());
	const onTrouble = (what: string, error: unknown): void => {
		// What is being let go of may break.
		if (!state.isStopping) logger.warn({ err: error }, what);
	};
	const opened = await openConfigured(config, onTrouble);
	const neighbours = new Neighbours(() => performance.now());
	const endedTasks = new EndedTasks((siteId) => neighbours.tellWaits(siteId));
	const courtesy = new Courtesy(() => performance.now());
	const emulation = parts.emulation === undefined ? undefined : new Emulation(parts.emulation);
	// Where the real service is emulated, each task has a fate of its own.
	const plainTasks =
		parts.worker && emulation === undefined
			? new PlainTasks(opened.database, () => performance.now(), parts.api)
			: null;
	const { metricsPort } = config;
	const metrics = metricsPort === null ? null : new Metrics(version);
	const tracing = Tracing.find(version, opened.database, onTrouble);
	const worker = parts.worker
		? new Worker({
				database: opened.database,
				courtesy,
				emulation,
				plainTasks,
				onTrouble,
				onEnded: (taskIds, siteId) => {
					endedTasks.announce(taskIds);
					neighbours.tellEnded(siteId, taskIds);
				},
				onApplied: (siteId, { ended, taskIds }, seconds) => {
					metrics?.onApplied(ended, seconds);
					tracing?.tasks.onApplied(siteId, taskIds, seconds);
				},
			})
		: null;
	const leave = new Leave(() => performance.now());
	const halves = { endedTasks, courtesy, worker, plainTasks, metrics, tracing, emulation };
	const wired = { config, logger, opened, neighbours, leave, state, ...halves };
	const servers: { close(): unknown }[] = [];
	const app = await listenAll(wired, parts, servers).catch(async (error: unknown) => {
		for (const server of servers) await server.close();
		await opened.close();
		throw error;
	});
	const deliverer = parts.worker
		? new Deliverer({
				database: opened.database,
				publicUrl: config.publicUrl ?? app?.url ?? urlOf(config.host, config.port),
				allowPrivate: config.webhooksPrivate,
				onTrouble,
			})
		: null;
	const ready = prepare(config, opened, logger, state, app?.url ?? null, emulation !== undefined).then(
		(devEnvironment) => {
			if (state.isStopping) return { devEnvironment };
			worker?.start();
			deliverer?.start();
			neighbours.begin(opened.url, { worker, endedTasks }, (error) =>
				onTrouble("other processes cannot be told or heard; tasks are found by looking", error),
			);
			return { devEnvironment };
		},
	);
	let stopped: Promise<void> | undefined;
	return {
		url: app?.url ?? null,
		databaseUrl: opened.url,
		isEmbedded: opened.isEmbedded,
		isJoined: opened.isJoined,
		ready,
		stop: () => {
			stopped ??= stop(wired, ready, servers, [worker, deliverer]);
			return stopped;
		},
	};
}

interface State {
	isPrepared: boolean;
	isStopping: boolean;
}

async function stop(
	{ state, leave, neighbours, opened, tracing }: Wired,
	ready: Promise<unknown>,
	servers: readonly { close(): unknown }[],
	background: readonly (Worker | Deliverer | null)[],
): Promise<void> {
	if (state.isPrepared) await leave.take();
	state.isStopping = true;
	for (const server of servers) await server.close();
	await ready.catch(() => undefined);
	await Promise.all(background.map((each) => each?.stop()));
	await tracing?.stop();
	await neighbours.close();
	await opened.close();
}

interface Wired {
	readonly config: Config;
	readonly logger: Logger;
	readonly opened: OpenedDatabase;
	readonly neighbours: Neighbours;
	readonly endedTasks: EndedTasks;
	readonly courtesy: Courtesy;
	readonly worker: Worker | null;
	readonly plainTasks: PlainTasks | null;
	readonly metrics: Metrics | null;
	readonly tracing: Tracing | null;
	readonly leave: Leave;
	readonly state: State;
	readonly emulation: Emulation | undefined;
}

/** @param servers gets what has to be closed, also where this fails halfway */
async function listenAll(
	wired: Wired,
	parts: Parts,
	servers: { close(): unknown }[],
): Promise<{ readonly url: string } | null> {
	const { config, metrics, opened } = wired;
	if (metrics !== null && config.metricsPort !== null) {
		servers.push(await serveMetrics(metrics, config, config.metricsPort, opened));
	}
	if (!parts.api) return null;
	const { server, url } = await listen(wired);
	servers.unshift(server);
	return { url };
}

async function listen({
	config,
	logger,
	opened,
	neighbours,
	endedTasks,
	courtesy,
	worker,
	plainTasks,
	metrics,
	tracing,
	leave,
	state,
	emulation,
}: Wired): Promise<{ server: FastifyInstance; url: string }> {
	const now = (): number => performance.now();
	const whole = new WholeQueue(opened.database, now);
	const onAccepted = (siteId: string, tasks: readonly HeldTask[]): void => {
		plainTasks?.hold(siteId, tasks);
		if (worker === null) neighbours.tellWork(siteId);
		else worker.wake(siteId);
		metrics?.onAccepted(tasks.length);
	};
	// With a port of the system's choice, the public URL is known only when it listens.
	const services = {
		database: opened.database,
		endedTasks,
		courtesy,
		accepts:
			tracing === null
				? new AcceptQueue(opened.database, whole, onAccepted)
				: new TracedAcceptQueue(tracing.tracer, opened.database, whole, onAccepted),
		plainIntake: plainTasks === null ? null : new PlainIntake(plainTasks),
		lanes: new LaneQueue(opened.database),
		uploads: new Uploads(),
		publicUrl: config.publicUrl ?? urlOf(config.host, config.port),
		webhooksPrivate: config.webhooksPrivate,
	};
	const server = await createApp({
		services,
		logger,
		now,
		trustedProxies: config.trustedProxies,
		corsOrigins: config.corsOrigins,
		consoleFolder,
		readiness: () => {
			leave.onAsked();
			return judgeReadiness(opened.database, { ...state, isLeaving: leave.isTaken }, worker !== null);
		},
		...(metrics === null ? {} : { onAnswered: (answered) => metrics.onAnswered(answered) }),
		tracer: tracing?.tracer ?? null,
		emulation,
	});
	await server.listen({ host: config.host, port: config.port });
	// Listening on a host and port, the address is never a pipe's name or null.
	const { port } = server.server.address() as AddressInfo;
	const url = urlOf(config.host, port);
	if (config.publicUrl === null) services.publicUrl = url;
	return { server, url };
}

function urlOf(host: string, port: number): string {
	const name = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host.includes(":") ? `[${host}]` : host;
	return `http://${name}:${port}`;
}

/** Migrates and makes the first site; waits for a database that cannot be reached, and says so once. */
async function prepare(
	config: Config,
	opened: OpenedDatabase,
	logger: Logger,
	state: State,
	url: string | null,
	isEmulated: boolean,
): Promise<string | null> {
	for (let isFirstTry = true; !state.isStopping; isFirstTry = false) {
		try {
			const applied = await migrate(opened.url);
			for (const name of applied) logger.info({ migration: name }, "migrated");
			const devEnvironment =
				url === null
					? null
					: await prepareFirstStart(
							opened.database,
							config.dataFolder,
							{
								url: config.publicUrl ?? url,
								databaseUrl: opened.url,
							},
							isEmulated,
						);
			state.isPrepared = true;
			return devEnvironment;
		} catch (error) {
			// What was lost while it was being committed is found, or made again.
			if (!(error instanceof DatabaseUnavailable || error instanceof OutcomeUnknown)) throw error;
			if (isFirstTry) logger.warn({ err: error.cause }, "the database cannot be reached; waiting for it");
			await new Promise((resolve) => setTimeout(resolve, retryMs));
		}
	}
	return null;
}
