import type { FastifyInstance, FastifyReply } from "fastify";
import { errorsPage } from "./errors-page.ts";
import type { Services } from "./route.ts";
import { type PackedScript, packReferenceScript } from "./scalar-script.ts";

/** Pages for people: the API reference at /docs, every code at /docs/errors. Links are relative: a proxy may add a prefix. */
export async function docsPages(
	app: FastifyInstance,
	{ services }: { readonly services: Services },
): Promise<void> {
	let packed: Promise<PackedScript> | undefined;
	app.get("/docs", async (_request, reply) => sendPage(reply, referencePage(services.publicUrl)));
	app.get("/docs/errors", async (_request, reply) => sendPage(reply, errorsPage()));
	app.get("/docs/scalar.js", async (request, reply) => {
		packed ??= packReferenceScript();
		const script = await packed;
		reply.headers({ etag: script.etag, vary: "accept-encoding", "cache-control": "no-cache" });
		if (request.headers["if-none-match"] === script.etag) return reply.code(304).send();
		reply.type("text/javascript; charset=utf-8");
		if (!/\bgzip\b/.test(request.headers["accept-encoding"] ?? ""))
			return reply.send(await script.unpacked());
		return reply.header("content-encoding", "gzip").send(script.gzipped);
	});
}

/**
 * The browser itself refuses every other host: the reference's script names some, for fonts, a proxy and a chat. It
 * styles its parts inline, and draws with data and blob URLs of its own.
 */
const contentSecurityPolicy = [
	"default-src 'none'",
	"script-src 'self'",
	"style-src 'self' 'unsafe-inline'",
	"img-src 'self' data: blob:",
	"font-src 'self' data:",
	"connect-src 'self'",
	"base-uri 'none'",
	"form-action 'none'",
	"frame-ancestors 'none'",
].join("; ");

function sendPage(reply: FastifyReply, page: string): FastifyReply {
	return reply
		.headers({
			"content-security-policy": contentSecurityPolicy,
			"referrer-policy": "no-referrer",
			"x-content-type-options": "nosniff",
			"cache-control": "no-cache",
		})
		.type("text/html; charset=utf-8")
		.send(page);
}

/** The reference reads its settings from an attribute, so that the page has no script of its own inside. */
function referencePage(publicUrl: string): string {
	const settings = {
		url: "openapi.json",
		// Requests made on the page go where the page came from, whatever name that has.
		servers: [{ url: new URL(publicUrl).pathname.replace(/\/$/, "") || "/" }],
		withDefaultFonts: false,
		telemetry: false,
		hideClientButton: true,
		showDeveloperTools: "never",
		agent: { disabled: true },
		mcp: { disabled: true },
		documentDownloadType: "direct",
		orderSchemaPropertiesBy: "preserve",
		orderRequiredPropertiesFirst: false,
		authentication: { preferredSecurityScheme: "bearer" },
		customCss: "td:first-child { white-space: nowrap }",
		defaultHttpClient: { targetKey: "shell", clientKey: "curl" },
	};
	return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Muster API</title>
<link rel="icon" href="data:,">
</head>
<body>
<noscript>This page needs JavaScript. The document that it shows is <a href="openapi.json">openapi.json</a>; every code is explained under <a href="docs/errors">errors</a>.</noscript>
<script id="api-reference" data-configuration="${JSON.stringify(settings).replaceAll('"', "&quot;")}"></script>
<script src="docs/scalar.js"></script>
</body>
</html>
`;
}
