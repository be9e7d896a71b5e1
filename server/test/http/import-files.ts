import { type ClientRequest, request as httpRequest } from "node:http";
import { importFormats } from "@muster/client/contract";
import type { Answered, Ask, TestMuster, TestSite } from "../muster.ts";

export interface FileAsk extends Ask {
	/** Without its question mark. */
	readonly query?: string;
	readonly format?: keyof typeof importFormats;
}

/** Sends a whole file. */
export function sendFile(
	site: TestSite,
	file: string | Uint8Array,
	{ query = "operation=customer.profile", format = "jsonl", headers, ...ask }: FileAsk = {},
): Promise<Answered> {
	return site.ask("POST", `imports?${query}`, {
		...ask,
		body: file,
		headers: { "content-type": importFormats[format], ...headers },
	});
}

/** An import when its tasks have ended, or its file is not whole. */
export async function endedImport(
	site: TestSite,
	importId: string,
	// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the wire holds
): Promise<any> {
	for (;;) {
		const { body } = await site.get(`imports/${importId}`);
		if (body.status !== "PROCESSING") return body;
	}
}

/** Lines of new customers, numbered from `from`. */
export function customerLines(count: number, from = 0): string {
	return Array.from(
		{ length: count },
		(_, place) => `{"email":"p${from + place}@acme.com","displayName":"P ${from + place}"}\n`,
	).join("");
}

/** An upload of JSON lines whose pieces the test sends. */
export function openUpload(
	muster: TestMuster,
	{ token }: Pick<TestSite, "token">,
	length: number,
	key: string,
): { readonly request: ClientRequest; readonly status: Promise<number | undefined> } {
	const { promise: status, resolve } = Promise.withResolvers<number | undefined>();
	const request = httpRequest(
		`${muster.url}/api/v1/imports?operation=customer.profile`,
		{
			method: "POST",
			headers: {
				authorization: `Bearer ${token}`,
				"content-type": importFormats.jsonl,
				"content-length": length,
				"idempotency-key": key,
			},
		},
		(response) => {
			response.resume();
			resolve(response.statusCode);
		},
	);
	request.on("error", () => resolve(undefined));
	return { request, status };
}

/**
 * Announces the whole file, sends a part of it, and breaks off when the server has saved some of it.
 * @returns the import as it is then, by its key
 */
export async function breakOff(
	muster: TestMuster,
	site: TestSite,
	file: string,
	{ key, sent, until }: { readonly key: string; readonly sent: number; readonly until: number },
	// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the wire holds
): Promise<any> {
	const { request } = openUpload(muster, site, Buffer.byteLength(file), key);
	request.write(file.slice(0, sent));
	for (;;) {
		const [found] = (await site.get(`imports?idempotencyKey=${key}`)).body.results;
		if (found !== undefined && found.receivedBytes >= until) {
			request.destroy();
			return found;
		}
	}
}
