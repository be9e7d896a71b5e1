import type pg from "pg";
import { freshPlans } from "./fresh-plans.ts";
import { openPool, type PoolOptions, statementMs } from "./open-pool.ts";
import { isPgbouncerUnsaid, isThroughPgbouncer } from "./pgbouncer.ts";
import { sendTogether } from "./send-together.ts";

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
	/**
	 * Sends the statements of `last` and the commit right behind them, in one go, so that the end of a transaction costs
	 * one round trip; what fails of it undoes the transaction. `last` sends all it has before it waits for anything, and
	 * nothing may be sent afterwards.
	 * @throws OutcomeUnknown also where the connection breaks before the commit was answered
	 */
	commit<T>(last: () => Promise<T>): Promise<T>;
}

export interface Database {
	/** Runs `work` in a transaction that sees one site alone: row-level security is bound to `siteId`. */
	inSite<T>(siteId: string, work: (transaction: Transaction) => Promise<T>, limits?: Limits): Promise<T>;
	/** Runs `work` in a transaction that sees no site's records, only sites, tokens and lanes. */
	inNoSite<T>(work: (transaction: Transaction) => Promise<T>, limits?: Limits): Promise<T>;
	close(): Promise<void>;
}

/** A database with connections of its own. */
export interface PooledDatabase extends Database {
	/** How many connections there are, and how many transactions wait for one. */
	connections(): { readonly open: number; readonly idle: number; readonly waiting: number };
}

/** Bounds on a transaction, in milliseconds. */
export interface Limits {
	/** How long a statement may wait for another transaction's lock. */
	readonly lockMs?: number;
	/** Nothing is written, so there is nothing that could be saved or not. */
	readonly readOnly?: boolean;
	/** Commit without waiting for the disk; only for notes whose loss costs nothing. */
	readonly lax?: boolean;
	/**
	 * Reads and writes of records by their keys alone. PostgreSQL goes by the statistics of its last look at a table, and
	 * may read all of a site, or all of a table, where its keys are asked for: a site that is being filled outgrows them
	 * within seconds.
	 */
	readonly byKey?: boolean;
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
/**
 * The database ends a transaction that says nothing for so long, in milliseconds: that of a process which was paused or cut
 * off holds locks, a site's lane among them.
 */
export const silentMs = 5_000;
const bounds = { statement_timeout: statementMs, idle_in_transaction_session_timeout: silentMs } as const;
/** The same, for a transaction on a connection that could not be begun with them. */
const boundsInTransaction = Object.entries(bounds)
	.map(([name, value]) => `; set local ${name} = ${value}`)
	.join("");
/** Connections for notes: they are written while a transaction is held, and must never wait for those who wait for it. */
const noteConnectionsMax = 2;

export function openDatabase(options: PoolOptions): PooledDatabase {
	const isShared = isThroughPgbouncer(options.url);
	const settings = isShared ? {} : bounds;
	const pool = { pool: openPool(options, connectionsMax, settings), isShared };
	const notes = { pool: openPool(options, noteConnectionsMax, settings), isShared };
	return {
		inSite: (siteId, work, limits = {}) =>
			transact(pool, `set local muster.site = '${quotable(siteId)}'`, limits, work),
		inNoSite: (work, limits = {}) =>
			transact(limits.lax === true ? notes : pool, "set local muster.site = ''", limits, work),
		connections: () => {
			const { totalCount, idleCount, waitingCount } = pool.pool;
			return { open: totalCount, idle: idleCount, waiting: waitingCount };
		},
		close: async () => {
			await Promise.all([pool.pool.end(), notes.pool.end()]);
		},
	};
}

interface Connections {
	readonly pool: pg.Pool;
	/** Whether they lead to pgbouncer, so that two transactions on one may meet two connections of the database. */
	readonly isShared: boolean;
}

async function transact<T>(
	{ pool, isShared }: Connections,
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
	const answers = new Answers();
	try {
		const role = await roleOf(client);
		sendTogether(client);
		// One message, sent ahead of the first statement and not waited for: beginning costs no round trip of its own.
		answers
			.of(
				client.query(
					`begin${limits.readOnly === true ? " read only" : ""}; ${role}${binding}${limitsOf(limits)}${isShared ? boundsInTransaction : ""}${freshPlans(client, limits)}`,
				),
			)
			.catch(() => undefined);
		let isCommitted = false;
		const result = await work({
			...statementsOf(client, answers, isShared),
			commit: async (last) => {
				isCommitted = true;
				return commitWith(client, last, answers);
			},
		});
		if (!isCommitted) await commit(client, answers);
		// A statement that went through although the transaction was never begun was not bound to its site.
		if (answers.failure !== undefined) throw answers.failure;
		return result;
	} catch (error) {
		const cause = answers.failure ?? error;
		broken ??= isLost(cause) ? cause : undefined;
		if (broken === undefined) {
			await client.query("rollback").catch((rollbackError: Error) => {
				broken = rollbackError;
			});
		}
		throw error instanceof OutcomeUnknown && limits.readOnly !== true ? error : toUnavailable(cause);
	} finally {
		client.off("error", onError);
		client.release(broken);
	}
}

/** Of statements that are sent together, the first that fails says what is wrong; those behind it say that it is over. */
class Answers {
	failure: unknown;

