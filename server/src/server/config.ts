import { isIP } from "node:net";
import { resolve } from "node:path";
import { pgbouncerIn } from "../store/pgbouncer.ts";

/** What the environment says; read here and nowhere else. */
export interface Config {
	readonly host: string;
	/** 0 asks the system for a free port. */
	readonly port: number;
	/** Folder of the embedded database and of dev.env; an absolute path. */
	readonly dataFolder: string;
	/** null: the embedded database. */
	readonly databaseUrl: string | null;
	/** Without a trailing slash; null: made from host and port. */
	readonly publicUrl: string | null;
	readonly corsOrigins: readonly string[];
	/** Addresses and ranges whose X-Forwarded-For is believed. */
	readonly trustedProxies: readonly string[];
	/** For development: webhooks may be http, and on addresses that are not public. */
	readonly webhooksPrivate: boolean;
	readonly logLevel: string;
	/** Port of /metrics on the same host; null: nothing is measured. */
	readonly metricsPort: number | null;
	/** Whether npm or npx started the program, by way of a shell that passes no signal on. */
	readonly isUnderNpm: boolean;
}

/** A setting that cannot be used; its message is for the one who set it. */
export class ConfigError extends Error {
	override readonly name = "ConfigError";
}

const logLevels = ["fatal", "error", "warn", "info", "debug", "trace", "silent"];

/** @throws ConfigError that names the variable, the value seen and what is allowed */
export function readConfig(environment: NodeJS.ProcessEnv = process.env): Config {
	const logLevel = environment.MUSTER_LOG_LEVEL || "info";
	if (!logLevels.includes(logLevel)) throw wrong("MUSTER_LOG_LEVEL", logLevel, logLevels.join(", "));
	return {
		host: environment.HOST || "127.0.0.1",
		port: readPort("PORT", environment.PORT || "8700"),
		dataFolder: resolve(environment.MUSTER_DATA || ".muster"),
		databaseUrl: readDatabaseUrl(environment.DATABASE_URL),
		publicUrl: readUrl("MUSTER_PUBLIC_URL", environment.MUSTER_PUBLIC_URL),
		corsOrigins: readOrigins(environment.MUSTER_CORS_ORIGINS ?? ""),
		trustedProxies: readProxies(environment.MUSTER_TRUSTED_PROXIES ?? ""),
		webhooksPrivate: readFlag("MUSTER_WEBHOOKS_PRIVATE", environment.MUSTER_WEBHOOKS_PRIVATE || "false"),
		logLevel,
		metricsPort: environment.MUSTER_METRICS_PORT
			? readPort("MUSTER_METRICS_PORT", environment.MUSTER_METRICS_PORT)
			: null,
		isUnderNpm: environment.npm_command !== undefined,
	};
}

/** What a command that speaks to a service is told by the environment. */
export interface Reach {
	readonly url: string | undefined;
	readonly token: string | undefined;
}

export function readReach(environment: NodeJS.ProcessEnv = process.env): Reach {
	return {
		url: readUrl("MUSTER_URL", environment.MUSTER_URL) ?? undefined,
		token: environment.MUSTER_TOKEN || undefined,
	};
}

/** Whether a browser can be opened before who sits here: on Linux only where a desktop runs, and not through ssh. */
export function hasDesktop(environment: NodeJS.ProcessEnv = process.env): boolean {
	if (environment.SSH_CONNECTION !== undefined) return false;
	if (process.platform !== "linux") return true;
	return Boolean(environment.DISPLAY || environment.WAYLAND_DISPLAY);
}

/** What `muster sync hubspot` is told by the environment. */
export interface HubSpotReach {
	/** A Service Key or an OAuth token. */
	readonly token: string | undefined;
	readonly url: string;
}

export function readHubSpotReach(environment: NodeJS.ProcessEnv = process.env): HubSpotReach {
	return {
		token: environment.HUBSPOT_TOKEN || undefined,
		url: readUrl("HUBSPOT_URL", environment.HUBSPOT_URL) ?? "https://api.hubapi.com",
	};
}

function readPort(name: string, text: string): number {
	const port = Number(text);
	if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
	throw wrong(name, text, "a number from 0 to 65535, where 0 is any free port");
}

function readDatabaseUrl(text: string | undefined): string | null {
	if (!text) return null;
	if (/^postgres(ql)?:\/\//.test(text) && URL.canParse(text)) {
		const said = pgbouncerIn(text);
		if (said === null || said === "true" || said === "false") return text;
		throw wrong("?pgbouncer in DATABASE_URL", said, "true or false");
	}
	// The value may hold a password, so it is not shown.
	throw new ConfigError(
		"DATABASE_URL is not a PostgreSQL URL. postgres://user:password@host:5432/database is expected.",
	);
}

function readFlag(name: string, text: string): boolean {
	if (text === "true" || text === "false") return text === "true";
	throw wrong(name, text, "true or false");
}

function readUrl(name: string, text: string | undefined): string | null {
	if (!text) return null;
	if (/^https?:\/\//.test(text) && URL.canParse(text)) return text.replace(/\/+$/, "");
	throw wrong(name, text, "an http or https URL, such as https://muster.example.com");
}

function readOrigins(text: string): readonly string[] {
	const origins = text.split(",").flatMap((part) => part.trim() || []);
	for (const origin of origins) {
		if (URL.canParse(origin) && new URL(origin).origin === origin) continue;
		throw wrong(
			"MUSTER_CORS_ORIGINS",
			origin,
			"origins such as https://app.example.com, with commas between",
		);
	}
	return origins;
}

function readProxies(text: string): readonly string[] {
	const proxies = text.split(",").flatMap((part) => part.trim() || []);
	for (const proxy of proxies) {
		if (isRange(proxy)) continue;
		throw wrong(
			"MUSTER_TRUSTED_PROXIES",
			proxy,
			"addresses and ranges such as 10.0.0.0/8, with commas between",
		);
	}
	return proxies;
}

/** An address of either kind, with the length of its prefix or without. */
function isRange(text: string): boolean {
	const [address = "", prefix, ...rest] = text.split("/");
	const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
	if (bits < 0 || rest.length > 0) return false;
	return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits);
}

function wrong(name: string, value: string, allowed: string): ConfigError {
	return new ConfigError(`${name} is ${JSON.stringify(value)}; expected is ${allowed}.`);
}
