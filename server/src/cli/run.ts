import { readFile } from "node:fs/promises";
import { MusterError, MusterNetworkError, MusterTimeoutError } from "@muster/client";
import { CommanderError } from "commander";
import { ConfigError } from "../server/config.ts";
import { EmbeddedError } from "../store/embedded/error.ts";
import { HubSpotError } from "../sync/hubspot/connection.ts";
import { exitCodes } from "./exit-codes.ts";
import { makeProgram } from "./program.ts";
import { complain } from "./screen.ts";
import { UserError } from "./user-error.ts";

const hubSpotExitCodes: Readonly<Record<HubSpotError["kind"], number>> = {
	refused: exitCodes.unexpected,
	"not-authorised": exitCodes.notAuthorised,
	"daily-limit": exitCodes.outOfReach,
	"out-of-reach": exitCodes.outOfReach,
};

/** Runs one command to its end: its words, without the program's name. What became of it is process.exitCode. */
export async function run(parameters: readonly string[]): Promise<void> {
	try {
		const program = await makeProgram(await versionOf(), parameters[0]);
		await program.parseAsync([...parameters], { from: "user" });
	} catch (error) {
		process.exitCode = report(error);
	}
}

async function versionOf(): Promise<string> {
	const manifest: unknown = JSON.parse(
		await readFile(new URL("../../package.json", import.meta.url), "utf8"),
	);
	return typeof manifest === "object" && manifest !== null && "version" in manifest
		? String(manifest.version)
		: "";
}

/** Plain words for what a user can mend; everything else is a fault of ours and keeps its stack. */
function report(error: unknown): number {
	if (isBrokenPipe(error)) return 0;
	if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodes.usage;
	if (error instanceof UserError || error instanceof ConfigError || error instanceof EmbeddedError) {
		complain(error.message);
		return error instanceof UserError ? error.exitCode : exitCodes.unexpected;
	}
	if (error instanceof HubSpotError) {
		complain(error.message);
		return hubSpotExitCodes[error.kind];
	}
	if (error instanceof MusterError) {
		complain(`the service refused: ${error.message}`);
		return [401, 403].includes(error.status) ? exitCodes.notAuthorised : exitCodes.unexpected;
	}
	if (error instanceof MusterNetworkError || error instanceof MusterTimeoutError) {
		complain(error.message);
		return exitCodes.outOfReach;
	}
	console.error(error);
	return exitCodes.unexpected;
}

export function isBrokenPipe(error: unknown): boolean {
	return error instanceof Error && "code" in error && error.code === "EPIPE";
}
