import type { Transaction } from "./database.ts";

/** Who does something, and from where, as the audit log shows it. */
export interface Actor {
	readonly actor: string;
	readonly origin: string;
}

const statement = {
	name: "act-as",
	text: "select set_config('muster.actor', $1, true), set_config('muster.origin', $2, true)",
};

/** Names who is behind the rest of a transaction; without it the audit log names the login of the database. */
export async function actAs(transaction: Transaction, { actor, origin }: Actor): Promise<void> {
	await transaction.query(statement, [actor, origin]);
}
