import { randomBytes, randomUUID } from "node:crypto";
import { guideBase, referenceBase } from "@muster/client/contract";
import pg from "pg";
import { request } from "undici";
import { inject } from "vitest";
import { Courtesy } from "../src/domain/courtesy.ts";
import { Emulation, type EmulationOptions } from "../src/domain/emulation.ts";
import type { SiteSettings } from "../src/domain/settings.ts";
import { makeToken } from "../src/domain/token.ts";
import { AcceptQueue } from "../src/http/accept-queue.ts";
import { createApp } from "../src/http/app.ts";
import { EndedTasks } from "../src/http/ended-tasks.ts";
import { Uploads } from "../src/http/imports/uploads.ts";
import { LaneQueue } from "../src/http/lane-queue.ts";
import { PlainIntake } from "../src/http/plain-intake.ts";
import type { Services } from "../src/http/route.ts";
import { WholeQueue } from "../src/http/whole-queue.ts";
import { consoleFolder } from "../src/server/console-folder.ts";
import { issueToken } from "../src/server/issue-token.ts";
import { createLogger } from "../src/server/logger.ts";
import { changeSite } from "../src/store/change-site.ts";
import { createSite } from "../src/store/create-site.ts";
import { type Database, openDatabase } from "../src/store/database.ts";
import { PlainTasks } from "../src/store/plain-tasks.ts";
import { Deliverer } from "../src/worker/deliverer.ts";
import type { SendOptions } from "../src/worker/send-webhook.ts";
import { Worker } from "../src/worker/worker.ts";
import { collectedLog, keyCanary } from "./collected-log.ts";
import { expectDiscreet } from "./discreet.ts";

/** A database of this test file's own, copied from the migrated one; `drop` ends it. */
export function aDatabase(): Promise<TestDatabase> {
	return makeDatabase(inject("database").template);
}

/** One that was never migrated. */
export function anEmptyDatabase(): Promise<TestDatabase> {
	return makeDatabase("template1");
}

interface TestDatabase {
	readonly url: string;
	drop(): Promise<void>;
}

async function makeDatabase(template: string): Promise<TestDatabase> {
	const { adminUrl } = inject("database");
	const name = `muster_test_${randomUUID().replaceAll("-", "")}`;
	const asAdmin = async (text: string): Promise<void> => {
		const admin = new pg.Client({ connectionString: adminUrl });
		await admin.connect();
		await admin.query(text).finally(() => admin.end());
	};
	await asAdmin(`create database ${name} template ${template}`);
	const url = new URL(adminUrl);
	url.pathname = `/${name}`;
	return { url: url.href, drop: () => asAdmin(`drop database ${name} with (force)`) };
}

/** The real server on a real port and a database of its own. Its worker works when a test calls `tick`. */
export interface TestMuster {
	readonly url: string;
	readonly databaseUrl: string;
	readonly database: Database;
	readonly whole: WholeQueue;
	readonly services: Services;
	readonly worker: Worker;
	/** null where there are none. */
	readonly plainTasks: PlainTasks | null;
	/** Sends what webhooks are told, when a test calls `tick`. */
	readonly deliverer: Deliverer;
	/** Another one on the same database, as another process would have it. */
	aDeliverer(options?: Partial<SendOptions>): Deliverer;
	/** Trouble that the worker told of. */
	readonly troubles: { readonly what: string; readonly error: unknown }[];
	/** A new site that keeps history, unless the settings say otherwise. */
	aSite(settings?: Partial<SiteSettings>): Promise<TestSite>;
	close(): Promise<void>;
}

export interface Answered {
	readonly status: number;
	readonly headers: Headers;
	/** The body as JSON, null for anything else; its shape is what tests are about. */
	// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the wire holds
	readonly body: any;
	readonly text: string;
}

export interface Ask {
	readonly headers?: Readonly<Record<string, string>>;
	/** Sent as JSON; a string or bytes are sent as they are. */
	readonly body?: unknown;
	readonly base?: string;
	/** Idempotency-Key; a new one for a POST where it is left out, none where it is null. */
	readonly key?: string | null;
	readonly token?: string;
}

