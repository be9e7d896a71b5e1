import { readFile } from "node:fs/promises";
import type { FastifyInstance } from "fastify";
import { openApiDocument } from "./openapi/document.ts";
import type { Route, Services } from "./route.ts";

/** Serves the OpenAPI document at /openapi.json, to everyone; it is written at the first request. */
export async function openApiRoutes(
	app: FastifyInstance,
	{ routes, services }: { readonly routes: readonly Route[]; readonly services: Services },
): Promise<void> {
	let written: { readonly publicUrl: string; readonly text: string } | undefined;
	app.get("/openapi.json", async (_request, reply) => {
		const { publicUrl } = services;
		// With a port of the system's choice the URL changes once, when the server has begun to listen.
		if (written?.publicUrl !== publicUrl) {
			written = { publicUrl, text: JSON.stringify(openApiDocument(routes, publicUrl, await version())) };
		}
		return reply
			.type("application/json; charset=utf-8")
			.header("cache-control", "no-cache")
			.send(written.text);
	});
}

async function version(): Promise<string> {
	const manifest: unknown = JSON.parse(
		await readFile(new URL("../../package.json", import.meta.url), "utf8"),
	);
	if (typeof manifest === "object" && manifest !== null && "version" in manifest) {
		return String(manifest.version);
	}
	throw new Error("server/package.json has no version");
}
