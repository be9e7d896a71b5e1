import type { Database, Transaction } from "../../src/store/database.ts";

/** How a worker ends, or loses its connection, in one of its transactions. */
export interface Ending {
	/** How many of its transactions in the site go well before. */
	readonly after: number;
	readonly how: "is cut off" | "dies before the commit" | "dies at the commit" | "dies behind the commit";
}

/** What a dead process would do, which is nothing. */
export class Died extends Error {
	override readonly name = "Died";
}

/** The database as a worker sees it whose life ends; a dead one sends nothing more. */
export interface Mortal extends Database {
	/** Whether its ending has come. */
	isEnded(): boolean;
}

/**
 * @param enter awaited before each transaction, so that a test can say whose turn it is
 * @param cut ends the connection of this process number, and resolves when it is gone
 */
export function mortal(
	database: Database,
	ending: Ending | null,
	enter: () => Promise<unknown>,
	cut: (pid: number) => Promise<unknown>,
): Mortal {
	let left = ending?.after ?? Number.POSITIVE_INFINITY;
	let isEnded = false;
	let isDead = false;
	const live = async (): Promise<void> => {
		await enter();
		if (isDead) throw new Died();
	};
	const end = (): void => {
		isEnded = true;
		isDead = ending?.how !== "is cut off";
	};
	return {
		close: () => database.close(),
		isEnded: () => isEnded,
		inNoSite: async (work, limits) => {
			await live();
			return database.inNoSite(work, limits);
		},
		inSite: async (siteId, work, limits) => {
			await live();
			left -= 1;
			if (left !== -1) return database.inSite(siteId, work, limits);
			return database.inSite(siteId, (transaction) => work(ended(transaction)), limits);
		},
	};

	function ended(transaction: Transaction): Transaction {
		return {
			...transaction,
			commit: async (last) => {
				const pid = await pidOf(transaction);
				end();
				if (ending?.how === "dies behind the commit") {
					await transaction.commit(last);
					throw new Died();
				}
				if (ending?.how !== "dies at the commit") await cut(pid);
				const sent = transaction.commit(last);
				sent.catch(() => undefined); // it is awaited below
				if (ending?.how === "dies at the commit") await cut(pid);
				return sent;
			},
		};
	}
}

async function pidOf(transaction: Transaction): Promise<number> {
	const own = { name: "own-pid", text: "select pg_backend_pid() as pid" };
	const [row] = await transaction.query<{ pid: number }>(own, []);
	if (row === undefined) throw new Error("a connection has no process number");
	return row.pid;
}
