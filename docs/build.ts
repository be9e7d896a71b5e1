import { writeFileSync } from "node:fs";
import { type CodeEntry, failureCodes, problemCodes } from "@muster/client/contract";
import { Metrics } from "../server/src/server/metrics.ts";
import { apiReference } from "./build-api.ts";
import { commandReference } from "./build-commands.ts";
import { configurationReference } from "./build-configuration.ts";

// Writes the documents that are made from the program: `npm run docs`. test/docs.test.ts fails where one of them is no longer
// what the program says.

/** The written documents by their paths from the root of the repository. */
export async function documents(): Promise<Readonly<Record<string, string>>> {
	return {
		"docs/api.md": apiReference(),
		"docs/commands.md": await commandReference(),
		"docs/configuration.md": configurationReference(),
		"docs/errors.md": errors(),
		"docs/metrics.md": metrics(),
	};
}

function errors(): string {
	return `# Codes

<!-- Written by \`npm run docs\` from client/src/contract/problem.ts: change the texts there. -->

A [problem](#answers-to-a-request) answers a whole request: nothing of it was saved, unless its entry says otherwise. A [failure](#failures-of-items) is about one item of an accepted request; the other items are not touched by it. A code never changes its meaning. A server shows this page at \`/docs/errors\`.

## Answers to a request

${contents(problemCodes, (code) => code)}

${entries(problemCodes, (code) => code)}

## Failures of items

They stand in \`failures\` of a task and, in full, in its results.

${contents(failureCodes, headingOfFailure)}

${entries(failureCodes, headingOfFailure)}
`;
}

function metrics(): string {
	const rows = new Metrics("")
		.list()
		.filter(({ name }) => name.startsWith("muster_"))
		.map(({ name, type, labels, help }) => {
			const names = labels.map((label) => `\`${label}\``).join(", ");
			return `| \`${name}\` | ${type} | ${names} | ${help} |`;
		});
	return `# Metrics

<!-- Written by \`npm run docs\` from server/src/server/metrics.ts: change the texts there. -->

With \`MUSTER_METRICS_PORT\` each process answers \`GET /metrics\` on that port of \`HOST\`, without a token, so let only Prometheus reach it. Units are seconds and numbers of things. Counters are of one process: sum them. Nothing is told of a customer, and no site is named. Beside these there is what [prom-client](https://github.com/siimon/prom-client) tells of every Node process: \`process_*\` and \`nodejs_*\`.

| metric | type | labels | what it is |
|---|---|---|---|
${rows.join("\n")}
`;
}

type Codes = Readonly<Record<string, CodeEntry>>;

/** Two headings of one name would have one anchor. */
function headingOfFailure(code: string): string {
	return code in problemCodes ? `${code}-item` : code;
}

function contents(codes: Codes, headingOf: (code: string) => string): string {
	const rows = Object.entries(codes).map(([code, entry]) => {
		const cells = [`[\`${code}\`](#${headingOf(code)})`, ...statuses(entry), entry.title];
		return `| ${cells.join(" | ")} |`;
	});
	const hasStatus = Object.values(codes).some((entry) => entry.status !== undefined);
	const head = ["code", ...(hasStatus ? ["status"] : []), "meaning"];
	return [`| ${head.join(" | ")} |`, `|${"---|".repeat(head.length)}`, ...rows].join("\n");
}

function statuses(entry: CodeEntry): string[] {
	if (entry.status === undefined) return [];
	return [
		entry.referenceStatus === undefined
			? String(entry.status)
			: `${entry.status}; ${entry.referenceStatus} under \`/jsm/csm\``,
	];
}

function entries(codes: Codes, headingOf: (code: string) => string): string {
	return Object.entries(codes)
		.map(
			([code, entry]) => `### ${headingOf(code)}

**${entry.title}.** ${entry.cause}

- Example: ${entry.example}
- Fix: ${entry.fix}`,
		)
		.join("\n\n");
}

if (import.meta.main) {
	for (const [path, text] of Object.entries(await documents())) {
		writeFileSync(new URL(`../${path}`, import.meta.url), text);
		console.log(`${path} is written`);
	}
}
