import { clientVariables, serverVariables, type Variable } from "../server/src/server/variables.ts";

/** docs/configuration.md, from the table of variables. */
export function configurationReference(): string {
	return `# Configuration

<!-- Written by \`npm run docs\` from server/src/server/variables.ts: change the texts there. -->

Everything is set by the environment. A value that cannot be used ends the start with a sentence that names it. What belongs to a site is a setting of the site: [operating.md](operating.md#sites-and-tokens).

## A server

\`muster serve\`, \`muster worker\`, \`muster migrate\` and the commands that work on the database.

${tableOf(serverVariables)}

## Commands that speak to a service

${tableOf(clientVariables)}
`;
}

function tableOf(variables: readonly Variable[]): string {
	const rows = variables.map(
		({ name, default: usual, what }) =>
			`| \`${name}\` | ${usual === null ? "none" : `\`${usual}\``} | ${what} |`,
	);
	return ["| variable | default | what it is |", "|---|---|---|", ...rows].join("\n");
}
