import type pg from "pg";
import { type Catalogue, readCatalogue } from "./catalogue.ts";
import { onOwnConnection } from "./on-own-connection.ts";

/** How a database is spread over the machines of a Citus, and what stands in the way of it. */
export interface Distribution {
	/** In the order in which they are carried out, in one transaction. */
	readonly statements: readonly string[];
	/** In words; while there is one, nothing is carried out. */
	readonly obstacles: readonly string[];
}

/** Triggers of a table that is spread: the audit log then tells nothing of webhooks, and each site is looked at for some. */
const givenUp = {
	table: "webhook",
	triggers: ["audit", "audit_change"],
	instead: [
		"alter table muster.site alter column has_webhooks set default true",
		"update muster.site set has_webhooks = true where not has_webhooks",
	],
};

/**
 * Every table whose keys all have site_id is spread by it, in one group: all of a site is on one machine. The others are
 * small and asked before a site is known. Each machine has a copy of them, but of those with triggers, and of what refers to
 * these: they stay where the program connects, as Citus has triggers nowhere else.
 */
export function distributionOf(catalogue: Catalogue): Distribution {
	const spread = inOrderOfReference(catalogue.tables.filter(({ isOfSites }) => isOfSites));
	const rest = catalogue.tables.filter(({ isOfSites }) => !isOfSites);
	const stays = staying(rest);
	const [first, ...others] = spread;
	const dropped = spread.flatMap(({ name, triggers }) =>
		triggers
			.filter((trigger) => isGivenUp(name, trigger))
			.map((trigger) => `drop trigger ${trigger} on muster.${name}`),
	);
	return {
		statements: [
			// Citus takes no sub-selects in policies: docs/scale.md.
			...spread
				.filter(({ policies }) => policies.length > 0)
				.map(
					({ name }) =>
						`alter policy bound_site on muster.${name} using (site_id = muster.bound_site()) with check (site_id = muster.bound_site())`,
				),
			...dropped,
			...(dropped.length > 0 ? givenUp.instead : []),
			...rest.map(({ name }) =>
				stays.has(name)
					? `select citus_add_local_table_to_metadata('muster.${name}')`
					: `select create_reference_table('muster.${name}')`,
			),
			...(first === undefined ? [] : [spreadBySite(first.name, "none")]),
			...others.map(({ name }) => spreadBySite(name, `muster.${first?.name}`)),
			...catalogue.functions.map((signature) => `select create_distributed_function('${signature}')`),
		],
		obstacles: spread.flatMap(({ name, triggers }) =>
			triggers
				.filter((trigger) => !isGivenUp(name, trigger))
				.map(
					(trigger) => `muster.${name} has the trigger ${trigger}, and Citus spreads no table with triggers`,
				),
		),
	};
}

function isGivenUp(table: string, trigger: string): boolean {
	return table === givenUp.table && givenUp.triggers.includes(trigger);
}

function spreadBySite(table: string, group: string): string {
	return `select create_distributed_table('muster.${table}', 'site_id', colocate_with => '${group}')`;
}

type Table = Catalogue["tables"][number];

/** What is referred to comes first. The tables of a catalogue refer to each other in no circle. */
function inOrderOfReference(tables: readonly Table[]): readonly Table[] {
	const ordered: Table[] = [];
	const place = (table: Table): void => {
		if (ordered.includes(table)) return;
		for (const other of tables) if (table.references.includes(other.name) && other !== table) place(other);
		ordered.push(table);
	};
	for (const table of tables) place(table);
	return ordered;
}

function staying(tables: readonly Table[]): ReadonlySet<string> {
	const names = new Set(tables.filter(({ triggers }) => triggers.length > 0).map(({ name }) => name));
	for (const _ of tables) {
		for (const { name, references } of tables) {
			if (references.some((other) => names.has(other))) names.add(name);
		}
	}
	return names;
}

/** What came of it: `noCitus` and `hindered` have changed nothing. */
export type Distributed = "done" | "noCitus" | "hindered";

/** Carries a distribution out where nothing stands in its way. @throws DatabaseUnavailable */
export async function distribute(url: string): Promise<Distribution & { readonly came: Distributed }> {
	return onOwnConnection(url, "migrate", async (client) => {
		const distribution = distributionOf(await readCatalogue(client));
		if (!(await hasCitus(client))) return { ...distribution, came: "noCitus" };
		if (distribution.obstacles.length > 0) return { ...distribution, came: "hindered" };
		await client.query(["begin", ...distribution.statements, "commit"].join(";\n"));
		return { ...distribution, came: "done" };
	});
}

/** What `distribute` would do; changes nothing. @throws DatabaseUnavailable */
export function planDistribution(url: string): Promise<Distribution> {
	return onOwnConnection(url, "migrate", async (client) => distributionOf(await readCatalogue(client)));
}

async function hasCitus(client: pg.Client): Promise<boolean> {
	const { rows } = await client.query("select from pg_extension where extname = 'citus'");
	return rows.length > 0;
}
