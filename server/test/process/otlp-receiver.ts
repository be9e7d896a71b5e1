import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A span as a collector gets it, with its attributes by name. */
export interface ReceivedSpan {
	readonly service: unknown;
	readonly name: string;
	/** 2 server, 4 producer, 5 consumer. */
	readonly kind: number;
	readonly traceId: string;
	readonly spanId: string;
	/** "" for none. */
	readonly parentSpanId: string;
	readonly attributes: Readonly<Record<string, unknown>>;
	/** Spans that it is linked with: trace and span. */
	readonly links: readonly string[];
	readonly hasFailed: boolean;
	/** Since 1970, in nanoseconds. */
	readonly startNs: bigint;
	readonly seconds: number;
}

export interface OtlpReceiver {
	readonly url: string;
	spans(): readonly ReceivedSpan[];
	/** All that came, as it came. */
	texts(): string;
	close(): Promise<void>;
}

interface Attribute {
	readonly key: string;
	readonly value: Readonly<Record<string, unknown>>;
}

interface Sent {
	readonly resourceSpans: readonly {
		readonly resource: { readonly attributes: readonly Attribute[] };
		readonly scopeSpans: readonly {
			readonly spans: readonly {
				readonly name: string;
				readonly kind: number;
				readonly traceId: string;
				readonly spanId: string;
				readonly parentSpanId?: string;
				readonly attributes: readonly Attribute[];
				readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
				readonly status: { readonly code: number };
				readonly startTimeUnixNano: string;
				readonly endTimeUnixNano: string;
			}[];
		}[];
	}[];
}

/** A collector that takes spans by OTLP, as JSON over HTTP. */
export async function anOtlpReceiver(): Promise<OtlpReceiver> {
	const bodies: string[] = [];
	const server = createServer(async (request, response) => {
		const pieces: Buffer[] = [];
		for await (const piece of request) pieces.push(piece);
		if (request.url === "/v1/traces") bodies.push(Buffer.concat(pieces).toString("utf8"));
		response.writeHead(200, { "content-type": "application/json" }).end("{}");
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		spans: () => bodies.flatMap((body) => spansOf(JSON.parse(body))),
		texts: () => bodies.join("\n"),
		close: async () => {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}

function spansOf({ resourceSpans }: Sent): ReceivedSpan[] {
	return resourceSpans.flatMap(({ resource, scopeSpans }) => {
		const service = valuesOf(resource.attributes)["service.name"];
		return scopeSpans.flatMap(({ spans }) =>
			spans.map(({ name, kind, traceId, spanId, parentSpanId = "", status, ...span }) => ({
				service,
				name,
				kind,
				traceId,
				spanId,
				parentSpanId,
				attributes: valuesOf(span.attributes),
				links: span.links.map((link) => `${link.traceId} ${link.spanId}`),
				hasFailed: status.code === 2,
				startNs: BigInt(span.startTimeUnixNano),
				seconds: Number(BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano)) / 1e9,
			})),
		);
	});
}

/** An attribute has one value, under the name of its type; whole numbers may come as texts. */
function valuesOf(attributes: readonly Attribute[]): Record<string, unknown> {
	return Object.fromEntries(
		attributes.map(({ key, value }) => {
			const [[type, found] = ["", null]] = Object.entries(value);
			return [key, type === "intValue" ? Number(found) : found];
		}),
	);
}
