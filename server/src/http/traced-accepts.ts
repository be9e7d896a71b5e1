import { type Span, SpanKind, SpanStatusCode, type Tracer } from "@opentelemetry/api";
import { writeTraceParent } from "../domain/trace-parent.ts";
import type { NewTask } from "../store/accept-tasks.ts";
import type { Transaction } from "../store/database.ts";
import type { PlainWork } from "../store/plain-claims.ts";
import { type Acceptance, type AcceptedTogether, AcceptQueue } from "./accept-queue.ts";
import { ProblemError } from "./problem-error.ts";
import { contextOf } from "./request-spans.ts";

/**
 * Saves submissions as any accept queue does, and makes a span of each save, which is a part of its request's. By
 * OpenTelemetry's conventions for messages it is the context in which the tasks were created, so they are followed from it.
 */
export class TracedAcceptQueue extends AcceptQueue {
	readonly #tracer: Tracer;

	constructor(tracer: Tracer, ...own: ConstructorParameters<typeof AcceptQueue>) {
		super(...own);
		this.#tracer = tracer;
	}

	override async accept(
		siteId: string,
		ownMax: number,
		task: NewTask,
		judge?: () => PlainWork | null,
	): Promise<Acceptance> {
		const span = this.#begin(siteId, task, [task]);
		return inSpan(span, async () => {
			const accepted = await super.accept(siteId, ownMax, followed(task, span), judge);
			span.setAttributes({
				"messaging.message.id": accepted.taskId,
				"muster.task.id": accepted.taskId,
				"muster.replayed": accepted.replayed,
			});
			span.end();
			return accepted;
		});
	}

	override async acceptTogether(
		siteId: string,
		ownMax: number,
		tasks: readonly AcceptedTogether[],
		also: (transaction: Transaction) => Promise<unknown>,
	): Promise<boolean> {
		const [first] = tasks;
		if (first === undefined) return super.acceptTogether(siteId, ownMax, tasks, also);
		const all = tasks.map(({ task }) => task);
		const span = this.#begin(siteId, first.task, all);
		return inSpan(span, async () => {
			const own = tasks.map(({ task, work }) => ({ task: followed(task, span), work }));
			const areSaved = await super.acceptTogether(siteId, ownMax, own, also);
			// An upload that waits for room asks forty times a second. A span that is not ended is not told of.
			if (areSaved) span.end();
			return areSaved;
		});
	}

	#begin(siteId: string, { operation, dryRun, traceparent }: NewTask, tasks: readonly NewTask[]): Span {
		const attributes = {
			"messaging.system": "muster",
			"messaging.operation.name": "accept",
			"messaging.operation.type": "send",
			"messaging.destination.name": operation,
			...(tasks.length === 1 ? {} : { "messaging.batch.message_count": tasks.length }),
			"muster.site.id": siteId,
			"muster.operation": operation,
			"muster.dry_run": dryRun,
			"muster.items.total": tasks.reduce((sum, { itemCount }) => sum + itemCount, 0),
		};
		return this.#tracer.startSpan(
			`accept ${operation}`,
			{ kind: SpanKind.PRODUCER, attributes },
			contextOf(traceparent, false),
		);
	}
}

function followed(task: NewTask, span: Span): NewTask {
	return span.isRecording() ? { ...task, traceparent: writeTraceParent(span.spanContext()) } : task;
}

/** @param work ends the span, unless it throws */
async function inSpan<T>(span: Span, work: () => Promise<T>): Promise<T> {
	try {
		return await work();
	} catch (error) {
		span.setAttribute("error.type", error instanceof ProblemError ? error.code : nameOf(error));
		span.setStatus({ code: SpanStatusCode.ERROR });
		span.end();
		throw error;
	}
}

/** A message may hold what was sent; a name does not. */
function nameOf(error: unknown): string {
	return error instanceof Error ? error.name : "_OTHER";
}
