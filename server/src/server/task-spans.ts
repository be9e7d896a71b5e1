import { outcomes } from "@muster/client/contract";
import {
	type Attributes,
	type Context,
	type Link,
	ROOT_CONTEXT,
	type SpanContext,
	SpanKind,
	SpanStatusCode,
	type Tracer,
} from "@opentelemetry/api";
import { readTraceParent } from "../domain/trace-parent.ts";
import { contextOf } from "../http/request-spans.ts";
import type { Database } from "../store/database.ts";
import { type AppliedTask, findAppliedTasks } from "../store/find-applied-tasks.ts";

/** Claims whose tasks are still to be looked up. More come only where the database is slow, and are not told of. */
const waitingMax = 1_000;

/** A claim that was applied, by the clock of performance.now(). */
interface Applied {
	readonly siteId: string;
	readonly taskIds: readonly string[];
	readonly beganMs: number;
	readonly endedMs: number;
}

/**
 * Makes the spans of tasks when their claim is committed: each has its place in the trace of the request that it came with,
 * which is kept with the task. Tasks that were applied together have one more span, of no request, which is linked with all
 * of them, as OpenTelemetry's conventions for messages have it.
 *
 * What a task came to and came from is read then, and beside the next claims, so that claims are as fast as they are
 * without.
 */
export class TaskSpans {
	readonly #tracer: Tracer;
	readonly #database: Database;
	readonly #onTrouble: (what: string, error: unknown) => void;
	readonly #waiting: Applied[] = [];
	#telling: Promise<void> | null = null;

	constructor(tracer: Tracer, database: Database, onTrouble: (what: string, error: unknown) => void) {
		this.#tracer = tracer;
		this.#database = database;
		this.#onTrouble = onTrouble;
	}

	/** Says that a claim was committed just now. */
	onApplied(siteId: string, taskIds: readonly string[], seconds: number): void {
		if (this.#waiting.length >= waitingMax) return;
		const endedMs = performance.now();
		this.#waiting.push({ siteId, taskIds, beganMs: endedMs - seconds * 1_000, endedMs });
		this.#telling ??= this.#tellAll();
	}

	/** Resolves when all claims so far are told of. */
	async settle(): Promise<void> {
		await this.#telling;
	}

	async #tellAll(): Promise<void> {
		for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
			await this.#tell(next).catch((error: unknown) => this.#onTrouble("spans could not be made", error));
		}
		this.#telling = null;
	}

	async #tell(applied: Applied): Promise<void> {
		const { siteId, taskIds } = applied;
		const tasks = await this.#database.inSite(
			siteId,
			(transaction) => findAppliedTasks(transaction, siteId, taskIds),
			{ readOnly: true },
		);
		const [first, second] = tasks;
		if (first === undefined) return; // forgotten meanwhile
		if (second === undefined) {
			this.#span(applied, [first], contextOf(first.traceparent, true), []);
			return;
		}
		const together = this.#span(applied, [first, second, ...tasks.slice(2)], ROOT_CONTEXT, linksTo(tasks));
		for (const task of tasks) {
			if (task.traceparent !== null)
				this.#span(applied, [task], contextOf(task.traceparent, true), [{ context: together }]);
		}
	}

	#span(
		{ siteId, beganMs, endedMs }: Applied,
		tasks: readonly [AppliedTask, ...AppliedTask[]],
		parent: Context,
		links: Link[],
	): SpanContext {
		const [{ operation, taskId, dryRun }, ...others] = tasks;
		const attributes = {
			"messaging.system": "muster",
			"messaging.operation.name": "apply",
			"messaging.operation.type": "process",
			"messaging.destination.name": operation,
			...(others.length > 0
				? { "messaging.batch.message_count": tasks.length }
				: { "messaging.message.id": taskId, "muster.task.id": taskId }),
			"muster.site.id": siteId,
			"muster.operation": operation,
			"muster.dry_run": dryRun,
			...outcomesOf(tasks),
		};
		const span = this.#tracer.startSpan(
			`apply ${operation}`,
			{ kind: SpanKind.CONSUMER, startTime: beganMs, attributes, links },
			parent,
		);
		if (tasks.some(({ hasFailed }) => hasFailed)) {
			span.setAttribute("error.type", "task_failed").setStatus({ code: SpanStatusCode.ERROR });
		}
		span.end(endedMs);
		return span.spanContext();
	}
}

function linksTo(tasks: readonly AppliedTask[]): Link[] {
	return tasks.flatMap(({ taskId, traceparent }) => {
		const context = readTraceParent(traceparent);
		return context === null ? [] : [{ context, attributes: { "messaging.message.id": taskId } }];
	});
}

function outcomesOf(tasks: readonly AppliedTask[]): Attributes {
	return Object.fromEntries(
		(["total", ...outcomes] as const).map((outcome) => [
			`muster.items.${outcome}`,
			tasks.reduce((sum, task) => sum + task[outcome], 0),
		]),
	);
}
