import { copyRows, upsertLoop } from "./comparisons.ts";
import type { Figures } from "./figures.ts";
import { measureLatency } from "./latency.ts";
import { peakMegabytesOf } from "./processes.ts";
import type { Measured, Measurement, Subject } from "./subject.ts";
import type { Workload } from "./workload.ts";

export interface Sizes {
	readonly rounds: number;
	/** Requests of 100 customers in a measurement of new, changed and unchanged ones. */
	readonly requests: number;
}

/** Except where the number is what is looked at. */
export const inFlightUsual = 16;

/**
 * Measures everything once, then again, so that a slow minute of the machine meets all alike. What is compared grows
 * from round to round, in one table.
 */
export async function measureRounds(
	debian: Subject | null,
	bundled: Subject,
	figures: Figures,
	sizes: Sizes,
): Promise<void> {
	const subjects = debian === null ? [bundled] : [debian, bundled];
	for (const subject of subjects) await warmUp(subject);
	for (let round = 0; round < sizes.rounds; round += 1) {
		const name = `round-${round}`;
		if (debian !== null) await measureRound(debian, figures, name, sizes.requests);
		await measureBundled(bundled, figures, name, sizes.requests);
	}
	for (const subject of subjects) {
		const where = subject === bundled ? "bundled: " : "";
		figures.note(`${where}resident memory, peak`, "MB", await peakMegabytesOf(subject.muster.pid));
	}
}

/** The code of every path is compiled, and the organizations that customers are linked to are there. */
async function warmUp(subject: Subject): Promise<void> {
	const base = { requests: 100, set: "warm", version: 1 };
	const { measure } = measurer(subject);
	await measure({ ...base, kind: "organizations", set: "linked", requests: 10 }, "created");
	await measure({ ...base, kind: "profiles" }, "created");
	await measure({ ...base, kind: "profiles", version: 2 }, "updated");
	await measure({ ...base, kind: "profiles", version: 2 }, "unchanged");
	await measure({ ...base, kind: "linked", set: "warm-linked", requests: 20 }, "created");
}

async function measureRound(subject: Subject, figures: Figures, set: string, requests: number) {
	const { client } = subject;
	const workload = (version: number): Workload => ({ kind: "profiles", set, version, requests });
	const { measure, note } = measurer(subject, figures);
	figures.note("COPY, new", "/s", await copyRows(client, workload(1)));
	figures.note("loop, new", "/s", await upsertLoop(client, workload(1)));
	const created = await measure(workload(1), "created");
	note("new", created, true);
	figures.note("loop, changed", "/s", await upsertLoop(client, workload(2)));
	note("changed", await measure(workload(2), "updated"), true);
	note("unchanged", await measure(workload(2), "unchanged"), true);

	const fewer = { version: 1, requests: Math.ceil(requests / 3) };
	const faulty: Workload = { ...fewer, kind: "faulty", set: `${set}-faulty` };
	note("1 % faulty", await measure(faulty, "created", { faultyItems: 1 }));
	note("with organizations", await measure({ ...fewer, kind: "linked", set: `${set}-linked` }, "created"));
	note("details only", await measure({ ...fewer, kind: "details", set, version: 3 }, "updated"));
	note("organizations", await measure({ ...fewer, kind: "organizations", set }, "created"));
	for (const inFlight of [1, 4, 64]) {
		const some: Workload = { ...fewer, kind: "profiles", set: `${set}-${inFlight}` };
		note(`new, ${inFlight} in flight`, await measure(some, "created", { inFlight }));
	}
	await measureLatency(subject, figures, set, created);
}

async function measureBundled(subject: Subject, figures: Figures, set: string, requests: number) {
	const workload = (version: number): Workload => ({ kind: "profiles", set, version, requests });
	const { measure, note } = measurer(subject, figures);
	note("bundled: new", await measure(workload(1), "created"));
	note("bundled: changed", await measure(workload(2), "updated"));
}

/** The two things that are done with every measurement. */
function measurer(subject: Subject, figures?: Figures) {
	return {
		measure: (
			workload: Workload,
			outcome: Measurement["outcome"],
			rest: Partial<Pick<Measurement, "inFlight" | "faultyItems">> = {},
		): Promise<Measured> => subject.measure({ workload, outcome, inFlight: inFlightUsual, ...rest }),
		note: (name: string, { rate, cpuUs, walBytesPerItem }: Measured, inFull = false): void => {
			figures?.note(name, "/s", rate);
			if (!inFull) return;
			figures?.note(`${name}, CPU of Muster`, "us", cpuUs.muster);
			figures?.note(`${name}, CPU of PostgreSQL`, "us", cpuUs.postgres);
			figures?.note(`${name}, CPU of the load`, "us", cpuUs.load);
			figures?.note(`${name}, WAL`, "bytes", walBytesPerItem);
		},
	};
}
