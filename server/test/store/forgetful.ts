import type { Database, Statement, Transaction } from "../../src/store/database.ts";

/**
 * A database that takes the site out of the conditions of every statement on site-owned tables, as if each of them had been
 * written without.
 */
export interface Forgetful {
	readonly database: Database;
	/** Names of the statements that had a site to forget. */
	readonly forgotten: ReadonlySet<string>;
}

/** Statements of one site go on to be bound to it: what is left then is row-level security. */
export function forgetSites(database: Database): Forgetful {
	const forgotten = new Set<string>();
	const forget = ({ name, text }: Statement): Statement => {
		if (/\bmuster\.(site|access_token|console_key|lane|lane_note)\b/.test(text)) return { name, text };
		const without = text.replace(/(?:\b\w+\.)?\bsite_id = \$1(?!\d)/g, "$1::uuid is not null");
		if (without !== text) forgotten.add(name);
		return { name: `${name}-of-any-site`, text: without };
	};
	const forgetful = (transaction: Transaction): Transaction => ({
		query: (statement, values) => transaction.query(forget(statement), values),
		execute: (statement, values) => transaction.execute(forget(statement), values),
		commit: (last) => transaction.commit(last),
	});
	return {
		forgotten,
		database: {
			...database,
			inSite: (siteId, work, limits) =>
				database.inSite(siteId, (transaction) => work(forgetful(transaction)), limits),
		},
	};
}
