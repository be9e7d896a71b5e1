import { type ConnectorStatus, connectorHoldSeconds } from "@muster/client/contract";
import type { Transaction } from "./database.ts";

export interface StoredRun {
	readonly runId: string;
	readonly status: ConnectorStatus;
	readonly startedDate: Date;
	readonly updatedDate: Date;
	/** JSON. */
	readonly report: string;
}

export interface StoredConnector {
	readonly name: string;
	/** JSON. */
	readonly state: string;
	/** 0 where nobody holds it. */
	readonly heldSeconds: number;
	readonly run: StoredRun | null;
}

/** Runs of a connector that are kept: every quarter of an hour, those of ten days. */
const runsKept = 1_000;

const runColumns = `
	run.run_id as "runId", run.status, run.started_at as "startedDate", run.updated_at as "updatedDate", run.report`;

interface Row extends Omit<StoredRun, "runId"> {
	readonly name: string;
	readonly state: string;
	readonly heldSeconds: number;
	readonly runId: string | null;
}

const listStatement = {
	name: "list-connectors",
	text: `
		select connector.name, connector.state,
			ceil(greatest(0, coalesce(extract(epoch from connector.held_until - clock_timestamp()), 0)))::int as "heldSeconds",
			${runColumns}
		from muster.connector
			left join muster.connector_run as run using (site_id, name, run_id)
		where site_id = $1 and ($2::text is null or name > $2) and ($3::text is null or name = $3)
		order by name
		limit $4`,
};

/** A site's connectors by name, behind the one of the name `after`. */
export async function listConnectors(
	transaction: Transaction,
	siteId: string,
	page: { readonly after?: string | undefined; readonly name?: string; readonly limit: number },
): Promise<StoredConnector[]> {
	const values = [siteId, page.after ?? null, page.name ?? null, page.limit];
	const rows = await transaction.query<Row>(listStatement, values);
	return rows.map(({ name, state, heldSeconds, runId, ...run }) => ({
		name,
		state,
		heldSeconds,
		run: runId === null ? null : { runId, ...run },
	}));
}

export async function findConnector(
	transaction: Transaction,
	siteId: string,
	name: string,
): Promise<StoredConnector | null> {
	const [found] = await listConnectors(transaction, siteId, { name, limit: 1 });
	return found ?? null;
}

const listRunsStatement = {
	name: "list-connector-runs",
	text: `
		select ${runColumns}
		from muster.connector_run as run
		where site_id = $1 and name = $2 and ($3::uuid is null or run_id < $3)
		order by run_id desc
		limit $4`,
};

/** Runs of a connector, newest first, before the one of the id `before`. */
export function listConnectorRuns(
	transaction: Transaction,
	siteId: string,
	name: string,
	page: { readonly before: string | undefined; readonly limit: number },
): Promise<StoredRun[]> {
	return transaction.query<StoredRun>(listRunsStatement, [siteId, name, page.before ?? null, page.limit]);
}

const insertStatement = {
	name: "insert-connector",
	text: "insert into muster.connector (site_id, name) values ($1, $2) on conflict do nothing",
};

/** A connector that another process holds stays as it is: then nothing is written, and the row is not given back. */
const holdStatement = {
	name: "hold-connector",
	text: `
		update muster.connector as held
		set holder = $3,
			held_until = clock_timestamp() + make_interval(secs => $4),
			run_id = case
				when exists (
					select from muster.connector_run as run
					where run.site_id = $1 and run.name = $2 and run.run_id = held.run_id and run.status <> 'COMPLETED')
				then held.run_id
				else muster.new_id()
			end
		where site_id = $1 and name = $2
			and (holder = $3 or held_until is null or held_until <= clock_timestamp())
		returning run_id as "runId"`,
};

const beginRunStatement = {
	name: "begin-connector-run",
	text: `
		insert into muster.connector_run (site_id, name, run_id, status) values ($1, $2, $3, 'RUNNING')
		on conflict (site_id, name, run_id) do update set status = 'RUNNING', updated_at = now()`,
};

const forgetRunsStatement = {
	name: "forget-connector-runs",
	text: `
		delete from muster.connector_run
		where site_id = $1 and name = $2 and run_id < (
			select run_id from muster.connector_run
			where site_id = $1 and name = $2
			order by run_id desc offset $3 limit 1)`,
};

/**
 * Holds a connector for a process, and begins a run or takes up the one that did not end. The same holder may ask again.
 * @returns whether it is held by this holder now
 */
export async function holdConnector(
	transaction: Transaction,
	siteId: string,
	name: string,
	holder: string,
): Promise<boolean> {
	await transaction.execute(insertStatement, [siteId, name]);
	const [held] = await transaction.query<{ runId: string }>(holdStatement, [
		siteId,
		name,
		holder,
		connectorHoldSeconds,
	]);
	if (held === undefined) return false;
	await transaction.execute(beginRunStatement, [siteId, name, held.runId]);
	await transaction.execute(forgetRunsStatement, [siteId, name, runsKept]);
	return true;
}

const saveStatement = {
	name: "save-connector",
	text: `
		update muster.connector
		set state = coalesce($4, state),
			held_until = case
				when coalesce($5, 'RUNNING') = 'RUNNING' then clock_timestamp() + make_interval(secs => $6)
			end
		where site_id = $1 and name = $2 and holder = $3
		returning run_id as "runId"`,
};

const saveRunStatement = {
	name: "save-connector-run",
	text: `
		update muster.connector_run
		set report = coalesce($4, report), status = coalesce($5, status), updated_at = now()
		where site_id = $1 and name = $2 and run_id = $3`,
};

/**
 * Saves how far a connector has come, and holds it on, unless its run is told to be no longer RUNNING. Saved twice, it is
 * the same.
 * @returns whether the holder still has it; else nothing is saved
 */
export async function saveConnector(
	transaction: Transaction,
	siteId: string,
	name: string,
	progress: {
		readonly holder: string;
		readonly state: string | null;
		readonly report: string | null;
		readonly status: ConnectorStatus | null;
	},
): Promise<boolean> {
	const { holder, state, report, status } = progress;
	const values = [siteId, name, holder, state, status, connectorHoldSeconds];
	const [saved] = await transaction.query<{ runId: string }>(saveStatement, values);
	if (saved === undefined) return false;
	await transaction.execute(saveRunStatement, [siteId, name, saved.runId, report, status]);
	return true;
}
