import { setTimeout as delay } from "node:timers/promises";
import type { Chance } from "./chance.ts";
import type { Deployment } from "./deployment.ts";
import type { History } from "./history.ts";
import type { Member } from "./member.ts";
import type { Doom } from "./points.ts";
import { type Fault, nameOf } from "./schedule.ts";

/** One fault, carried out under load. */
export interface Round {
	readonly fault: string;
	/** When it happened, in milliseconds since 1970 by the clock of the harness; of two kills, when the second one did. */
	readonly at: number;
	/** Processes of Muster that were ended by SIGKILL. */
	readonly kills: number;
	/** Whether it happened where it was meant to: a point may not be come to in time. */
	readonly hit: boolean;
	/** Whether a worker was running all the time. */
	readonly workerAlive: boolean;
	/** Whether everything that had been sent was seen to have ended in time. */
	readonly recovered: boolean;
}

/** How long a point is waited for, in milliseconds: under load, the rarest is come to within a fraction of it. */
const pointMsMax = 1_500;
/** The same of a point of a start: the program comes up first, beside all that is under load. */
const startMsMax = 10_000;
/** The longest wait for the end of what was sent before a fault; twice what is promised. */
export const recoveryMsMax = 30_000;
const lookMs = 5;

/** Carries out a fault, starts again what has ended, and waits until all that was sent before has ended. */
export async function carryOut(
	fault: Fault,
	deployment: Deployment,
	history: History,
	chance: Chance,
): Promise<Round> {
	const { at, kills, hit } = await bringAbout(fault, deployment, chance);
	const workerAlive = deployment.workers.some((worker) => worker.isRunning);
	await startAgain(deployment);
	const late = performance.now() + recoveryMsMax;
	while (history.isOpenSince(at) && performance.now() < late) await delay(lookMs);
	return { fault: nameOf(fault), at, kills, hit, workerAlive, recovered: !history.isOpenSince(at) };
}

type Harm = Pick<Round, "at" | "kills" | "hit">;

async function bringAbout(fault: Fault, deployment: Deployment, chance: Chance): Promise<Harm> {
	const { apis, workers, members, postgres } = deployment;
	const one = chance.pick("part" in fault && fault.part === "api" ? apis : workers);
	switch (fault.kind) {
		case "point":
			return meet(one, { point: fault.point, nth: fault.nth, signal: "SIGKILL" });
		case "kill": {
			await delay(fault.afterMs);
			const victims = {
				api: [chance.pick(apis)],
				worker: [one],
				"every api": apis,
				"every worker": workers,
				all: members,
			}[fault.victims];
			return kill(victims);
		}
		case "start":
			await one.end("SIGKILL");
			one.start({ point: fault.point, nth: 1, signal: "SIGKILL" });
			return { ...(await endAt(one, startMsMax)), kills: 2 };
		case "stop": {
			one.signal("SIGTERM");
			await delay(fault.afterMs);
			const at = Date.now();
			const hit = (await one.end("SIGKILL")) === "SIGKILL";
			return { at, kills: hit ? 1 : 0, hit };
		}
		case "backends": {
			const at = Date.now();
			return { at, kills: 0, hit: (await endBackends(deployment, fault.which)) > 0 };
		}
		case "cut": {
			const isCut = deployment.doorway.cutAtCommit(fault.moment).then(() => true);
			const hit = await Promise.race([isCut, delay(pointMsMax, false)]);
			return { at: Date.now(), kills: 0, hit };
		}
		case "database": {
			const at = Date.now();
			// The next best where it is not ours to end.
			await (postgres.crash ?? (() => endBackends(deployment, "all")))();
			return { at, kills: 0, hit: postgres.crash !== null };
		}
		case "machine": {
			const harm = await kill(members);
			await postgres.crash?.();
			return { ...harm, hit: postgres.crash !== null };
		}
	}
}

async function meet(member: Member, doom: Doom): Promise<Harm> {
	member.arm(doom);
	return endAt(member, pointMsMax);
}

/** A process that does not come to its point in time is killed where it is. */
async function endAt(member: Member, mostMs: number): Promise<Harm> {
	const hit = await Promise.race([member.ended.then(() => true), delay(mostMs, false)]);
	const at = Date.now();
	if (!hit) await member.end("SIGKILL");
	return { at, kills: 1, hit };
}

async function kill(members: readonly Member[]): Promise<Harm> {
	const at = Date.now();
	await Promise.all(members.map((member) => member.end("SIGKILL")));
	return { at, kills: members.length, hit: true };
}

/** @returns how many connections of Muster's the database has ended */
async function endBackends(deployment: Deployment, which: "one" | "all"): Promise<number> {
	const client = await deployment.connect();
	const ended = await client.query(
		`select pg_terminate_backend(pid) from (
			select pid from pg_stat_activity
			where datname = current_database() and application_name = 'muster'
			-- One that is doing something, where there is one.
			order by state = 'idle', random() limit $1) as chosen`,
		[which === "one" ? 1 : null],
	);
	await client.end();
	return ended.rowCount ?? 0;
}

async function startAgain({ members }: Deployment): Promise<void> {
	const ended = members.filter((member) => !member.isRunning);
	for (const member of ended) member.start();
	await Promise.all(ended.map((member) => member.ready));
}
