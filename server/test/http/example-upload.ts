import type { Route } from "../../src/http/route.ts";

/** The headers that a route with uploads is asked with, for the first example of them. */
export function uploadHeaders({ method, uploads = {} }: Route): Readonly<Record<string, string>> {
	const [mediaType] = Object.keys(uploads);
	if (mediaType === undefined) return {};
	return { "content-type": mediaType, ...(method === "PATCH" ? { "upload-offset": "0" } : {}) };
}
