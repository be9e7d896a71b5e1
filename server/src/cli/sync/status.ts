import type { Connector, ConnectorRun } from "@muster/client/contract";
import { readState } from "../../sync/hubspot/sync.ts";
import { Tally } from "../../sync/tally.ts";
import { connect } from "../connect.ts";
import { Screen } from "../screen.ts";
import { showReport } from "./report.ts";

export interface StatusOptions {
	readonly to?: string;
	readonly json?: true;
}

/** Runs that are shown of a connector. */
const runsShown = 5;

export async function showStatus(name: string | undefined, options: StatusOptions): Promise<void> {
	const { client } = await connect(options);
	const shown: { readonly connector: Connector; readonly runs: readonly ConnectorRun[] }[] = [];
	const connectors = name === undefined ? client.connectors.list() : [await client.connectors.get(name)];
	for await (const connector of connectors) {
		const runs: ConnectorRun[] = [];
		for await (const run of client.connectors.runs(connector.name)) if (runs.push(run) >= runsShown) break;
		shown.push({ connector, runs });
	}
	if (options.json) {
		console.log(JSON.stringify(shown.map(({ connector, runs }) => ({ ...connector, runs }))));
		return;
	}
	const screen = new Screen(process.stdout);
	if (shown.length === 0) screen.text("No connector has run yet. `muster sync hubspot` is one.");
	for (const { connector, runs } of shown) show(screen, connector, runs);
}

function show(screen: Screen, connector: Connector, runs: readonly ConnectorRun[]): void {
	const { since, pass } = readState(connector.state);
	screen.heading(connector.name);
	const held = connector.heldSeconds > 0 ? "It is being carried out now." : "Nobody carries it out now.";
	const from =
		since === null
			? "The next run brings everything."
			: `The next run brings what was changed since ${since}.`;
	screen.text(
		pass === null ? `${held} ${from}` : `${held} A run is under way, at ${pass.step}; it is gone on with.`,
	);
	const [{ startedDate: begun = "", report: { everySeconds = null } = {} } = {}] = runs;
	if (typeof everySeconds === "number") {
		const due = new Date(Date.parse(begun) + everySeconds * 1_000);
		screen.text(`The next run is due at ${due.toISOString()}.`);
	}
	for (const { status, startedDate, updatedDate, report } of runs) {
		screen.line();
		screen.line(`${screen.style("bold", startedDate)}  ${status}, last heard of ${updatedDate}`);
		showReport(screen, new Tally(report).report);
	}
	screen.line();
}
