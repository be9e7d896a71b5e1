import { once } from "node:events";
import {
	type AddressInfo,
	connect,
	createServer,
	type NetConnectOpts,
	type Server,
	type Socket,
} from "node:net";
import { parse } from "pg-connection-string";

/** Whether the commit at which a connection is cut has arrived. */
export type Moment = "before" | "after";

/** PostgreSQL's message of a commit, as pg sends it: Q, a length of 11, and the text. */
const commitMessage = Buffer.from("Q\0\0\0\x0bcommit\0", "latin1");
/** The end of the message that answers it. */
const commitAnswer = Buffer.from("COMMIT\0", "latin1");

/** A port that leads to a PostgreSQL, and cuts connections at the moment that leaves the most in doubt. */
export class Doorway {
	readonly #inside: string;
	readonly #server: Server;
	readonly #sockets: Set<Socket> = new Set();
	#cut: { readonly moment: Moment; readonly of: string; resolve(): void } | null = null;

	/** @param url of the PostgreSQL that it leads to */
	static async open(url: string): Promise<Doorway> {
		const doorway = new Doorway(url);
		doorway.#server.listen(0, "127.0.0.1");
		await once(doorway.#server, "listening");
		return doorway;
	}

	private constructor(url: string) {
		const target = targetOf(url);
		this.#inside = url;
		this.#server = createServer((outer) => this.#lead(outer, connect(target)));
	}

	/** The same login and database, through the doorway. */
	get url(): string {
		const through = new URL(this.#inside);
		through.search = "";
		through.hostname = "127.0.0.1";
		// Listening on a port, the address is never a pipe's name or null.
		through.port = String((this.#server.address() as AddressInfo).port);
		return through.href;
	}

	/**
	 * Cuts the next connection that commits; resolves when it is cut.
	 * @param of only a transaction in which this was said
	 */
	cutAtCommit(moment: Moment, of = ""): Promise<void> {
		return new Promise((resolve) => {
			this.#cut = { moment, of, resolve };
		});
	}

	async close(): Promise<void> {
		for (const socket of this.#sockets) socket.destroy();
		this.#server.close();
		await once(this.#server, "close");
	}

	#lead(outer: Socket, inner: Socket): void {
		const end = (): void => {
			outer.destroy();
			inner.destroy();
		};
		/** Set when the answer to a commit is not to arrive. */
		let onAnswer: (() => void) | null = null;
		for (const socket of [outer, inner]) {
			socket.setNoDelay(true);
			this.#sockets.add(socket);
			socket.on("error", end).on("close", () => {
				end();
				this.#sockets.delete(socket);
			});
		}
		/** Whether what the cut is about was said since it was asked for. */
		let isMeant = false;
		outer.on("data", (sent: Buffer) => {
			if (this.#cut === null) {
				isMeant = false;
				return forward(sent, outer, inner);
			}
			const { moment, of, resolve } = this.#cut;
			isMeant ||= sent.includes(of);
			const place = sent.indexOf(commitMessage);
			if (place < 0 || !isMeant) return forward(sent, outer, inner);
			this.#cut = null;
			if (moment === "after") {
				onAnswer = resolve;
				inner.write(sent);
				return;
			}
			// What comes ahead of it arrives, and then the end.
			inner.end(sent.subarray(0, place));
			outer.destroy();
			resolve();
		});
		inner.on("data", (answered: Buffer) => {
			if (onAnswer === null || !answered.includes(commitAnswer)) return forward(answered, inner, outer);
			onAnswer();
			end();
		});
	}
}

/** As fast as the other side takes it. */
function forward(data: Buffer, from: Socket, to: Socket): void {
	if (to.write(data)) return;
	from.pause();
	to.once("drain", () => from.resume());
}

function targetOf(url: string): NetConnectOpts {
	const { host, port } = parse(url);
	const number = Number(port || 5432);
	return host?.startsWith("/")
		? { path: `${host}/.s.PGSQL.${number}` }
		: { host: host ?? "127.0.0.1", port: number };
}
