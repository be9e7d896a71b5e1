import { setTimeout as delay } from "node:timers/promises";
import { answerOrders } from "./orders.ts";
import { type Answer, type Sendable, type Sent, sendAll } from "./sending.ts";
import { requestsOf, type Workload } from "./workload.ts";

interface LoadOrderBase {
	readonly url: string;
	readonly token: string;
	readonly inFlight: number;
	readonly perSecond?: number;
	/** Milliseconds since 1970: two loads that are to run side by side begin then, whatever each has to prepare. */
	readonly startAt?: number;
}

export type LoadOrder = SubmitOrder | PollOrder;

export interface SubmitOrder extends LoadOrderBase {
	/** Names the idempotency keys. */
	readonly run: string;
	readonly workload: Workload;
	/** Whether each request waits for its task to end. */
	readonly waits?: boolean;
}

export interface PollOrder extends LoadOrderBase {
	/** A task that has ended. */
	readonly taskId: string;
	readonly polls: number;
}

export interface LoadResult extends Sent {
	/** From the first request sent to the end of the last task. */
	readonly endedMs: number;
	/** CPU of this process meanwhile. */
	readonly cpuMs: number;
	readonly lastTaskId: string;
}

/** More than any measurement takes: past it something hangs. */
const msMax = 120_000;

/** The load of Muster, in a process of its own. */
await answerOrders(async (order: LoadOrder): Promise<LoadResult> => {
	const requests = "polls" in order ? pollsOf(order) : submissionsOf(order);
	if (order.startAt !== undefined) await appointment(order.startAt);
	const lastTasks: string[] = [];
	let answers = 0;
	const headers = { authorization: `Bearer ${order.token}` };
	const common = { url: order.url, headers, inFlight: order.inFlight, msMax };
	const cpuBefore = process.cpuUsage();
	const start = performance.now();
	const sent = await sendAll({
		...common,
		...(order.perSecond === undefined ? {} : { perSecond: order.perSecond }),
		requests,
		faultOf: (answer) => {
			const fault = faultOf(answer);
			answers += 1;
			// Answers are read only where they say what to wait for: reading costs CPU that is not Muster's.
			if (fault === null && answers > requests.length - order.inFlight) lastTasks.push(taskOf(answer));
			return fault;
		},
	});
	// Tasks end in the order of acceptance, so those accepted last are the last to end.
	const ends = [...new Set(lastTasks)].map((taskId) => pollOf(`${taskId}?wait=30`));
	await sendAll({ ...common, requests: "polls" in order ? [] : ends, faultOf: faultOfEnd });
	const endedMs = performance.now() - start;
	const { user, system } = process.cpuUsage(cpuBefore);
	return { ...sent, endedMs, cpuMs: (user + system) / 1000, lastTaskId: lastTasks.at(-1) ?? "" };
});

async function appointment(startAt: number): Promise<void> {
	const early = startAt - Date.now();
	if (early < 0) throw new Error(`The load was ready ${-early} ms too late.`);
	await delay(early);
}

function submissionsOf({ run, workload, waits }: SubmitOrder): readonly Sendable[] {
	return requestsOf(workload).map((request, place) => ({
		...request,
		path: `/api/v1/${request.path}`,
		headers: { "idempotency-key": `${run}-${place}`, ...(waits ? { prefer: "wait=30" } : {}) },
	}));
}

function pollsOf({ taskId, polls }: PollOrder): readonly Sendable[] {
	return Array.from({ length: polls }, () => pollOf(taskId));
}

function pollOf(task: string): Sendable {
	return { path: `/api/v1/tasks/${task}`, body: null, items: 0 };
}

function faultOf({ status, text }: Answer): string | null {
	return status === 200 || status === 202 ? null : `Muster answered ${status}: ${text.slice(0, 300)}`;
}

function faultOfEnd(answer: Answer): string | null {
	const fault = faultOf(answer);
	if (fault !== null) return fault;
	// The contract's form of a task.
	const { status } = JSON.parse(answer.text) as { status: string };
	return status === "COMPLETED" ? null : `the last task is ${status} after 30 s`;
}

function taskOf({ text }: Answer): string {
	// The contract's form of an acceptance, and of a task.
	return (JSON.parse(text) as { taskId: string }).taskId;
}
