import type { Connection } from "./connection.ts";
import type { Session, SessionLink } from "./contract/session.ts";

/** Who a token is, and how a browser is kept signed in without one. */
export class Sessions {
	readonly #connection: Connection;

	constructor(connection: Connection) {
		this.#connection = connection;
	}

	/** Whose token or session this is. @throws MusterError with status 401 where there is none */
	get(options: { readonly signal?: AbortSignal } = {}): Promise<Session> {
		return this.#ask("GET", "session", options);
	}

	/** Makes this browser's session. @param secret a token, or what stands behind the # of a link, which then is used up */
	signIn(secret: string): Promise<Session> {
		return this.#ask("POST", "session", { headers: { authorization: `Bearer ${secret}` } });
	}

	/** Ends this browser's session. */
	async signOut(): Promise<void> {
		await this.#connection.ask({ method: "DELETE", path: "session" });
	}

	/** A link that opens the console, signed in as who asks; once, and soon. */
	makeLink(): Promise<SessionLink> {
		return this.#ask("POST", "session/link");
	}

	async #ask<T>(
		method: "GET" | "POST",
		path: string,
		options: { readonly headers?: Readonly<Record<string, string>>; readonly signal?: AbortSignal } = {},
	): Promise<T> {
		// A session or a link more than was asked for would be one that nobody ends.
		const { body } = await this.#connection.ask({ method, path, isOnce: method === "POST", ...options });
		// By the contract.
		return body as T;
	}
}
