import { type Command, Option } from "commander";
import { goneWays } from "../../sync/hubspot/context.ts";
import { type HubSpotOptions, syncHubSpotCommand } from "./hubspot.ts";
import { type StatusOptions, showStatus } from "./status.ts";

const examples = `
The key is read from HUBSPOT_TOKEN or from --key-file, and never from a flag: others on the machine can read those.
The first run brings everything, later ones what was changed since. A run that was interrupted is gone on with.

Ends with 0 when every record is done, 3 when some failed, 4 when HubSpot or the service do not let the key or token do it,
5 when one of them is out of reach or HubSpot's daily limit is used up, 130 when interrupted; 2 is wrong usage, 1 anything
unexpected.

Environment: HUBSPOT_TOKEN, HUBSPOT_URL, MUSTER_URL, MUSTER_TOKEN, NO_COLOR

Examples:
  muster sync hubspot --dry-run
  muster sync hubspot --key-file /etc/muster/hubspot.key --every 15m
  muster sync hubspot --contact-properties "phone,jobtitle,plan=Support plan"
  muster sync status`;

/** Brings records from another program, again and again. */
export function addSync(program: Command): void {
	const sync = program
		.command("sync")
		.description("Bring customers and organizations from another program")
		.addHelpText("after", "\nExample:\n  muster sync hubspot --dry-run");
	sync
		.command("hubspot")
		.description("Bring HubSpot's contacts and companies, then what was changed there")
		.option("--key-file <file>", "a file that holds the Service Key or OAuth token")
		.option("--dry-run", "find out what would change, and change nothing")
		.option("--full", "bring everything again, and not what was changed alone")
		.option("--every <time>", "stay, and do it again so long after each begin: 30s, 15m, 2h")
		.option(
			"--contact-properties <list>",
			"properties to bring, with commas between, each as name or name=field",
		)
		.option("--company-properties <list>", "the same of companies")
		.addOption(goneOption("--archived", "records that are archived in HubSpot"))
		.addOption(goneOption("--merged", "records that were merged into others in HubSpot"))
		.option("--api-version <version>", "of HubSpot's API: a date, or v3", "2026-03")
		.option("--to <url>", "the service; MUSTER_URL if left out, else the server of this folder")
		.option("--json", "print the report as JSON")
		.addHelpText("after", examples)
		.action((options: HubSpotOptions) => syncHubSpotCommand(options));
	sync
		.command("status")
		.argument("[connector]", "its name; all if left out")
		.description("Show how far connectors have come, and their last runs")
		.option("--to <url>", "the service; MUSTER_URL if left out, else the server of this folder")
		.option("--json", "print JSON")
		.addHelpText("after", "\nExample:\n  muster sync status hubspot")
		.action((name: string | undefined, options: StatusOptions) => showStatus(name, options));
}

function goneOption(flag: string, what: string): Option {
	return new Option(`${flag} <way>`, `what to do with ${what}`).choices(goneWays).default("mark");
}
