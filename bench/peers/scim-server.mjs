import { randomUUID } from "node:crypto";
import { createRequire } from "node:module";

// The packages are in the cache of the bench, not among those of this repository.
const require = createRequire(`${process.env.PEER_FOLDER}/`);
const express = require("express");
const pg = require("pg");
const { default: SCIMMYRouters, SCIMMY } = require("scimmy-routers");

const detailsSchema = "urn:ietf:params:scim:schemas:extension:bench:2.0:Details";
const detailNames = Array.from({ length: 8 }, (_, number) => `field-${number}`);

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 });
await pool.query(`
	create table scim_user (
		id uuid primary key,
		user_name text not null unique,
		display_name text,
		emails jsonb,
		details jsonb,
		created_at timestamptz not null default now(),
		updated_at timestamptz not null default now()
	)`);

const upsert = {
	name: "upsert",
	text: `
		insert into scim_user (id, user_name, display_name, emails, details) values ($1, $2, $3, $4, $5)
		on conflict (user_name) do update
		set display_name = excluded.display_name, emails = excluded.emails, details = excluded.details,
			updated_at = now()
		returning id, created_at, updated_at`,
};

/** Keeps one user, and answers it as stored: SCIMMY calls this once for each operation of a Bulk, one after the other. */
async function ingress(resource, user) {
	const details = Object.fromEntries(detailNames.map((name) => [name, user[detailsSchema]?.[name]]));
	const emails = user.emails.map(({ value, primary }) => ({ value, primary }));
	const values = [
		resource.id ?? randomUUID(),
		user.userName,
		user.displayName,
		JSON.stringify(emails),
		JSON.stringify(details),
	];
	const { rows } = await pool.query({ ...upsert, values }).catch((error) => {
		// Any other error than its own kind SCIMMY turns into "404: Resource undefined not found".
		throw new SCIMMY.Types.Error(500, null, error.message);
	});
	const [{ id, created_at: created, updated_at: lastModified }] = rows;
	return {
		id,
		userName: user.userName,
		displayName: user.displayName,
		emails,
		[detailsSchema]: details,
		meta: { created, lastModified },
	};
}

SCIMMY.Resources.declare(SCIMMY.Resources.User)
	.extend(
		new SCIMMY.Types.SchemaDefinition(
			"Details",
			detailsSchema,
			"Details of a customer",
			detailNames.map((name) => new SCIMMY.Types.Attribute("string", name, { caseExact: true })),
		),
	)
	.ingress(ingress);

const app = express();
app.get("/ready", (_request, response) => response.send("ready"));
app.use(
	"/scim/v2",
	new SCIMMYRouters({
		type: "bearer",
		handler: (request) => {
			if (request.header("authorization") !== `Bearer ${process.env.SCIM_TOKEN}`)
				throw new Error("The bearer token is missing or wrong.");
			return "bench";
		},
	}),
);
app.listen(Number(process.env.PORT), "127.0.0.1");
