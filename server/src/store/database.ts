import pg from "pg";

/** A statement in a file of its own, sent as a named prepared statement. */
export interface Statement {
	readonly name: string;
	readonly text: string;
}

/** A transaction: what runs in it is committed together or not at all. */
export interface Transaction {
	/** @returns the rows; their shape is the statement's business, which is why it names it. */
	query<Row>(statement: Statement, values: readonly unknown[]): Promise<Row[]>;
	/** @returns how many rows the statement wrote */
	execute(statement: Statement, values: readonly unknown[]): Promise<number>;
	/** Runs `work` so that only what it did is undone where it throws; the transaction goes on. */
	nested<T>(work: () => Promise<T>): Promise<T>;
}

export interface Database {
	/** Runs `work` in a transaction that sees one site alone: row-level security is bound to `siteId`. */
	inSite<T>(siteId: string, work: (transaction: Transaction) => Promise<T>, limits?: Limits): Promise<T>;
	/** Runs `work` in a transaction that sees no site's records, only sites, tokens and lanes. */
	inNoSite<T>(work: (transaction: Transaction) => Promise<T>, limits?: Limits): Promise<T>;
	close(): Promise<void>;
}

/** Bounds on a transaction, in milliseconds. */
export interface Limits {
	/** How long a statement may wait for another transaction's lock. */
	readonly lockMs?: number;
	/** The database ends the transaction of a client that says nothing for so long. */
	readonly idleMs?: number;
	/** Commit without waiting for the disk; only for notes whose loss costs nothing. */
	readonly lax?: boolean;
}

/** The database is down, restarting, full or out of reach; nothing of the transaction was saved. */
export class DatabaseUnavailable extends Error {
	override readonly name = "DatabaseUnavailable";
}

/** The connection broke while the transaction was being committed: it may have been saved or not. */
export class OutcomeUnknown extends Error {
	override readonly name = "OutcomeUnknown";
}

/** The role that queries run as where the login could bypass row-level security. */
export const boundRole = "muster_app";

/** Enough for two lanes and a busy API on two cores; PostgreSQL's default allows 100 in all. */
const connectionsMax = 16;
const connectMs = 5_000;
/** No statement of ours comes near; it ends one that hangs. */
const statementMs = 60_000;

export interface DatabaseOptions {
	readonly url: string;
	/** Called with trouble that no caller waits for, such as an idle connection that broke. */
	readonly onTrouble?: (error: Error) => void;
}

export function openDatabase(options: DatabaseOptions): Database {
	const pool = new pg.Pool({
		connectionString: options.url,
		max: connectionsMax,
		connectionTimeoutMillis: connectMs,
		statement_timeout: statementMs,
		// Where the other end is gone without a word, nobody else would end the wait.
		query_timeout: statementMs + 5_000,
		keepAlive: true,
		application_name: "muster",
		types: { getTypeParser },
	});
	pool.on("error", (error) => options.onTrouble?.(error));
	return {
		inSite: (siteId, work, limits = {}) =>
			transact(pool, `set local muster.site = '${quotable(siteId)}'`, limits, work),
		inNoSite: (work, limits = {}) => transact(pool, "set local muster.site = ''", limits, work),
		close: () => pool.end(),
	};
}

async function transact<T>(
	pool: pg.Pool,
	binding: string,
	limits: Limits,
	work: (transaction: Transaction) => Promise<T>,
): Promise<T> {
	const client = await connect(pool);
	let broken: Error | undefined;
	// Without a listener, a connection that breaks between two queries would end the process.
	const onError = (error: Error): void => {
		broken = error;
	};
	client.on("error", onError);
	try {
		// One message, so that binding a site costs no round trip of its own.
		await client.query(`begin; ${await roleOf(client)}${binding}${limitsOf(limits)}`);
		const run = (statement: Statement, values: readonly unknown[]): Promise<pg.QueryResult> =>
			client.query({ ...statement, values: [...values] });
		const result = await work({
			// The statement's file declares what its columns are; TypeScript cannot see into SQL.
			query: async <Row>(statement: Statement, values: readonly unknown[]) =>
				(await run(statement, values)).rows as Row[],
			execute: async (statement, values) => (await run(statement, values)).rowCount ?? 0,
			nested: (inner) => nested(client, inner),
		});
		await commit(client);
		return result;
	} catch (error) {
		broken ??= isLost(error) ? error : undefined;
		if (broken === undefined) {
			await client.query("rollback").catch((rollbackError: Error) => {
				broken = rollbackError;
			});
		}
		throw error instanceof OutcomeUnknown ? error : toUnavailable(error);
	} finally {
		client.off("error", onError);
		client.release(broken);
	}
}