	of<T>(answer: Promise<T>): Promise<T> {
		return answer.catch((error: unknown) => {
			this.failure ??= error;
			throw error;
		});
	}
}

function statementsOf(
	client: pg.PoolClient,
	answers: Answers,
	isShared: boolean,
): Pick<Transaction, "query" | "execute"> {
	const run = ({ name, text }: Statement, values: readonly unknown[]): Promise<pg.QueryResult> => {
		sendTogether(client);
		const named = isShared ? { text } : { name, text };
		return answers.of(client.query({ ...named, values: [...values] }));
	};
	return {
		// The statement's file declares what its columns are; TypeScript cannot see into SQL.
		query: async <Row>(statement: Statement, values: readonly unknown[]) =>
			(await run(statement, values)).rows as Row[],
		execute: async (statement, values) => (await run(statement, values)).rowCount ?? 0,
	};
}

async function commitWith<T>(client: pg.PoolClient, last: () => Promise<T>, answers: Answers): Promise<T> {
	const sent = last();
	// What fails on our side, with only a part of it sent, must not be committed without the rest.
	await Promise.race([sent, new Promise(process.nextTick)]);
	const [result] = await Promise.all([sent, commit(client, answers)]).catch((error: unknown) => {
		// The commit was on its way: where the connection broke, it may have arrived. Where a statement ran out of resources
		// (class 53), the server is still there, and has refused it.
		const cause = answers.failure;
		throw isLost(cause) && !errorCode(cause)?.startsWith("53") ? unknownOutcome(cause) : error;
	});
	return result;
}

async function connect(pool: pg.Pool): Promise<pg.PoolClient> {
	try {
		return await pool.connect();
	} catch (error) {
		if (isPgbouncerUnsaid(error)) throw error;
		// Whatever keeps us from connecting (refused, starting up, too many, timed out), nothing was saved.
		throw new DatabaseUnavailable("the database cannot be reached", { cause: error });
	}
}

async function commit(client: pg.PoolClient, answers: Answers): Promise<void> {
	try {
		const { command } = await answers.of(client.query("commit"));
		// Of a transaction that has failed, a commit is answered in peace, as the rollback that it was.
		if (command !== "COMMIT") throw answers.failure ?? new Error("the transaction was rolled back");
	} catch (error) {
		throw isLost(error) ? unknownOutcome(error) : error;
	}
}

function unknownOutcome(cause: unknown): OutcomeUnknown {
	return new OutcomeUnknown("the connection broke while committing", { cause });
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

// What is left is to look each row up in an index. A plan that cannot do without what is off looks so dear that PostgreSQL
// would compile it, for hundreds of milliseconds.
const byKeyOnly = ["enable_seqscan", "enable_hashjoin", "enable_mergejoin", "enable_material", "jit"]
	.map((way) => `; set local ${way} = off`)
	.join("");

function limitsOf(limits: Limits): string {
	let text = "";
	if (limits.lockMs !== undefined) text += `; set local lock_timeout = ${limits.lockMs}`;
	if (limits.lax === true) text += "; set local synchronous_commit = off";
	if (limits.byKey === true) text += byKeyOnly;
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
