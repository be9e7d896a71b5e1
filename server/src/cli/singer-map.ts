import type { MusterClient } from "@muster/client";
import { type GoneRecords, goneWays, ownMapping } from "../sync/singer/gone.ts";
import type { StreamPlan } from "../sync/singer/row.ts";
import { objectOf, planOf, readYaml, wrongIn } from "./import/map-file.ts";
import type { UserError } from "./user-error.ts";

/** @throws UserError that says what of the mapping cannot be used */
export async function readStreams(
	path: string,
	client: MusterClient,
): Promise<ReadonlyMap<string, StreamPlan>> {
	const fields = {
		customer: await client.detailFields("customer"),
		organization: await client.detailFields("organization"),
	};
	const { streams } = await readYaml(path);
	const found = Object.entries(objectOf(streams));
	if (found.length === 0)
		throw wrongIn(path)("it has no `streams`. `muster target-singer --help` has an example.");
	return new Map(
		found.map(([name, value]) => {
			const wrong = (what: string): UserError => wrongIn(path)(`stream ${JSON.stringify(name)}: ${what}`);
			const sent = objectOf(value);
			const columns = objectOf(sent.columns);
			const by = Object.entries(columns).flatMap(([column, target]) => {
				const { organizationBy: field } = objectOf(target);
				return typeof field === "string" ? [{ column, field }] : [];
			});
			if (by.length > 1) throw wrong("one column alone can have `organizationBy`.");
			if (by.length > 0 && sent.records !== "customers") throw wrong("`organizationBy` is for customers.");
			const gone = goneOf(name, sent.gone, wrong);
			const own = gone === null ? {} : ownMapping(gone);
			const others = Object.keys(columns).filter((column) => column !== by[0]?.column);
			const mapping = { ...sent, columns: { ...columns, ...own } };
			const plan = planOf(mapping, [...others, ...Object.keys(own)], fields, wrong);
			return [name, { plan, organizationBy: by[0] ?? null, gone }];
		}),
	);
}

function goneOf(stream: string, sent: unknown, wrong: (what: string) => UserError): GoneRecords | null {
	if (sent === undefined || sent === "leave") return null;
	const way = goneWays.find((each) => each === sent);
	if (way === undefined)
		throw wrong(`\`gone\` is ${JSON.stringify(sent)}; mark, delete or leave is expected.`);
	return { way, versionField: `${stream} version`, statusField: `${stream} status` };
}