/** A site of a test's own, with a token for everything. */
export interface TestSite {
	readonly siteId: string;
	readonly token: string;
	readonly referenceBase: string;
	ask(method: string, path: string, ask?: Ask): Promise<Answered>;
	get(path: string, ask?: Ask): Promise<Answered>;
	post(path: string, body: unknown, ask?: Ask): Promise<Answered>;
	/** Submits, lets the worker work, and gives the ended task in the dialect of the base. */
	// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the wire holds
	run(path: string, body: unknown, ask?: Ask): Promise<any>;
	/** What became of each item of a task. */
	// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the wire holds
	results(taskId: string): Promise<any[]>;
	aToken(scopes: readonly string[], daysValid?: number): Promise<string>;
}

export { guideBase, referenceBase };

export interface MusterOptions {
	readonly workerStarted?: boolean;
	/** Stands between the server and its database. */
	readonly through?: (database: Database) => Database;
	readonly trustedProxies?: readonly string[];
	/** Where the built console lies; the program's own if left out. */
	readonly consoleFolder?: string;
	/** The server's own address in its URLs, which a browser follows, in the place of a made-up one. */
	readonly ownUrl?: boolean;
	/** Most unfinished tasks of all sites together. */
	readonly allUnfinishedMax?: number;
	/** Whether webhooks may be on this machine, where the receivers of tests are; they may where it is left out. */
	readonly webhooksPrivate?: boolean;
	/** Gets every line of the log. */
	readonly onLog?: (line: string) => void;
	/** The clock of limits and of what is believed, in milliseconds. */
	readonly now?: () => number;
	/** Who goes first; by the clock of the machine where it is left out. */
	readonly courtesy?: Courtesy;
	/** Whether items are judged when they are accepted, where that can be; they are where it is left out. */
	readonly plain?: boolean;
	/** How the real service is emulated, if it is. */
	readonly emulation?: EmulationOptions;
}

/** Saves submissions that nobody carries out. */
export function anAcceptQueue(database: Database): AcceptQueue {
	return new AcceptQueue(database, new WholeQueue(database, () => performance.now()), () => undefined);
}

export async function startMuster(options: MusterOptions = {}): Promise<TestMuster> {
	const { url: databaseUrl, drop } = await aDatabase();
	const opened = openDatabase({ url: databaseUrl });
	const database = options.through?.(opened) ?? opened;
	const endedTasks = new EndedTasks();
	const courtesy = options.courtesy ?? new Courtesy(() => performance.now());
	const collected = collectedLog();
	const logger = createLogger("trace", {
		write: (line) => {
			collected.write(line);
			options.onLog?.(line);
		},
	});
	const troubles: { what: string; error: unknown }[] = [];
	const emulation = options.emulation === undefined ? undefined : new Emulation(options.emulation);
	const onTrouble = (what: string, error: unknown): void => {
		troubles.push({ what, error });
		logger.warn({ err: error }, what);
	};
	const webhooksPrivate = options.webhooksPrivate ?? true;
	const publicUrl = "https://muster.test";
	const aDeliverer = (sending: Partial<SendOptions> = {}): Deliverer =>
		new Deliverer({ database, publicUrl, allowPrivate: webhooksPrivate, onTrouble, ...sending });
	const deliverer = aDeliverer();
	const isPlain = emulation === undefined && options.plain !== false;
	const plainTasks = isPlain ? new PlainTasks(database, options.now ?? (() => performance.now())) : null;
	const worker = new Worker({
		database,
		courtesy,
		emulation,
		plainTasks,
		onTrouble,
		onEnded: (taskIds) => endedTasks.announce(taskIds),
	});
	if (options.workerStarted === true) worker.start();
	const now = options.now ?? (() => performance.now());
	const whole = new WholeQueue(database, now, options.allUnfinishedMax);
	const services = {
		database,
		courtesy,
		endedTasks,
		accepts: new AcceptQueue(database, whole, (siteId, tasks) => {
			plainTasks?.hold(siteId, tasks);
			worker.wake(siteId);
		}),
		plainIntake: plainTasks === null ? null : new PlainIntake(plainTasks),
		lanes: new LaneQueue(database),
		publicUrl,
		webhooksPrivate,
		uploads: new Uploads(),
	};
	const app = await createApp({
		services,
		logger,
		now,
		trustedProxies: options.trustedProxies ?? [],
		corsOrigins: ["https://app.test"],
		consoleFolder: options.consoleFolder ?? consoleFolder,
		readiness: async () => ({ isReady: true, reasons: [] }),
		emulation,
	});
	const url = await app.listen({ host: "127.0.0.1", port: 0 });
	if (options.ownUrl === true) services.publicUrl = url;
	return {
		url,
		databaseUrl,
		database,
		whole,
		services,
		worker,
		plainTasks,
		deliverer,
		aDeliverer,
		troubles,
		aSite: (settings = {}) => aSite(url, database, worker, settings),
		close: async () => {
			await app.close();
			await worker.stop();
			await deliverer.stop();
			await database.close();
			await drop();
		},
	};
}

