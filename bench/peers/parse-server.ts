import { ask, excerptOf, type Peer } from "./peer.ts";

const keys = { "x-parse-application-id": "bench", "x-parse-master-key": "bench-master" };

/**
 * Parse Server by its own command, on its PostgreSQL adapter. A request is one batch of a hundred creates: as it comes,
 * version 9 limits a batch only where `requestComplexity.batchRequestLimit` is set. The master key is what a server that
 * imports customers would use, and the quickest: it skips the checks of permissions.
 */
export const parseServer: Peer = {
	name: "parse-server",
	packages: { "parse-server": "9.10.0" },
	// Its batches read the inside of Express's router, which 2.3 changed: with it each batch is answered 500.
	overrides: { router: "2.2.0" },
	programs: ({ folder, port, url, database }) => [
		{
			args: [`${folder}/node_modules/parse-server/bin/parse-server`],
			env: {
				PARSE_SERVER_APPLICATION_ID: keys["x-parse-application-id"],
				PARSE_SERVER_MASTER_KEY: keys["x-parse-master-key"],
				PARSE_SERVER_DATABASE_URI: `postgres://${database.user}@localhost/${database.name}`,
				// Its reader of addresses knows no sockets. This wins over the address, though its log complains.
				PARSE_SERVER_DATABASE_OPTIONS: JSON.stringify({ host: database.host }),
				PARSE_SERVER_URL: `${url}/parse`,
				PARSE_SERVER_HOST: "127.0.0.1",
				PARSE_SERVER_LOG_LEVEL: "error",
				PORT: String(port),
			},
		},
	],
	readyPath: "/parse/health",
	makeCollection: ({ url }) =>
		ask(`${url}/parse/schemas/Customer`, keys, {
			className: "Customer",
			fields: {
				email: { type: "String", required: true },
				displayName: { type: "String" },
				details: { type: "Object" },
			},
		}),
	collectionSql: `create unique index "Customer_unique_email" on "Customer" (email)`,
	table: `"Customer"`,
	headers: keys,
	requestOf: (profiles) => ({
		path: "/parse/batch",
		body: Buffer.from(
			JSON.stringify({
				requests: profiles.map((body) => ({ method: "POST", path: "/parse/classes/Customer", body })),
			}),
		),
	}),
	faultOf: (answer, items) => {
		if (answer.status !== 200) return excerptOf(answer);
		// The form of a batch's answer, by the REST guide: one `success` or `error` an operation, in their order.
		const results = JSON.parse(answer.text) as readonly { success?: { objectId: string }; error?: object }[];
		const failed = results.find(({ success }) => success === undefined);
		if (failed !== undefined) return `it did not store an item: ${JSON.stringify(failed.error)}`;
		return results.length === items ? null : `it answered for ${results.length} of ${items} items`;
	},
};
