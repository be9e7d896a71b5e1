import { createServer, type Server } from "node:http";
import type { Config } from "./config.ts";
import type { Metrics } from "./metrics.ts";
import type { OpenedDatabase } from "./open-database.ts";

/**
 * Answers `GET /metrics` on a port of its own, so that it need not be reachable from where clients are.
 * @throws as a server does that cannot listen
 */
export async function serveMetrics(
	metrics: Metrics,
	{ host }: Config,
	port: number,
	{ database }: OpenedDatabase,
): Promise<Server> {
	const server = createServer((request, response) => {
		if (request.method !== "GET" || request.url !== "/metrics") {
			response.writeHead(404).end("There is only GET /metrics here.\n");
			return;
		}
		metrics.read(database).then(
			({ type, text }) => response.writeHead(200, { "content-type": type }).end(text),
			(error: unknown) => response.destroy(error instanceof Error ? error : undefined),
		);
	});
	await new Promise<void>((resolve, reject) => {
		server.once("error", reject);
		server.listen(port, host, resolve);
	});
	return server;
}
