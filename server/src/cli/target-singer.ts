import { createInterface } from "node:readline";
import { failureCodes } from "@muster/client/contract";
import type { Command } from "commander";
import { type FailedRecord, MalformedInput, runTarget } from "../sync/singer/target.ts";
import { connect } from "./connect.ts";
import { exitCodes } from "./exit-codes.ts";
import { newProcessName } from "./process-name.ts";
import { count } from "./screen.ts";
import { readStreams } from "./singer-map.ts";
import { UserError } from "./user-error.ts";

interface TargetSingerOptions {
	readonly map: string;
	readonly to?: string;
}

const examples = `
The mapping says what becomes of each stream, in the form that \`muster map\` writes for a file:

  streams:
    organizations:
      records: organizations
      columns:
        name: name
        id: { detail: Zendesk ID }
    users:
      records: customers
      columns:
        email: email
        name: displayName
        organization_id: { organizationBy: Zendesk ID }

\`gone: mark\` or \`gone: delete\` beside \`records\` does that with what a new version of the stream no longer has.

Ends with 0 when every record is done, 3 when some failed, 4 when the token may not do it, 5 when the service is out of
reach, 6 when a line of the input cannot be used, 130 when interrupted; 2 is wrong usage, 1 anything unexpected.

Environment: MUSTER_URL, MUSTER_TOKEN

Examples:
  tap-zendesk --config zendesk.json --state state.json | muster target-singer --map zendesk.yaml >> states.jsonl
  tail -1 states.jsonl > state.json`;

/** The other end of any Singer tap. */
export function addTargetSinger(program: Command): void {
	program
		.command("target-singer")
		.description(
			"Take the records of a Singer tap from standard input, and tell its states when they are committed",
		)
		.requiredOption("--map <file>", "what becomes of the streams (YAML)")
		.option("--to <url>", "the service; MUSTER_URL if left out, else the server of this folder")
		.addHelpText("after", examples)
		.action(run);
}

async function run({ map, to }: TargetSingerOptions): Promise<void> {
	const { client } = await connect({ to });
	const streams = await readStreams(map, client);
	const interrupted = new AbortController();
	const input = createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY });
	for (const name of ["SIGINT", "SIGTERM"] as const) {
		process.on(name, () => {
			interrupted.abort();
			input.close();
		});
	}
	try {
		const counts = await runTarget(input, {
			client,
			streams,
			name: `singer-${newProcessName()}`,
			now: () => performance.now(),
			interrupted: interrupted.signal,
			onState: (text) => process.stdout.write(`${text}\n`),
			onTold: (message) => console.error(`muster: ${message}`),
			onFailed: (failed) => console.error(`muster: ${inWords(failed)}`),
		});
		const { records, failed, ignored, unassociated } = counts;
		console.error(
			`muster: ${count(records)} records, ${count(failed)} failed, ${count(ignored)} of other streams, ${count(unassociated)} without an organization that is not here.`,
		);
		process.exitCode = interrupted.signal.aborted
			? exitCodes.interrupted
			: failed > 0
				? exitCodes.failedRows
				: 0;
	} catch (error) {
		if (!(error instanceof MalformedInput)) throw error;
		throw new UserError(error.message, exitCodes.nothingUsable);
	}
}

function inWords({ ref, code, column }: FailedRecord): string {
	const titles: Readonly<Record<string, { readonly title: string } | undefined>> = failureCodes;
	const [stream, line] = ref.split(/:(?=\d+$)/);
	const where = column === null ? "" : ` (${column})`;
	return `line ${line}, a record of ${stream}, failed: ${titles[code]?.title ?? code}${where}`;
}
