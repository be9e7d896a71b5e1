import pg from "pg";
import { toUnavailable } from "./database.ts";

/**
 * Works on a connection of its own, which no pool bounds or binds to a site: for what takes long, or is done to the schema.
 * @param name what the database's list of connections shows behind "muster"
 * @param limits none if left out
 * @throws DatabaseUnavailable
 */
export async function onOwnConnection<T>(
	url: string,
	name: string,
	work: (client: pg.Client) => Promise<T>,
	limits: Pick<pg.ClientConfig, "connectionTimeoutMillis" | "query_timeout"> = {},
): Promise<T> {
	const client = new pg.Client({ connectionString: url, application_name: `muster ${name}`, ...limits });
	client.on("error", () => undefined); // a connection that breaks fails the query that waits for it
	try {
		await client.connect();
		return await work(client);
	} catch (error) {
		throw toUnavailable(error);
	} finally {
		await client.end().catch(() => undefined);
	}
}
