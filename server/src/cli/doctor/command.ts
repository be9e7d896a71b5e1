import type { Command } from "commander";
import { readConfig } from "../../server/config.ts";
import { exitCodes } from "../exit-codes.ts";
import { machineClock } from "../machine-clock.ts";
import { Screen } from "../screen.ts";
import { visible } from "../visible.ts";
import { checkDatabase } from "./database.ts";
import type { Finding } from "./finding.ts";
import { checkClock, checkDisk, checkNode } from "./machine.ts";
import { checkService } from "./service.ts";

interface DoctorOptions {
	readonly to?: string;
	readonly json?: true;
}

const ends = `
What is not here (no server, no database in this folder) is said and is no fault.

Ends with 0 when all is well, 5 when the server or the database is out of reach, 4 when the token is missing or not
valid, 1 for every other fault.

Example:
  muster doctor --to https://muster.example.com`;

/** Looks at everything that Muster needs, and says what to do about what is wrong. Changes nothing. */
export function addDoctor(program: Command): void {
	program
		.command("doctor")
		.description(
			"Check Node, database, migrations, clock, disk, server and token, and say how to mend what is wrong",
		)
		.option("--to <url>", "the service; MUSTER_URL if left out, else the server of this folder")
		.option("--json", "print JSON")
		.addHelpText("after", ends)
		.action(run);
}

async function run({ to, json }: DoctorOptions): Promise<void> {
	const findings = await examine(to);
	const isGood = findings.every(({ state }) => state !== "fault");
	if (json) console.log(JSON.stringify({ isGood, findings }));
	else show(findings);
	process.exitCode = exitCodeOf(findings);
}

async function examine(to: string | undefined): Promise<readonly Finding[]> {
	const config = readConfig();
	const { findings: service, clock } = await checkService(to, machineClock);
	const { findings: database, inspection } = await checkDatabase(config);
	const databaseClock =
		inspection === null ? [] : [{ name: "database", aheadMs: machineClock() - inspection.clockMs }];
	return [
		checkNode(process.version),
		...database,
		checkClock([...databaseClock, ...(clock === null ? [] : [clock])]),
		await checkDisk(config.dataFolder),
		...service,
	];
}

const nameWidth = 12;

function show(findings: readonly Finding[]): void {
	const screen = new Screen(process.stdout);
	const marks = {
		good: screen.style("green", "✓"),
		fault: screen.style("red", "✗"),
		absent: screen.style("dim", "–"),
	};
	for (const { check, state, says, fix } of findings) {
		const style = state === "absent" ? "dim" : [];
		for (const [place, line] of screen.wrap(visible(says), nameWidth + 2).entries()) {
			const name = place === 0 ? `${marks[state]} ${check.padEnd(nameWidth)}` : " ".repeat(nameWidth + 2);
			screen.line(name + screen.style(style, line));
		}
		for (const line of fix === undefined ? [] : screen.wrap(fix, nameWidth + 2)) {
			screen.line(" ".repeat(nameWidth + 2) + screen.style("yellow", line));
		}
	}
}

function exitCodeOf(findings: readonly Finding[]): number {
	const faults = findings.filter(({ state }) => state === "fault").map(({ check }) => check);
	if (faults.includes("server") || faults.includes("database")) return exitCodes.outOfReach;
	if (faults.includes("token")) return exitCodes.notAuthorised;
	return faults.length > 0 ? exitCodes.unexpected : 0;
}
