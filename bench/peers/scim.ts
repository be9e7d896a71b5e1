import { fileURLToPath } from "node:url";
import { excerptOf, type Peer } from "./peer.ts";

const bulkSchema = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
const userSchema = "urn:ietf:params:scim:schemas:core:2.0:User";
const detailsSchema = "urn:ietf:params:scim:schemas:extension:bench:2.0:Details";

/**
 * A SCIM 2.0 server of SCIMMY's routers; scim-server.mjs keeps its users in PostgreSQL. A request is one Bulk of a hundred
 * users, whose details are attributes of a schema extension, as RFC 7643 section 3.3 has it.
 */
export const scim: Peer = {
	name: "SCIM Bulk (scimmy)",
	packages: { scimmy: "1.3.5", "scimmy-routers": "1.3.2", express: "5.3.0", pg: "8.23.1" },
	programs: ({ folder, port, database }) => [
		{
			args: [fileURLToPath(new URL("./scim-server.mjs", import.meta.url))],
			env: { PEER_FOLDER: folder, PORT: String(port), DATABASE_URL: database.url, SCIM_TOKEN: "bench" },
		},
	],
	readyPath: "/ready",
	table: "scim_user",
	headers: { authorization: "Bearer bench", "content-type": "application/scim+json" },
	requestOf: (profiles) => ({
		path: "/scim/v2/Bulk",
		body: Buffer.from(
			JSON.stringify({
				schemas: [bulkSchema],
				Operations: profiles.map(({ email, displayName, details }, place) => ({
					method: "POST",
					path: "/Users",
					bulkId: `user-${place}`,
					data: {
						schemas: [userSchema, detailsSchema],
						userName: email,
						displayName,
						emails: [{ value: email, primary: true }],
						[detailsSchema]: details,
					},
				})),
			}),
		),
	}),
	faultOf: (answer, items) => {
		if (answer.status !== 200) return excerptOf(answer);
		// RFC 7644, section 3.7: an operation of the answer has its status and, where it failed, the response.
		const { Operations: done } = JSON.parse(answer.text) as {
			Operations: readonly { status: string; response?: object }[];
		};
		const failed = done.find(({ status }) => status !== "201");
		if (failed !== undefined) return `it did not store an item: ${JSON.stringify(failed)}`;
		return done.length === items ? null : `it answered for ${done.length} of ${items} items`;
	},
};
