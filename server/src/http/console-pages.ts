import { randomBytes } from "node:crypto";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { ConsolePages } from "./console-files.ts";
import { notFound } from "./problem-error.ts";
import type { Services } from "./route.ts";

/** The web console: its page at the root and at the address of each of its screens, its scripts and styles under /assets. */
export async function consoleRoutes(
	app: FastifyInstance,
	{ pages, services }: { readonly pages: ConsolePages; readonly services: Services },
): Promise<void> {
	app.get("/", (_request, reply) => sendConsole(pages, reply, services));
	app.get("/muster.svg", (request, reply) => sendFile(pages, request, reply, "muster.svg"));
	app.get<{ Params: { name: string } }>("/assets/:name", (request, reply) =>
		sendFile(pages, request, reply, `assets/${request.params.name}`),
	);
}

/** First parts of addresses that are no screens: a program that gets one wrong must not be given a page. */
const notScreens = /^\/(api|jsm|docs|assets|livez|readyz)(\/|$)|^\/[^/]*\.\w+$/;

/** Whether a request for an address that nobody knows is a browser's, for one of the console's screens. */
export function asksForScreen({ method, url, headers }: FastifyRequest): boolean {
	if (method !== "GET" && method !== "HEAD") return false;
	return !notScreens.test(url.replace(/\?.*$/, "")) && /\btext\/html\b/.test(headers.accept ?? "");
}

/** A page for a browser: with a nonce of its own, by which its style elements are known. */
export async function sendConsole(
	pages: ConsolePages,
	reply: FastifyReply,
	{ publicUrl }: Services,
): Promise<FastifyReply> {
	const index = (await pages.files()).get("index.html");
	const nonce = randomBytes(18).toString("base64url");
	reply.headers({
		"content-security-policy": policy(nonce),
		"referrer-policy": "no-referrer",
		"x-content-type-options": "nosniff",
		"cross-origin-opener-policy": "same-origin",
		"cache-control": "no-cache",
	});
	reply.type("text/html; charset=utf-8");
	if (index === undefined) return reply.code(503).send(notBuilt);
	// A proxy may put the program under a path of its own.
	const base = `${new URL(publicUrl).pathname.replace(/\/$/, "")}/`;
	const page = index.bytes
		.toString("utf8")
		.replaceAll("{nonce}", nonce)
		.replace('<base href="/"', `<base href="${quotable(base)}"`);
	return reply.send(page);
}

/**
 * Everything comes from this server, and no script or style stands in the page but those elements of style that carry its
 * nonce: the parts that the console is made of write the theme's colors and the places of menus into such elements.
 */
function policy(nonce: string): string {
	return [
		"default-src 'none'",
		"script-src 'self'",
		`style-src 'self' 'nonce-${nonce}'`,
		"img-src 'self' data:",
		"font-src 'self'",
		"connect-src 'self'",
		"base-uri 'self'",
		"form-action 'none'",
		"frame-ancestors 'none'",
	].join("; ");
}

async function sendFile(
	pages: ConsolePages,
	request: FastifyRequest,
	reply: FastifyReply,
	name: string,
): Promise<FastifyReply> {
	const file = (await pages.files()).get(name);
	if (file === undefined) throw notFound();
	reply.headers({
		etag: file.etag,
		vary: "accept-encoding",
		"x-content-type-options": "nosniff",
		"cache-control": file.isHashed ? "public, max-age=31536000, immutable" : "no-cache",
	});
	if (request.headers["if-none-match"] === file.etag) return reply.code(304).send();
	reply.type(file.type);
	const takesGzip = /\bgzip\b/.test(request.headers["accept-encoding"] ?? "");
	if (file.gzipped === null || !takesGzip) return reply.send(file.bytes);
	return reply.header("content-encoding", "gzip").send(file.gzipped);
}

function quotable(text: string): string {
	return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
}

const notBuilt = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Muster</title>
<link rel="icon" href="data:,">
</head>
<body>
<h1>Muster is running, and its console was not built</h1>
<p>In the folder of the checkout, run <code>npm run console</code> and load this page again. <code>npm ci</code> does that by itself, unless it was told to leave out what is needed for building.</p>
<p>The API is here all the same: <a href="docs">its documentation</a>.</p>
</body>
</html>
`;
