import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Dialect, type Fetch, MusterClient } from "@muster/client";
import { readConfig, readReach } from "../server/config.ts";
import { exitCodes } from "./exit-codes.ts";
import { UserError } from "./user-error.ts";

export interface Service {
	readonly url: string;
	readonly dialect: Dialect;
	/** The site's id in the paths of the reference dialect. */
	readonly site: string | null;
}

/**
 * Opens the service that a command speaks to.
 * @throws UserError where none is named, its token is missing, or it is out of reach
 */
export async function connect(options: {
	readonly to?: string | undefined;
	readonly dialect?: Dialect | undefined;
	readonly site?: string | undefined;
	/** How the client asks; the usual way if left out. */
	readonly fetch?: Fetch;
}): Promise<{ readonly client: MusterClient; readonly service: Service }> {
	const { url, token } = await findService(options.to);
	if (url === undefined || !isAddress(url)) {
		const seen = url === undefined ? "no service is named" : `${JSON.stringify(url)} is no address`;
		throw new UserError(
			`${seen}. Say --to https://muster.example.com or set MUSTER_URL; where \`muster serve\` was started, neither is needed.`,
		);
	}
	if (token === undefined) {
		throw new UserError(
			`there is no token for ${url}. Set MUSTER_TOKEN; \`muster token create\` makes one on the server's machine.`,
		);
	}
	await reachOnce(url);
	const dialect = options.dialect ?? "guide";
	const site = options.site ?? null;
	const client = new MusterClient({
		url,
		token,
		dialect,
		...(site === null ? {} : { cloudId: site }),
		...(options.fetch && { fetch: options.fetch }),
	});
	return { client, service: { url, dialect, site } };
}

/** The address and the token that are named by `--to`, by the environment, or by the server that was started in this folder. */
export async function findService(
	to: string | undefined,
): Promise<{ readonly url: string | undefined; readonly token: string | undefined }> {
	const reach = readReach();
	const local = await readLocal();
	const url = (to ?? reach.url ?? local.MUSTER_URL)?.replace(/\/+$/, "");
	// The token of the local server is shown to no other.
	return { url, token: reach.token ?? (url === local.MUSTER_URL ? local.MUSTER_TOKEN : undefined) };
}

export function isAddress(url: string): boolean {
	return /^https?:\/\//.test(url) && URL.canParse(url);
}

/** How long a first answer may take, in milliseconds. */
const reachMs = 10_000;

/**
 * Asked once, for any answer: a mistyped address is to be told of at once, while what goes missing later is tried again
 * for a while.
 */
async function reachOnce(url: string): Promise<void> {
	const answer = await askOnce(url);
	if (answer instanceof Response) return;
	throw new UserError(`${url} is out of reach: ${answer}. Is the server running?`, exitCodes.outOfReach);
}

/** @returns what was answered, or in words why nothing was */
export async function askOnce(url: string, method: "GET" | "HEAD" = "HEAD"): Promise<Response | string> {
	const signal = AbortSignal.timeout(reachMs);
	return fetch(url, { method, redirect: "manual", signal }).catch((error: unknown) => {
		const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
		return cause instanceof Error && cause.message !== "" ? cause.message : String(cause);
	});
}

/** What the first start of a server wrote for whoever works in its folder. */
async function readLocal(): Promise<Readonly<Record<string, string | undefined>>> {
	const text = await readFile(join(readConfig().dataFolder, "dev.env"), "utf8").catch(() => "");
	return Object.fromEntries(Array.from(text.matchAll(/^(\w+)=(.*)$/gm), ([, name, value]) => [name, value]));
}
