import { type IncomingMessage, type OutgoingHttpHeaders, request } from "node:http";
import { guideBase, type TestMuster } from "../muster.ts";

type RawAnswer = ReturnType<typeof postRaw>;

/** Posts JSON under the guide's base; a header with a list is sent once for each of its values. */
export function postRepeated(
	muster: TestMuster,
	path: string,
	headers: Readonly<Record<string, string | readonly string[]>>,
	body: unknown,
): RawAnswer {
	// Node sends a list under every name; its types know of some.
	const sent = { "content-type": "application/json", ...headers } as OutgoingHttpHeaders;
	return postRaw(`${muster.url}${guideBase}/${path}`, sent, JSON.stringify(body));
}

/**
 * Posts with exactly these headers, as fetch would not: it joins headers of one name and sets the length by itself. The
 * answer is awaited without ending the request where there is no body, or where it is left open.
 */
export function postRaw(
	url: string,
	headers: OutgoingHttpHeaders,
	body: string | null,
	{ isOpen = body === null } = {},
): Promise<{ readonly status: number | undefined; readonly body: { code: string; detail: string } }> {
	return new Promise((resolve, reject) => {
		const sent = request(url, { method: "POST", headers });
		sent.on("response", (response: IncomingMessage) => {
			const chunks: Buffer[] = [];
			response.on("data", (chunk: Buffer) => chunks.push(chunk));
			response.on("end", () => {
				resolve({ status: response.statusCode, body: JSON.parse(Buffer.concat(chunks).toString()) });
				sent.destroy();
			});
		});
		sent.on("error", reject);
		if (body !== null) sent.write(body);
		if (isOpen) sent.flushHeaders();
		else sent.end();
	});
}
