import type { Connection } from "./connection.ts";
import type { SiteSettings, SiteSettingsChange } from "./contract/settings.ts";
import type { AccessToken, AuditEntry, IssuedToken, NewAccessToken, Statistics } from "./contract/site.ts";
import { askPage, type Page, type PageQuery } from "./page.ts";

interface Signal {
	readonly signal?: AbortSignal;
}

/** The site as a whole: its settings, tokens and audit log, which ask for the scope `admin`, and its counts. */
export class Site {
	readonly #connection: Connection;

	constructor(connection: Connection) {
		this.#connection = connection;
	}

	statistics(period: "hour" | "day", { signal }: Signal = {}): Promise<Statistics> {
		return this.#ask("GET", "statistics", { query: { period }, signal });
	}

	settings({ signal }: Signal = {}): Promise<SiteSettings> {
		return this.#ask("GET", "settings", { signal });
	}

	/** What is left out stays as it is. */
	changeSettings(change: SiteSettingsChange): Promise<SiteSettings> {
		return this.#ask("PUT", "settings", { body: change });
	}

	async tokens({ signal }: Signal = {}): Promise<readonly AccessToken[]> {
		const { results } = await this.#ask<{ readonly results: readonly AccessToken[] }>("GET", "tokens", {
			signal,
		});
		return results;
	}

	/** The token is told this once. */
	makeToken(token: NewAccessToken): Promise<IssuedToken> {
		return this.#ask("POST", "tokens", { body: token });
	}

	revokeToken(tokenId: string): Promise<void> {
		return this.#ask("DELETE", `tokens/${encodeURIComponent(tokenId)}`);
	}

	/** What was done to tokens and settings, newest first. */
	audit(page: PageQuery = {}): Promise<Page<AuditEntry>> {
		return askPage(this.#connection, "audit", {}, page);
	}

	async #ask<T>(
		method: "GET" | "POST" | "PUT" | "DELETE",
		path: string,
		options: {
			readonly query?: Readonly<Record<string, string>>;
			readonly body?: unknown;
			readonly signal?: AbortSignal | undefined;
		} = {},
	): Promise<T> {
		// A token that is made twice would be told once.
		const { body } = await this.#connection.ask({ method, path, isOnce: method === "POST", ...options });
		// By the contract.
		return body as T;
	}
}