async function nested<T>(client: pg.PoolClient, work: () => Promise<T>): Promise<T> {
	await client.query("savepoint nested");
	try {
		const result = await work();
		await client.query("release savepoint nested");
		return result;
	} catch (error) {
		if (isLost(error)) throw toUnavailable(error);
		await client.query("rollback to savepoint nested");
		throw error;
	}
}

async function connect(pool: pg.Pool): Promise<pg.PoolClient> {
	try {
		return await pool.connect();
	} catch (error) {
		// Whatever keeps us from connecting (refused, starting up, too many, timed out), nothing was saved.
		throw new DatabaseUnavailable("the database cannot be reached", { cause: error });
	}
}

async function commit(client: pg.PoolClient): Promise<void> {
	try {
		await client.query("commit");
	} catch (error) {
		if (!isLost(error)) throw error;
		throw new OutcomeUnknown("the connection broke while committing", { cause: error });
	}
}

/** A login that could bypass row-level security works as a role that cannot; asked once a connection. */
const roles = new WeakMap<pg.PoolClient, string>();

async function roleOf(client: pg.PoolClient): Promise<string> {
	const known = roles.get(client);
	if (known !== undefined) return known;
	const answer = await client.query<{ bypasses: boolean }>(
		"select rolsuper or rolbypassrls as bypasses from pg_roles where rolname = session_user",
	);
	const role = answer.rows[0]?.bypasses === false ? "" : `set local role ${boundRole}; `;
	roles.set(client, role);
	return role;
}

function limitsOf(limits: Limits): string {
	let text = "";
	if (limits.lockMs !== undefined) text += `; set local lock_timeout = ${limits.lockMs}`;
	if (limits.idleMs !== undefined)
		text += `; set local idle_in_transaction_session_timeout = ${limits.idleMs}`;
	if (limits.lax === true) text += "; set local synchronous_commit = off";
	return text;
}

/** SET takes no parameters, so the site's id stands in the text: only what is a UUID may. */
function quotable(siteId: string): string {
	if (!/^[0-9a-f-]{36}$/.test(siteId)) throw new Error("a site's id must be a UUID");
	return siteId;
}

/** SQLSTATE classes: 08 connection, 53 out of resources (disk, memory, connections), 57P ended by an operator. */
function isLost(error: unknown): error is Error {
	if (!(error instanceof Error)) return false;
	const code = errorCode(error);
	if (code === undefined)
		return /connection terminated|timeout exceeded|query read timeout|client has encountered/i.test(
			error.message,
		);
	return /^(08|53|57P|25P03)|^E[A-Z]+$/.test(code);
}

/** An error that means that the database is lost becomes DatabaseUnavailable; any other stays. */
export function toUnavailable(error: unknown): unknown {
	return isLost(error) ? new DatabaseUnavailable("the database was lost", { cause: error }) : error;
}

/** PostgreSQL's SQLSTATE, or Node's code of a broken socket. */
export function errorCode(error: unknown): string | undefined {
	return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

const bigintOid = 20;

/** Counts and task numbers stay far below 2^53, so a bigint may come as a number. */
function getTypeParser(oid: number, format?: "text" | "binary"): (value: string) => unknown {
	if (oid === bigintOid && format !== "binary") return Number;
	// pg's own types for this function are split by format; the text form is the only one asked for here.
	return pg.types.getTypeParser(oid, "text") as (value: string) => unknown;
}
