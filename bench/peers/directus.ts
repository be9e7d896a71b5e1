import { ask, emptyPackage, excerptOf, type Peer, type PeerPlace } from "./peer.ts";

const token = "bench-token";
const headers = { authorization: `Bearer ${token}` };

/**
 * Directus by its own command. A request is one array of a hundred items, which it stores in one transaction. What it
 * does as it comes stays on: it notes each new item in its tables of activity and revisions as well, which takes it more
 * than half of its time. `accountability: null` in the collection's `meta` would end that.
 */
export const directus: Peer = {
	name: "directus",
	// 12.4.1 asks for a version of @directus/app that was never put into the registry.
	packages: { directus: "12.4.0" },
	// The sandbox of extensions, of which there are none here. It alone has to be compiled, or fetched from outside npm.
	overrides: { "isolated-vm": emptyPackage },
	programs: (place) => [
		{ args: [...command(place), "bootstrap"], env: environment(place) },
		{ args: [...command(place), "start"], env: environment(place) },
	],
	readyPath: "/server/ping",
	makeCollection: ({ url }) =>
		ask(`${url}/collections`, headers, {
			collection: "customers",
			schema: {},
			meta: {},
			fields: [
				{
					field: "id",
					type: "integer",
					meta: {},
					schema: { is_primary_key: true, has_auto_increment: true },
				},
				{ field: "email", type: "string", meta: {}, schema: { is_unique: true, is_nullable: false } },
				{ field: "display_name", type: "string", meta: {}, schema: {} },
				{ field: "details", type: "json", meta: { special: ["cast-json"] }, schema: {} },
			],
		}),
	table: "customers",
	headers,
	requestOf: (profiles) => ({
		// Only the ids come back, as our own server sends no customers back either.
		path: "/items/customers?fields=id",
		body: Buffer.from(
			JSON.stringify(
				profiles.map(({ email, displayName, details }) => ({ email, display_name: displayName, details })),
			),
		),
	}),
	faultOf: (answer, items) => {
		if (answer.status !== 200) return excerptOf(answer);
		// By its reference, `data` holds what was asked of each item stored.
		const { data } = JSON.parse(answer.text) as { data: readonly { id: number }[] };
		return data.length === items ? null : `it answered for ${data.length} of ${items} items`;
	},
};

/** Its command without the look for a newer version, which would leave this machine. */
function command({ folder }: PeerPlace): string[] {
	return [`${folder}/node_modules/@directus/api/dist/cli/run.js`];
}

function environment({ port, url, database }: PeerPlace): Record<string, string> {
	return {
		HOST: "127.0.0.1",
		PORT: String(port),
		PUBLIC_URL: url,
		DB_CLIENT: "pg",
		DB_CONNECTION_STRING: database.url,
		SECRET: "the secret of a bench that only listens on loopback",
		ADMIN_EMAIL: "bench@example.com",
		ADMIN_PASSWORD: "bench-password-1",
		ADMIN_TOKEN: token,
		LOG_LEVEL: "warn",
		TELEMETRY: "false",
	};
}
