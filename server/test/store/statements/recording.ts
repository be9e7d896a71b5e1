import type { Database, Statement, Transaction } from "../../../src/store/database.ts";

/** Keeps every statement that is sent, each once. */
export class Recording {
	readonly #byNameAndText: Map<string, Statement> = new Map();

	get statements(): readonly Statement[] {
		return [...this.#byNameAndText.values()];
	}

	/** The same database, with all that is sent to it kept. */
	of(database: Database): Database {
		return {
			inSite: (siteId, work, limits) =>
				database.inSite(siteId, (transaction) => work(this.#noting(transaction)), limits),
			inNoSite: (work, limits) => database.inNoSite((transaction) => work(this.#noting(transaction)), limits),
			close: () => database.close(),
		};
	}

	/** A transaction that goes nowhere: for the forms of statements that no request of a test brings about. */
	get onPaper(): Transaction {
		return this.#noting({
			query: async () => [],
			execute: async () => 0,
			commit: (last) => last(),
		});
	}

	#noting(transaction: Transaction): Transaction {
		const note = (statement: Statement): void => {
			this.#byNameAndText.set(`${statement.name} ${statement.text}`, statement);
		};
		return {
			query: (statement, values) => {
				note(statement);
				return transaction.query(statement, values);
			},
			execute: (statement, values) => {
				note(statement);
				return transaction.execute(statement, values);
			},
			commit: (last) => transaction.commit(last),
		};
	}
}
