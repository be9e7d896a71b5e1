import { MusterClient, MusterError } from "@muster/client";
import { askOnce, findService, isAddress } from "../connect.ts";
import type { Finding } from "./finding.ts";
import type { OtherClock } from "./machine.ts";

/** @returns what was found, and the server's clock where it told one */
export async function checkService(
	to: string | undefined,
	now: () => number,
): Promise<{ readonly findings: readonly Finding[]; readonly clock: OtherClock | null }> {
	const { url, token } = await findService(to);
	if (url === undefined) {
		const says = "none is named by --to or MUSTER_URL, and none was started in this folder";
		return { findings: [{ check: "server", state: "absent", says }], clock: null };
	}
	if (!isAddress(url)) {
		const fix = "Write it with its scheme, such as https://muster.example.com.";
		const says = `${JSON.stringify(url)} is no address`;
		return { findings: [{ check: "server", state: "fault", says, fix }], clock: null };
	}
	const answer = await askOnce(`${url}/readyz`, "GET");
	if (typeof answer === "string") {
		const says = `${url} is out of reach: ${answer}`;
		const fix = "Start it with `muster serve`, or say where it is with --to or MUSTER_URL.";
		return { findings: [{ check: "server", state: "fault", says, fix }], clock: null };
	}
	const toldMs = Date.parse(answer.headers.get("date") ?? "");
	// The header tells whole seconds.
	const clock = Number.isNaN(toldMs) ? null : { name: "server", aheadMs: now() - toldMs - 500 };
	const server = judgeReadiness(url, answer);
	if (server.state === "fault") return { findings: [server], clock };
	return { findings: [server, await checkToken(url, token)], clock };
}

function judgeReadiness(url: string, { status }: Response): Finding {
	if (status === 200) return { check: "server", state: "good", says: `${url} is ready` };
	return status === 503
		? {
				check: "server",
				state: "fault",
				says: `${url} runs and is not ready`,
				fix: "Its own database is out of reach or full: its log says why. Run `muster doctor` on its machine.",
			}
		: {
				check: "server",
				state: "fault",
				says: `${url} answered ${status}, as no Muster does`,
				fix: "Is this its address? A proxy in front has to hand on /readyz and /api.",
			};
}

async function checkToken(url: string, token: string | undefined): Promise<Finding> {
	if (token === undefined) {
		return {
			check: "token",
			state: "fault",
			says: `there is none for ${url}`,
			fix: "Set MUSTER_TOKEN; `muster token create` makes one on the server's machine.",
		};
	}
	const client = new MusterClient({ url, token, retry: { triesMax: 1 } });
	try {
		await client.listTasks().next();
		return { check: "token", state: "good", says: "is valid and may read tasks" };
	} catch (error) {
		if (!(error instanceof Error)) throw error;
		if (error instanceof MusterError && error.status === 403) {
			return { check: "token", state: "good", says: "is valid, and may not read tasks" };
		}
		const isUnknown = error instanceof MusterError && error.status === 401;
		return {
			check: "token",
			state: "fault",
			says: isUnknown ? "is not known to the server, revoked, or past its time" : error.message,
			fix: "`muster token list --site NAME` shows which are revoked or past their time; `muster token create` makes a new one.",
		};
	}
}
