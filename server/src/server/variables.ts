/** A variable of the environment that operators set; docs/configuration.md is made of these. */
export interface Variable {
	readonly name: string;
	/** As it would be written; null: none. */
	readonly default: string | null;
	readonly what: string;
}

/** What a server is told by the environment. `readConfig` in config.ts reads it. */
export const serverVariables: readonly Variable[] = [
	{ name: "PORT", default: "8700", what: "port of the API; 0 takes a free one" },
	{
		name: "HOST",
		default: "127.0.0.1",
		what: "address that is listened on; others can reach it only if you change this",
	},
	{
		name: "MUSTER_DATA",
		default: ".muster",
		what: "folder of the bundled database and of `dev.env`; only its owner may read it",
	},
	{
		name: "DATABASE_URL",
		default: null,
		what: "`postgres://` URL of a PostgreSQL 15 or newer; without it the bundled one is used. `?pgbouncer=true` says that it [leads through pgbouncer](operating.md#through-pgbouncer)",
	},
	{
		name: "MUSTER_PUBLIC_URL",
		default: null,
		what: "what clients call the server; URLs in answers begin with it, never with a `Host` header. Without it, it is made from host and port",
	},
	{
		name: "MUSTER_CORS_ORIGINS",
		default: null,
		what: "origins whose pages may call the API from a browser, with commas between",
	},
	{
		name: "MUSTER_TRUSTED_PROXIES",
		default: null,
		what: "addresses and ranges (`10.0.0.0/8`), with commas between, of proxies whose `X-Forwarded-For` is believed; only they are asked where a request came from",
	},
	{
		name: "MUSTER_WEBHOOKS_PRIVATE",
		default: "false",
		what: "true, for development alone: webhooks may be http, and on addresses of this machine and its network",
	},
	{
		name: "MUSTER_LOG_LEVEL",
		default: "info",
		what: "fatal, error, warn, info, debug, trace or silent; logs are JSON lines on standard error",
	},
	{
		name: "MUSTER_METRICS_PORT",
		default: null,
		what: "port of `GET /metrics` on `HOST`, for Prometheus; without it nothing is measured",
	},
];

/** What commands that speak to a service are told. */
export const clientVariables: readonly Variable[] = [
	{ name: "MUSTER_URL", default: null, what: "address of the service, as `--url`" },
	{ name: "MUSTER_TOKEN", default: null, what: "a token of it, as `--token`" },
	{
		name: "HUBSPOT_TOKEN",
		default: null,
		what: "a Service Key or an OAuth token, for `muster sync hubspot`",
	},
	{ name: "HUBSPOT_URL", default: "https://api.hubapi.com", what: "where HubSpot's API is" },
];
