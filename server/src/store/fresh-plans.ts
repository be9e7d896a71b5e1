import type pg from "pg";

/**
 * The plans of foreign keys are PostgreSQL's own: no statement of ours can say by which key they look. One that is made while
 * a table is empty may take any index that begins with the site, and reads the whole site for every row from then on, until
 * the table is analysed. So a connection makes its plans anew, often at first and seldom later; it costs a few milliseconds.
 * @returns what is to be sent behind the beginning of a transaction
 */
export function freshPlans(
	client: pg.PoolClient,
	{ byKey = false, readOnly = false }: { readonly byKey?: boolean; readonly readOnly?: boolean },
): string {
	// Reading checks no foreign key, and may have to say what moment it is of before anything else.
	if (!byKey || readOnly) return "";
	const begun = (begunByKey.get(client) ?? 0) + 1;
	begunByKey.set(client, begun);
	const isPowerOfTwo = (begun & (begun - 1)) === 0;
	return (isPowerOfTwo && begun <= plansLast) || begun % plansLast === 0 ? "; discard plans" : "";
}

/** How many writing transactions by key a connection has begun. */
const begunByKey = new WeakMap<pg.PoolClient, number>();
/** Of them, so many go by before plans are made anew, in a connection that is older than its first few. */
const plansLast = 256;
