import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

/** Stands before a server, passes every request on, and tells of each before and after. */
export interface Gate {
	readonly url: string;
	/** Awaited before a request is passed on, and again before its answer is. */
	onPass: (what: { readonly method: string; readonly path: string; readonly isAnswered: boolean }) => unknown;
	close(): Promise<void>;
}

export async function aGate(target: string): Promise<Gate> {
	const server = createServer(async (request, response) => {
		const { method = "", url: path = "" } = request;
		try {
			const body = await buffer(request);
			const headers = Object.fromEntries(
				Object.entries(request.headers).filter(
					([name]) => !["host", "connection", "content-length"].includes(name),
				),
			) as Record<string, string>;
			await gate.onPass({ method, path, isAnswered: false });
			const answer = await fetch(target + path, { method, headers, ...(body.length === 0 ? {} : { body }) });
			const bytes = Buffer.from(await answer.arrayBuffer());
			await gate.onPass({ method, path, isAnswered: true });
			response.writeHead(
				answer.status,
				Object.fromEntries(
					[...answer.headers].filter(([name]) => name !== "transfer-encoding" && name !== "connection"),
				),
			);
			response.end(bytes);
		} catch {
			// Who asked is gone, or was made to be.
			response.destroy();
		}
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const gate: Gate = {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		onPass: () => undefined,
		close: async () => {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	};
	return gate;
}
