import { existsSync } from "node:fs";
import { statfs } from "node:fs/promises";
import type { Finding } from "./finding.ts";

/** The oldest Node that Muster runs on. */
const nodeMajor = 24;

export function checkNode(version: string): Finding {
	if (Number(version.slice(1).split(".")[0]) >= nodeMajor) {
		return { check: "node", state: "good", says: version };
	}
	return {
		check: "node",
		state: "fault",
		says: `${version}, and Muster needs ${nodeMajor} or newer`,
		fix: "Inside the repository, start it as `npx muster` or `npm start`; elsewhere install Node 24.",
	};
}

/** Free bytes below which a database is soon in trouble. */
const freeBytesMin = 1_000_000_000;
const gigabyte = 1_000_000_000;

/** The disk of the data folder; that of another database is not seen from here. */
export async function checkDisk(folder: string): Promise<Finding> {
	if (!existsSync(folder)) {
		return { check: "disk", state: "absent", says: `there is no data folder ${folder}` };
	}
	const { bavail, blocks, bsize } = await statfs(folder);
	const [free, all] = [bavail, blocks].map((count) => count * bsize);
	const says = `${inGigabytes(free ?? 0)} of ${inGigabytes(all ?? 0)} are free in ${folder}`;
	if ((free ?? 0) >= freeBytesMin) return { check: "disk", state: "good", says };
	return {
		check: "disk",
		state: "fault",
		says,
		fix: "Make room, or move the folder to a larger disk and set MUSTER_DATA. A full disk is answered with 503 until there is room; nothing is lost.",
	};
}

function inGigabytes(bytes: number): string {
	return `${(bytes / gigabyte).toFixed(1)} GB`;
}

/** A clock that is further away than this is wrong, and not only late to be asked; milliseconds. */
const clockMsMax = 5_000;

export interface OtherClock {
	readonly name: string;
	/** By how much this machine's clock is ahead of it, in milliseconds. */
	readonly aheadMs: number;
}

export function checkClock(others: readonly OtherClock[]): Finding {
	if (others.length === 0) {
		return { check: "clock", state: "absent", says: "there is no database and no server to compare it with" };
	}
	const off = others.filter(({ aheadMs }) => Math.abs(aheadMs) > clockMsMax);
	if (off.length === 0) {
		const names = others.map(({ name }) => name).join(" and ");
		return { check: "clock", state: "good", says: `agrees with that of the ${names}` };
	}
	return {
		check: "clock",
		state: "fault",
		says: off
			.map(
				({ name, aheadMs }) =>
					`${(Math.abs(aheadMs) / 1_000).toFixed(0)} s ${aheadMs > 0 ? "ahead of" : "behind"} that of the ${name}`,
			)
			.join(", "),
		fix: "Set the clocks by the network on every machine (`timedatectl set-ntp true`). Order and keeping go by the database's clock and are right all the same; what this machine stamps is not.",
	};
}
