import type { Answer, Sendable } from "../sending.ts";
import type { profileOf } from "../workload.ts";

/** Another server that keeps customers: how it is installed, run, and asked to keep a hundred of them. */
export interface Peer {
	readonly name: string;
	/** The exact versions that are installed; the first one is the peer itself. */
	readonly packages: Readonly<Record<string, string>>;
	/** What npm is to take for packages further down, each with its reason where it is listed. */
	readonly overrides?: Readonly<Record<string, string>>;
	/** What Node runs, one after the other; the last one is the server and stays. */
	programs(place: PeerPlace): readonly PeerProgram[];
	/** Answers 200 once the server takes requests. */
	readonly readyPath: string;
	/** Makes the collection of customers, over HTTP. @throws what the peer answered if it refused */
	makeCollection?(place: PeerPlace): Promise<void>;
	/** SQL that completes the collection, such as a unique key that the peer has no request for. */
	readonly collectionSql?: string;
	/** The table that customers are in, quoted as SQL wants it: what was answered is compared with what is stored. */
	readonly table: string;
	readonly headers: Readonly<Record<string, string>>;
	requestOf(profiles: readonly Profile[]): Pick<Sendable, "path" | "body">;
	/** What is wrong with an answer, in a sentence; null where each of the items was stored. */
	faultOf(answer: Answer, items: number): string | null;
}

/** An override by a package that does nothing; the install makes it. */
export const emptyPackage = "file:./empty";

export type Profile = ReturnType<typeof profileOf>;

/** Where one run of a peer takes place. */
export interface PeerPlace {
	/** Of the installed packages; ends without a slash. */
	readonly folder: string;
	readonly port: number;
	readonly url: string;
	readonly database: PeerDatabase;
}

export interface PeerDatabase {
	readonly url: string;
	/** The folder of the server's socket, for peers that cannot read it from an address. */
	readonly host: string;
	readonly name: string;
	readonly user: string;
}

export interface PeerProgram {
	readonly args: readonly string[];
	readonly env: Readonly<Record<string, string>>;
}

/** Sends one request of the preparation. @throws what the peer answered if it refused */
export async function ask(
	url: string,
	headers: Readonly<Record<string, string>>,
	body: object,
): Promise<void> {
	const answer = await fetch(url, {
		method: "POST",
		headers: { "content-type": "application/json", ...headers },
		body: JSON.stringify(body),
		signal: AbortSignal.timeout(30_000),
	});
	if (!answer.ok) throw new Error(excerptOf({ status: answer.status, text: await answer.text() }));
}

/** An answer as a reason shows it: short enough for a line. */
export function excerptOf({ status, text }: Answer): string {
	return `it answered ${status}: ${text.slice(0, 300)}`;
}
