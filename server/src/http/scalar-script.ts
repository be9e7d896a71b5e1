import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import Fastify from "fastify";

export interface PackedScript {
	readonly gzipped: Buffer;
	readonly etag: string;
	/** For the rare client that takes nothing compressed. */
	unpacked(): Promise<Buffer>;
}

/**
 * The program of the API reference, as Scalar's plugin gives it out: 4 MB, which are held in memory compressed. Importing
 * the plugin takes a tenth of a second, so this is for the first request of the page, never for the start.
 */
export async function packReferenceScript(): Promise<PackedScript> {
	const { default: scalar } = await import("@scalar/fastify-api-reference");
	// A server of its own that listens nowhere: routes cannot be added to one that has started.
	const inner = Fastify();
	await inner.register(scalar, { routePrefix: "/docs", configuration: { url: "openapi.json" } });
	const { rawPayload, statusCode } = await inner.inject("/docs/js/scalar.js");
	await inner.close();
	if (statusCode !== 200) throw new Error(`the plugin of the API reference answered ${statusCode}`);
	const gzipped = await promisify(gzip)(rawPayload);
	return {
		gzipped,
		etag: `"${createHash("sha256").update(gzipped).digest("base64url")}"`,
		unpacked: () => promisify(gunzip)(gzipped),
	};
}
