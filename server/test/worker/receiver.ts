import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A message as it came in. */
export interface Received {
	readonly path: string;
	readonly headers: IncomingHttpHeaders;
	readonly body: string;
}

export interface Receiver {
	readonly url: string;
	readonly port: number;
	/** Every message that came, also those that were refused. */
	readonly received: Received[];
	/** How it answers from now on. */
	answer: (response: ServerResponse, message: Received) => void;
	close(): Promise<void>;
}

/** A receiver of webhooks on this machine, which answers as a test says; 204 until then. */
export async function aReceiver(): Promise<Receiver> {
	const received: Received[] = [];
	const server = createServer(async (request, response) => {
		const pieces: Buffer[] = [];
		for await (const piece of request) pieces.push(piece);
		const message = {
			path: request.url ?? "",
			headers: request.headers,
			body: Buffer.concat(pieces).toString("utf8"),
		};
		received.push(message);
		receiver.answer(response, message);
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const { port } = server.address() as AddressInfo;
	const receiver: Receiver = {
		url: `http://127.0.0.1:${port}/muster`,
		port,
		received,
		answer: (response) => response.writeHead(204).end(),
		close: async () => {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	};
	return receiver;
}
