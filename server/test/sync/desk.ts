import { MusterClient } from "@muster/client";
import { runCommand } from "../command.ts";
import type { TestMuster, TestSite } from "../muster.ts";
import { type Ended, type Program, startProgram } from "../program.ts";
import { aGate, type Gate } from "./gate.ts";
import { type StandIn, startStandIn } from "./hubspot-stand-in.ts";

/** A site, a HubSpot of its own, and the command between them. */
export interface Desk {
	readonly site: TestSite;
	readonly client: MusterClient;
	readonly standIn: StandIn;
	/** Between the command and the server. */
	readonly gate: Gate;
	readonly environment: Record<string, string>;
	/** Starts `muster sync hubspot`. */
	start(parameters?: readonly string[], environment?: Readonly<Record<string, string>>): Program;
	/** Runs it to its end, in this process. */
	ends(parameters?: readonly string[], environment?: Readonly<Record<string, string>>): Promise<Ended>;
	/** The same, with its report. */
	sync(parameters?: readonly string[]): Promise<Synced>;
	run(parameters: readonly string[]): Promise<Ended>;
	/** As if a process that holds the connector had said nothing for so long. */
	letHoldRunOut(): Promise<void>;
}

export interface Synced extends Ended {
	// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever is printed
	readonly report: any;
}

export async function aDesk(muster: TestMuster, cleanups: (() => Promise<unknown>)[]): Promise<Desk> {
	const standIn = await startStandIn();
	cleanups.push(() => standIn.close());
	const gate = await aGate(muster.url);
	cleanups.push(() => gate.close());
	const site = await muster.aSite();
	const client = new MusterClient({ url: muster.url, token: site.token });
	const environment = {
		MUSTER_URL: gate.url,
		MUSTER_TOKEN: site.token,
		HUBSPOT_URL: standIn.url,
		HUBSPOT_TOKEN: standIn.key,
	};
	const ends: Desk["ends"] = (parameters = [], more = {}) =>
		runCommand(["sync", "hubspot", ...parameters], { ...environment, ...more });
	return {
		site,
		client,
		standIn,
		gate,
		environment,
		start: (parameters = [], more = {}) => {
			const program = startProgram(["sync", "hubspot", ...parameters], { ...environment, ...more });
			cleanups.push(() => program.end("SIGKILL"));
			return program;
		},
		ends,
		sync: async (parameters = []) => {
			const ended = await ends([...parameters, "--json"]);
			const isJson = ended.stdout.startsWith("{");
			return { ...ended, report: isJson ? JSON.parse(ended.stdout) : null };
		},
		run: (parameters) => runCommand(parameters, environment),
		letHoldRunOut: async () => {
			const statement = {
				name: "let-hold-run-out",
				text: "update muster.connector set held_until = clock_timestamp() where site_id = $1",
			};
			await muster.database.inSite(site.siteId, (transaction) =>
				transaction.execute(statement, [site.siteId]),
			);
		},
	};
}
