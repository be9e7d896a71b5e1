import type { Figures } from "./figures.ts";
import type { Measured, Subject } from "./subject.ts";
import type { Workload } from "./workload.ts";

const inFlight = 16;
/** Enough for a 99th percentile that is not the slowest one. */
const alone = 200;
const pollsPerSecond = 200;
/** How long a load may take to make its requests before it is to send the first. */
const prepareMsMax = 3_000;

/**
 * The times that one request takes. `saturated` is the measurement of new customers: sixteen in flight, each sent the
 * moment another is answered, so that its times hold the wait for the fifteen others. Beside it stands the same at half
 * of that rate, which is what a client meets that does not press.
 */
export async function measureLatency(subject: Subject, figures: Figures, set: string, saturated: Measured) {
	const noteTimes = (name: string, { p50Ms, p99Ms }: Pick<Measured, "p50Ms" | "p99Ms">): void => {
		figures.note(`${name}, p50`, "ms", p50Ms);
		figures.note(`${name}, p99`, "ms", p99Ms);
	};
	const workload = (name: string, requests: number): Workload => ({
		kind: "profiles",
		set: `${set}-${name}`,
		version: 1,
		requests,
	});
	noteTimes("accept, 16 in flight", saturated);

	const perSecond = saturated.rate / 100 / 2;
	// About a second and a half.
	const paced = workload("paced", Math.ceil(perSecond * 1.5));
	noteTimes(
		"accept, at half the rate",
		await subject.measure({ workload: paced, outcome: "created", inFlight, perSecond }),
	);

	const waited = await subject.measure({
		workload: workload("waited", alone),
		outcome: "created",
		inFlight: 1,
		waits: true,
	});
	noteTimes("accept to ended, 1 in flight", waited);

	const { lastTaskId: taskId } = waited;
	noteTimes("poll, 1 in flight", await subject.poll({ taskId, polls: 2 * alone, inFlight: 1 }));
	// As many polls as surely fit beside the load.
	const polls = Math.max(20, Math.floor(pollsPerSecond * (saturated.endedMs / 1000) * 0.8));
	const beside = workload("beside", Math.ceil(saturated.items / 100));
	const startAt = Date.now() + prepareMsMax;
	const [polled] = await Promise.all([
		subject.poll({ taskId, polls, inFlight: 1, perSecond: pollsPerSecond, startAt }),
		subject.measure({ workload: beside, outcome: "created", inFlight, startAt }),
	]);
	noteTimes("poll, 16 submissions in flight", polled);
}
