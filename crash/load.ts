import { setTimeout as delay } from "node:timers/promises";
import { Agent, request } from "undici";
import type { Chance } from "./chance.ts";
import type { Deployment } from "./deployment.ts";
import type { Call, History, Summary } from "./history.ts";
import { type Submission, Submissions } from "./submissions.ts";

/** Clients of the long runs. */
const clientsUsual = 6;
/** Submissions that a client sends before it looks for their ends. */
const aheadMax = 4;
/** Longest rest of a client between two lots, in milliseconds: enough CPU is left to start what was killed. */
const restMsMax = 100;
/** Before a call is tried again, in milliseconds; Retry-After says a second, which would only make the harness wait. */
const retryMs = 40;
/** Longer than any answer takes; past it, a server hangs, which the history then shows. */
const answerMsMax = 30_000;

/** Clients that submit, retry with the same key until they are answered, and poll until their tasks have ended. */
export class Load {
	readonly #deployment: Deployment;
	readonly #history: History;
	readonly #agent: Agent = new Agent({ connections: 32, keepAliveTimeout: 1_000 });
	readonly #clients: Promise<void>[];
	#isStopping = false;
	#isGivenUp = false;

	/** @param clients at once; fewer leave more of a small machine to what is started again */
	constructor(deployment: Deployment, history: History, chance: Chance, clients: number = clientsUsual) {
		this.#deployment = deployment;
		this.#history = history;
		this.#clients = Array.from({ length: clients }, (_, client) =>
			this.#run(chance.part(), `client-${client}`),
		);
	}

	/** Sends nothing new; resolves when all that was sent has ended, or after `msMax`: then it is given up. */
	async stop(msMax: number): Promise<void> {
		this.#isStopping = true;
		const late = new AbortController();
		const tooLate = delay(msMax, undefined, { signal: late.signal }).catch(() => undefined);
		await Promise.race([Promise.all(this.#clients), tooLate]);
		late.abort();
		this.#isGivenUp = true;
		await this.#agent.destroy();
	}

	async #run(chance: Chance, name: string): Promise<void> {
		const submissions = new Submissions(chance.part(), name);
		while (!this.#isStopping) {
			const lot = Array.from({ length: 1 + chance.below(aheadMax) }, () => submissions.next());
			const taskIds: (string | undefined)[] = [];
			for (const submission of lot) taskIds.push(await this.#submit(submission, chance));
			for (const [place, { key }] of lot.entries()) await this.#follow(key, taskIds[place], chance);
			await delay(chance.below(restMsMax));
		}
	}

	/** Until it is accepted; now and then two at once under one key, and now and then again after that. */
	async #submit(submission: Submission, chance: Chance): Promise<string | undefined> {
		this.#history.begin(submission, Date.now());
		const copies = chance.happens(0.1) ? 2 : 1;
		const [taskId] = await Promise.all(
			Array.from({ length: copies }, () => this.#untilAccepted(submission, chance)),
		);
		if (chance.happens(0.1)) await this.#untilAccepted(submission, chance);
		return taskId;
	}

	async #untilAccepted({ key, path, body }: Submission, chance: Chance): Promise<string | undefined> {
		const answer = await this.#until(
			() => this.#call(chance, { key, kind: "submit", path, body }),
			({ taskId }) => taskId !== undefined,
		);
		return answer.taskId;
	}

	async #follow(key: string, taskId: string | undefined, chance: Chance): Promise<void> {
		await this.#until(
			() => this.#call(chance, { key, kind: "poll", path: `tasks/${taskId}?wait=1`, body: null }),
			({ task }) => task !== undefined && task.status !== "PROCESSING",
		);
		this.#history.open.delete(key);
		// What has ended stays as it is: one that ended long ago is looked at again.
		if (chance.happens(0.2))
			await this.#call(chance, { key, kind: "poll", path: `tasks/${taskId}`, body: null });
	}

	async #until(call: () => Promise<Call>, isDone: (call: Call) => boolean): Promise<Call> {
		for (;;) {
			const answer = await call();
			if (isDone(answer) || this.#isGivenUp) return answer;
			// An answer that should never be seen would only be seen again: the judge has it.
			if (answer.status !== null && answer.status !== 503 && answer.status >= 300) return answer;
			if (answer.task === undefined) await delay(retryMs);
		}
	}

	async #call(
		chance: Chance,
		{ key, kind, path, body }: { key: string; kind: Call["kind"]; path: string; body: string | null },
	): Promise<Call> {
		const sentAt = Date.now();
		const answer = await this.#send(chance, key, path, body).catch(() => null);
		const about = { key, kind, sentAt, answeredAt: Date.now() };
		const call: Call = answer === null ? { ...about, status: null } : { ...about, ...readingOf(answer) };
		this.#history.calls.push(call);
		return call;
	}

	/** @throws where the connection is refused or cut */
	async #send(chance: Chance, key: string, path: string, body: string | null): Promise<Answer> {
		const url = this.#deployment.addressFor(chance);
		if (url === null) throw new Error("it is being started");
		const {
			statusCode,
			headers,
			body: answered,
		} = await request(`${url}/api/v1/${path}`, {
			dispatcher: this.#agent,
			method: body === null ? "GET" : "POST",
			headers: {
				authorization: `Bearer ${this.#deployment.token}`,
				...(body === null ? {} : { "content-type": "application/json", "idempotency-key": key }),
			},
			body,
			headersTimeout: answerMsMax,
			bodyTimeout: answerMsMax,
		});
		return { status: statusCode, headers, text: await answered.text() };
	}
}

interface Answer {
	readonly status: number;
	readonly headers: Readonly<Record<string, unknown>>;
	readonly text: string;
}

function readingOf({ status, headers, text }: Answer): Omit<Call, "key" | "kind" | "sentAt" | "answeredAt"> {
	if (status >= 300) return { status, code: codeOf(text, headers["retry-after"]) };
	const { taskId, status: taskStatus, summary } = JSON.parse(text) as Said; // the contract's forms
	return {
		status,
		...(taskId === undefined ? {} : { taskId }),
		...(headers["idempotency-replayed"] === "true" ? { replayed: true } : {}),
		...(taskStatus === undefined || summary === undefined ? {} : { task: { status: taskStatus, summary } }),
	};
}

/** Of a problem; or what is wrong with it. */
function codeOf(text: string, retryAfter: unknown): string {
	if (retryAfter === undefined) return "without Retry-After";
	try {
		return (JSON.parse(text) as { code: string }).code; // the contract's form of a problem
	} catch {
		return "without JSON";
	}
}

interface Said {
	readonly taskId?: string;
	readonly status?: string;
	readonly summary?: Summary;
}
