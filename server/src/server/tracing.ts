import { isSpanContextValid, type Tracer, trace } from "@opentelemetry/api";
import type { Database } from "../store/database.ts";
import { TaskSpans } from "./task-spans.ts";

/** Longest time that spans get to be sent in when the program stops, in milliseconds: a stop has fifteen seconds in all. */
const flushMs = 3_000;

/** What is told to whoever follows requests, by an OpenTelemetry SDK that was loaded ahead of the program. */
export class Tracing {
	readonly tracer: Tracer;
	readonly tasks: TaskSpans;

	private constructor(tracer: Tracer, tasks: TaskSpans) {
		this.tracer = tracer;
		this.tasks = tasks;
	}

	/**
	 * Asks once whether there is an SDK.
	 * @param version of the program
	 * @returns null where there is none: nothing is made then, and nothing asked for again
	 */
	static find(
		version: string,
		database: Database,
		onTrouble: (what: string, error: unknown) => void,
	): Tracing | null {
		const tracer = trace.getTracer("muster", version);
		// Spans of the API alone have no ids. This one is told of by nobody, because it does not end.
		const isOn = isSpanContextValid(tracer.startSpan("muster").spanContext());
		return isOn ? new Tracing(tracer, new TaskSpans(tracer, database, onTrouble)) : null;
	}

	/** Makes the last spans, and has them sent: the process ends right afterwards. */
	async stop(): Promise<void> {
		await this.tasks.settle();
		// Not of the API, but every SDK's provider has it.
		const provider = trace.getTracerProvider() as { getDelegate?(): unknown };
		const sdk = (provider.getDelegate?.() ?? provider) as { forceFlush?(): Promise<void> };
		const late = new Promise<void>((resolve) => setTimeout(resolve, flushMs).unref());
		// A collector that is away is the SDK's to tell of.
		await Promise.race([sdk.forceFlush?.().catch(() => undefined), late]);
	}
}
