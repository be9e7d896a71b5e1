import type { Problem } from "./contract/problem.ts";
import type { ItemError } from "./contract/task.ts";

/** The service answered, and refused. Its sentence is the message; branch on `code`, which never changes its meaning. */
export class MusterError extends Error {
	override readonly name = "MusterError";
	readonly status: number;
	/** As docs/errors.md explains; null where the answer was not Muster's own (a proxy's page, say). */
	readonly code: string | null;
	/** Names this request in the server's log. */
	readonly requestId: string | null;
	/** Every single fault, where the service lists several. */
	readonly errors: readonly ItemError[];
	/** The whole answer by RFC 9457; null where it was none. */
	readonly problem: Problem | null;
	/** How long the service asks to wait before another try, in milliseconds; null where it does not say. */
	readonly retryAfterMs: number | null;

	constructor(message: string, answer: Refusal) {
		super(message);
		this.status = answer.status;
		this.problem = answer.problem;
		this.code = answer.problem?.code ?? null;
		this.requestId = answer.problem?.requestId ?? null;
		this.errors = answer.problem?.errors ?? [];
		this.retryAfterMs = answer.retryAfterMs;
	}
}

export interface Refusal {
	readonly status: number;
	readonly problem: Problem | null;
	readonly retryAfterMs: number | null;
}

/** No answer came: the service is out of reach, or the connection broke. `cause` has what the platform said. */
export class MusterNetworkError extends Error {
	override readonly name = "MusterNetworkError";
}

/** Time was up, for an answer or for a task. What was accepted by then is saved, and will be carried out. */
export class MusterTimeoutError extends Error {
	override readonly name = "MusterTimeoutError";
}
