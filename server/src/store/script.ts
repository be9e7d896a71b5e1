import type { Statement, Transaction } from "./database.ts";

interface Line {
	readonly statement: Statement;
	readonly values: readonly unknown[];
}

/** Statements that are put into words ahead of the transaction that sends them, so that what they are made of can go. */
export class Script {
	readonly #lines: Line[] = [];

	/**
	 * @param write sends statements whose rows it does not look at, and waits for nothing else
	 * @returns the script, and what `write` gave
	 */
	static async of<T>(
		write: (transaction: Transaction) => Promise<T>,
	): Promise<{ readonly script: Script; readonly result: T }> {
		const script = new Script();
		const result = await write({
			query: async (statement, values) => {
				script.#lines.push({ statement, values });
				return [];
			},
			execute: async (statement, values) => {
				script.#lines.push({ statement, values });
				return 0;
			},
			commit: () => Promise.reject(new Error("a script is committed by the transaction that sends it")),
		});
		return { script, result };
	}

	/** Sends all of it without waiting in between. It can be sent once. */
	send(transaction: Transaction): Promise<unknown> {
		return Promise.all(
			this.#lines.splice(0).map(({ statement, values }) => transaction.query(statement, values)),
		);
	}
}
