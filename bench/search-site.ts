import type pg from "pg";
import type { BenchMuster } from "./deployment.ts";

/** Rows of one statement of the filling: each is a commit. */
const chunkRows = 100_000;

/** Customers of each organization. */
export const membersEach = 100;

const firstNames =
	"James Mary Robert Patricia John Jennifer Michael Linda David Elizabeth William Barbara Richard Susan Joseph Jessica Thomas Sarah Charles Karen Christopher Lisa Daniel Nancy Matthew Betty Anthony Sandra Mark Margaret Hans Petra Jürgen Ursula Wolfgang Monika Olga Yuki Haruto Mehmet Ayşe José María Lucía Siobhán Zoë Chloé Łukasz Иван Ольга";
const lastNames =
	"Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Hernandez Lopez Gonzalez Wilson Anderson Thomas Taylor Moore Jackson Martin Lee Perez Thompson White Harris Sanchez Clark Ramirez Lewis Robinson Walker Young Allen King Wright Scott Torres Hill Flores Green Adams Nelson Baker Hall Rivera Campbell Mitchell Carter Roberts Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Schäfer Koch Bauer Richter Klein Wolf Schröder Neumann Schwarz Zimmermann Braun Krüger Hofmann Hartmann Lange Werner Krause Lehmann Tanaka Suzuki Yılmaz Kowalski Dubois Rossi Ferrari";
const companies =
	"acme globex initech umbrella stark wayne wonka hooli vehement massive soylent cyberdyne tyrell aperture gringotts oceanic virtucon duff genco monarch";

export const fieldDefinitions = [
	{ name: "Tier", type: { name: "SELECT", options: ["Free", "Premium", "Gold"] } },
	{ name: "Contract" },
	{ name: "Seats", type: { name: "NUMBER" } },
	{ name: "Renewal", type: { name: "DATE" } },
	{ name: "Region", type: { name: "SELECT", options: ["EU", "US", "APAC", "LATAM"] } },
	{ name: "Notes" },
	{ name: "Phone", type: { name: "PHONE" } },
	{ name: "Tags", type: { name: "MULTISELECT", options: ["Red", "Blue", "Green"] } },
];

/** Makes the site's fields by the API, then customers as Muster stores them, up to `to`; a tenth is in organizations. */
export async function fillSite(
	client: pg.Client,
	muster: BenchMuster,
	from: number,
	to: number,
): Promise<void> {
	if (from === 0) await defineFields(muster);
	await client.query("set synchronous_commit = off");
	for (let first = from; first < to; first += chunkRows) {
		const last = Math.min(first + chunkRows, to) - 1;
		await client.query(customers, [muster.siteId, first, last, firstNames, lastNames, companies]);
		await client.query(organizations, [muster.siteId, Math.floor(first / 1000), Math.floor(last / 1000)]);
		await client.query(memberships, [muster.siteId, first, last]);
	}
	await client.query("reset synchronous_commit");
	for (const table of ["customer", "organization", "membership"]) {
		await client.query(`vacuum analyze muster.${table}`);
	}
	await client.query("checkpoint");
}

/** Every number in a value is spread, so that no two kinds of values go together. */
const customers = `
	insert into muster.customer (site_id, customer_id, email, email_key, display_name, details)
	select $1, muster.new_id(), email, email, first_name || ' ' || last_name,
		jsonb_build_object(
			'tier', (array['Free', 'Free', 'Free', 'Premium', 'Gold'])[1 + number * 31 % 5],
			'contract', 'C-' || number * 104729 % 10000019,
			'seats', (number * 7919 % 100000)::text,
			'renewal', (date '2020-01-01' + (number * 37 % 3650)::int)::text,
			'region', (array['EU', 'US', 'APAC', 'LATAM'])[1 + number % 4],
			'notes', 'Met at the fair of ' || 2000 + number % 26 || ', wants a call back',
			'phone', '+1-555-' || lpad((number % 10000)::text, 4, '0'),
			'tags', (array['["Red"]', '["Blue", "Green"]', '["Green"]']::jsonb[])[1 + number % 3])
	from generate_series($2::bigint, $3::bigint) as number,
		(select string_to_array($4, ' ') as a, string_to_array($5, ' ') as b, string_to_array($6, ' ') as c) as list,
		lateral (select a[1 + abs(hashint8(number)) % array_length(a, 1)] as first_name,
			b[1 + abs(hashint8(number * 3 + 1)) % array_length(b, 1)] as last_name,
			c[1 + abs(hashint8(number * 5 + 2)) % array_length(c, 1)] as company) as person,
		lateral (select lower(first_name || '.' || last_name) || number || '@' || company || number * 7919 % 997 || '.example.com'
			as email) as made
	order by number`;

const organizations = `
	insert into muster.organization (site_id, organization_id, name, name_key, details)
	select $1, number + 1, 'Organization ' || number, 'organization ' || number, '{}'
	from generate_series($2::bigint, $3::bigint) as number
	on conflict do nothing`;

/** One customer of ten, a hundred in each organization. */
const memberships = `
	insert into muster.membership (site_id, customer_id, organization_id)
	select $1, customer_id, (details ->> 'seats')::bigint % (($3::bigint + 1) / 1000) + 1
	from muster.customer
	where site_id = $1 and details ->> 'phone' like '%0'
		and customer_id > coalesce((select max(customer_id::text)::uuid from muster.membership where site_id = $1), '00000000-0000-0000-0000-000000000000')
		and $2::bigint <= $3`;

async function defineFields({ url, token }: BenchMuster): Promise<void> {
	const response = await fetch(`${url}/api/v1/customer/details/definitions/bulk`, {
		method: "POST",
		headers: {
			authorization: `Bearer ${token}`,
			"content-type": "application/json",
			"idempotency-key": "fields",
		},
		body: JSON.stringify({ detailFields: fieldDefinitions }),
	});
	if (response.status !== 202) throw new Error(`the fields were not made: ${await response.text()}`);
}