async function aSite(
	url: string,
	database: Database,
	worker: Worker,
	settings: Partial<SiteSettings>,
): Promise<TestSite> {
	const aToken = (siteId: string, scopes: readonly string[], daysValid: number | null): Promise<string> =>
		database.inNoSite(async (transaction) => {
			const token = makeToken(randomBytes(32));
			const expiresAt = daysValid === null ? null : new Date(Date.now() + daysValid * 24 * 3_600_000);
			await issueToken(transaction, { siteId, token, scopes, expiresAt });
			return token;
		});
	const siteId = await database.inNoSite(async (transaction) => {
		const created = await createSite(transaction, `test-${randomUUID()}`);
		if (created === null) throw new Error("a random name is taken");
		// Off by default; on, more is done and seen.
		await changeSite(transaction, created, { history: true, ...settings });
		return created;
	});
	const token = await aToken(siteId, ["*"], null);
	const ask = async (method: string, path: string, asked: Ask = {}): Promise<Answered> => {
		const isRaw = typeof asked.body === "string" || asked.body instanceof Uint8Array;
		const key = asked.key === undefined && method === "POST" ? `${keyCanary}${randomUUID()}` : asked.key;
		// Not by fetch, whose streams are a quarter of what all that a request comes to takes.
		const answer = await request(`${url}${asked.base ?? guideBase}/${path}`, {
			method,
			headers: {
				authorization: `Bearer ${asked.token ?? token}`,
				...(asked.body === undefined ? {} : { "content-type": "application/json" }),
				...(key == null ? {} : { "idempotency-key": key }),
				...asked.headers,
			},
			// A test hands over a text, bytes, or what is to be JSON.
			...(asked.body === undefined
				? {}
				: { body: isRaw ? (asked.body as string | Uint8Array) : JSON.stringify(asked.body) }),
		});
		const text = await answer.body.text();
		const headers = new Headers();
		for (const [name, value] of Object.entries(answer.headers)) {
			for (const each of [value ?? []].flat()) headers.append(name, each);
		}
		expectDiscreet(headers, text);
		const isJson = /^application\/(problem\+)?json/.test(headers.get("content-type") ?? "");
		return {
			status: answer.statusCode,
			headers,
			body: isJson ? JSON.parse(text) : null,
			text,
		};
	};
	const get = (path: string, asked?: Ask): Promise<Answered> => ask("GET", path, asked);
	const post = (path: string, body: unknown, asked: Ask = {}): Promise<Answered> =>
		ask("POST", path, { ...asked, body });
	return {
		siteId,
		token,
		referenceBase: `/jsm/csm/cloudid/${siteId}/api/v1`,
		ask,
		get,
		post,
		run: async (path, body, asked = {}) => {
			const accepted = await post(path, body, asked);
			if (accepted.status !== 202) throw new Error(`expected 202, got ${accepted.status}: ${accepted.text}`);
			await worker.tick();
			return (
				await get(
					`tasks/${accepted.body.taskId ?? accepted.body.id}`,
					asked.base === undefined ? {} : { base: asked.base },
				)
			).body;
		},
		results: async (taskId) => (await get(`tasks/${taskId}/results?limit=100`)).body.results,
		aToken: (scopes, daysValid) => aToken(siteId, scopes, daysValid ?? null),
	};
}
