import { createHash } from "node:crypto";

/** Faults of an answer: two that refuse the request, and one that cuts the connection when it has been carried out. */
export const answerFaults = ["429", "503", "lost"] as const;
export type AnswerFault = (typeof answerFaults)[number];

/** Faults of a task: it takes its time, ends as FAILED, or does not end before its time is up. */
export const taskFaults = ["slow", "failed", "stuck"] as const;
export type TaskFault = (typeof taskFaults)[number];

export type FaultName = AnswerFault | TaskFault;
export const faultNames: readonly FaultName[] = [...answerFaults, ...taskFaults];

/** How an emulated service misbehaves. */
export interface EmulationOptions {
	/** How probable each fault is, from 0 to 1; one that is left out never comes by chance. */
	readonly rates: Readonly<Partial<Record<FaultName, number>>>;
	readonly seed: number;
	/** How long a slow task stays unfinished. */
	readonly slowSeconds: number;
	/** An unfinished task of this age ends as FAILED. */
	readonly timeoutSeconds: number;
}

/** What is looked at of a task before it is applied. */
export interface Submission {
	readonly taskId: string;
	readonly operation: string;
	readonly idempotencyKey: string;
	/** Of its items, in hexadecimal. */
	readonly fingerprint: string;
	/** How long ago it was accepted, by the clock of the database. */
	readonly ageSeconds: number;
}

export type Verdict = "apply" | "wait" | "fail" | "time-out";

/** Most requests and tasks that are remembered; the oldest are forgotten first. */
const rememberedMax = 100_000;

/**
 * Decides which faults an emulated service has. Each is drawn from a hash of the seed, of what a request asks, and of how
 * often the same was asked before: never from its time, its order among others, or its Idempotency-Key, which is usually
 * random. So a client that sends the same list meets the same faults in every run, also when it sends parts at once.
 */
export class Emulation {
	readonly #options: EmulationOptions;
	readonly #counts: Map<string, number> = new Map();
	/** Asked for by a header, by site and Idempotency-Key; waits for the task. */
	readonly #asked: Map<string, TaskFault> = new Map();
	readonly #decided: Map<string, TaskFault | null> = new Map();

	constructor(options: EmulationOptions) {
		this.#options = options;
	}

	/** @param about what is asked: method, address and body, without what differs from run to run */
	answerFault(siteId: string, about: string): AnswerFault | null {
		return this.#draw(answerFaults, `answer ${about}`, siteId);
	}

	/** Gives the task that a submission will make this fault. */
	askTaskFault(siteId: string, idempotencyKey: string, fault: TaskFault): void {
		remember(this.#asked, `${siteId} ${idempotencyKey}`, fault);
	}

	/** What to do with a task now; its fault is decided when it is first looked at. */
	verdictOn(siteId: string, submission: Submission): Verdict {
		const { ageSeconds } = submission;
		const fault = this.#taskFault(siteId, submission);
		if (ageSeconds >= this.#options.timeoutSeconds) return "time-out";
		if (fault === "failed") return "fail";
		if (fault === "stuck") return "wait";
		return fault === "slow" && ageSeconds < this.#options.slowSeconds ? "wait" : "apply";
	}

	#taskFault(siteId: string, submission: Submission): TaskFault | null {
		const { taskId, operation, idempotencyKey, fingerprint } = submission;
		const known = this.#decided.get(taskId);
		if (known !== undefined) return known;
		const drawn = this.#draw(taskFaults, `task ${operation} ${fingerprint}`, siteId);
		const fault = this.#asked.get(`${siteId} ${idempotencyKey}`) ?? drawn;
		remember(this.#decided, taskId, fault);
		return fault;
	}

	#draw<Fault extends FaultName>(among: readonly Fault[], about: string, siteId: string): Fault | null {
		const counted = `${siteId} ${about}`;
		const count = (this.#counts.get(counted) ?? 0) + 1;
		remember(this.#counts, counted, count);
		let left = fraction(`${this.#options.seed} ${count} ${about}`);
		for (const fault of among) {
			const rate = this.#options.rates[fault] ?? 0;
			if (left < rate) return fault;
			left -= rate;
		}
		return null;
	}
}

/** From 0 up to 1, evenly: 48 bits of a hash. */
function fraction(text: string): number {
	return createHash("sha256").update(text).digest().readUIntBE(0, 6) / 2 ** 48;
}

function remember<Value>(map: Map<string, Value>, key: string, value: Value): void {
	// What was seen last goes to the end, so that the first is the oldest.
	map.delete(key);
	map.set(key, value);
	const [oldest] = map.keys();
	if (map.size > rememberedMax && oldest !== undefined) map.delete(oldest);
}
