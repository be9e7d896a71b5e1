// What two public taps write, made by their published schemas and by the specification of Singer:
//   https://github.com/singer-io/getting-started/blob/master/docs/SPEC.md
//   https://github.com/singer-io/tap-zendesk (tap_zendesk/schemas/users.json, organizations.json)
//   https://github.com/singer-io/tap-salesforce

/** Lines from a state on, as the tap would write them: what was changed at the bookmark or later. */
export type Tap = (state: State | null) => readonly string[];

export interface State {
	readonly bookmarks: Readonly<Record<string, Readonly<Record<string, string | number>>>>;
}

type Row = Readonly<Record<string, unknown>>;

interface Stream {
	readonly name: string;
	readonly bookmark: string;
	readonly key: string;
	readonly properties: Row;
	readonly rows: readonly Row[];
	/** Of a tap that replaces whole tables. */
	readonly version?: number;
}

const text = { type: ["null", "string"] };
const time = { type: ["null", "string"], format: "date-time" };
/** Records between two states. */
const stateEvery = 7;

function tapOf(streams: readonly Stream[]): Tap {
	return (state) => {
		const lines: string[] = [];
		let bookmarks: State["bookmarks"] = state?.bookmarks ?? {};
		const write = (message: Row): void => void lines.push(JSON.stringify(message));
		for (const { name, bookmark, key, properties, rows, version } of streams) {
			const from = String(bookmarks[name]?.[bookmark] ?? "");
			write({
				type: "SCHEMA",
				stream: name,
				schema: { type: "object", properties },
				key_properties: [key],
				bookmark_properties: [bookmark],
			});
			const left = rows.filter((row) => String(row[bookmark]) >= from);
			for (const [place, record] of left.entries()) {
				write({
					type: "RECORD",
					stream: name,
					record,
					...(version === undefined ? {} : { version }),
					time_extracted: "2026-11-24T10:00:00.000000Z",
				});
				bookmarks = {
					...bookmarks,
					[name]: { [bookmark]: String(record[bookmark]), ...(version && { version }) },
				};
				if (place % stateEvery === stateEvery - 1) write({ type: "STATE", value: { bookmarks } });
			}
			if (version !== undefined) write({ type: "ACTIVATE_VERSION", stream: name, version });
			write({ type: "STATE", value: { bookmarks } });
		}
		return lines;
	};
}

/** The moment of the n-th change. Two neighbours are of the same second, as they are in bulk imports. */
function moment(n: number): string {
	return new Date(Date.UTC(2026, 0, 1, 0, 0, Math.floor(n / 2))).toISOString().replace(".000", "");
}

const tags = ["vip", "emea; west", "beta"];

export function zendeskTap(users: number, organizations: number): Tap {
	return tapOf([
		{
			name: "organizations",
			bookmark: "updated_at",
			key: "id",
			properties: {
				id: { type: "integer" },
				name: text,
				updated_at: time,
				organization_fields: { type: ["null", "object"] },
			},
			rows: Array.from({ length: organizations }, (_, n) => ({
				id: 360_000_000_000 + n,
				name: `Organization ${n}`,
				domain_names: [`organization-${n}.example`],
				organization_fields: { region: n % 2 === 0 ? "EMEA" : null },
				updated_at: moment(n),
			})),
		},
		{
			name: "tickets",
			bookmark: "updated_at",
			key: "id",
			properties: { id: { type: "integer" }, updated_at: time },
			rows: [{ id: 1, updated_at: moment(0), subject: "left out" }],
		},
		{
			name: "users",
			bookmark: "updated_at",
			key: "id",
			properties: {
				id: { type: ["null", "string"] },
				email: text,
				name: text,
				phone: text,
				organization_id: { type: ["null", "integer"] },
				tags: { type: ["null", "array"] },
				active: { type: ["null", "boolean"] },
				user_fields: { type: ["null", "object"], additionalProperties: true },
				updated_at: time,
			},
			rows: Array.from({ length: users }, (_, n) => {
				// Each tenth was changed once more, and stands in the stream twice.
				const who = n % 10 === 9 ? n - 5 : n;
				return {
					id: String(400_000_000_000 + who),
					email: `user-${who}@example.com`,
					name: `User ${who} as of ${n}`,
					phone: who % 3 === 0 ? null : `+1 555 ${2_000_000 + who}`,
					organization_id: who % 4 === 0 ? null : 360_000_000_000 + (who % organizations),
					tags: tags.slice(0, who % 4),
					active: who % 5 !== 0,
					user_fields: { seats: 10_000_000_000_000_001n, plan: n % 2 === 0 ? "gold" : null },
					updated_at: moment(n),
					photo: null,
				};
			}).map((row) => ({ ...row, user_fields: { ...row.user_fields, seats: who(row.user_fields.seats) } })),
		},
	]);
}

/** More digits than a double has: they must come through. */
function who(seats: bigint): unknown {
	return (JSON as unknown as { rawJSON(digits: string): unknown }).rawJSON(seats.toString());
}

export const zendeskMap = `
streams:
  organizations:
    records: organizations
    columns:
      name: name
      id: { detail: Zendesk ID }
      organization_fields.region: { detail: Region }
  users:
    records: customers
    columns:
      email: email
      name: displayName
      phone: { detail: Phone, type: PHONE }
      tags[]: { detail: Tags, type: MULTISELECT, options: [vip, "emea; west", beta] }
      active: { detail: Active, type: BOOLEAN }
      user_fields.seats: { detail: Seats, type: NUMBER }
      user_fields.plan: { detail: Plan, type: SELECT, options: [Gold, Silver] }
      organization_id: { organizationBy: Zendesk ID }
`;

export function salesforceTap(contacts: number, accounts: number): Tap {
	const idOf = (prefix: string, n: number): string => `${prefix}${String(n).padStart(12, "0")}AAA`;
	return tapOf([
		{
			name: "Account",
			bookmark: "SystemModstamp",
			key: "Id",
			version: 1_763_000_000_000,
			properties: {
				Id: { type: "string" },
				Name: text,
				Industry: text,
				IsDeleted: { type: ["null", "boolean"] },
				SystemModstamp: time,
			},
			rows: Array.from({ length: accounts }, (_, n) => ({
				Id: idOf("001", n),
				Name: `Account ${n}`,
				Industry: n % 2 === 0 ? "Energy" : null,
				IsDeleted: false,
				SystemModstamp: moment(n),
			})),
		},
		{
			name: "Contact",
			bookmark: "SystemModstamp",
			key: "Id",
			version: 1_763_000_000_001,
			properties: {
				Id: { type: "string" },
				AccountId: text,
				FirstName: text,
				LastName: text,
				Email: text,
				Birthdate: time,
				SystemModstamp: time,
			},
			rows: Array.from({ length: contacts }, (_, n) => ({
				Id: idOf("003", n),
				AccountId: n % 6 === 0 ? null : idOf("001", n % accounts),
				FirstName: n % 7 === 0 ? null : "Ann",
				LastName: `Example ${n}`,
				Email: `contact-${n}@example.org`,
				Birthdate: n % 3 === 0 ? null : "1980-02-29",
				SystemModstamp: moment(n),
			})),
		},
	]);
}

export const salesforceMap = `
streams:
  Account:
    records: organizations
    columns:
      Name: name
      Id: { detail: Salesforce ID }
      Industry: { detail: Industry }
  Contact:
    records: customers
    columns:
      Email: email
      FirstName: firstName
      LastName: lastName
      Id: { detail: Salesforce ID }
      Birthdate: { detail: Birthday, type: DATE }
      AccountId: { organizationBy: Salesforce ID }
`;

/** A record as the mapping makes it: what it is found by, its name, its details, and the names of its organizations. */
export type Wanted = readonly [
	key: string,
	name: string,
	details: Readonly<Record<string, unknown>>,
	organizations: readonly string[],
];

export function zendeskWanted(
	users: number,
	organizations: number,
): { customers: Wanted[]; organizations: Wanted[] } {
	const last = new Map(Array.from({ length: users }, (_, n) => [n % 10 === 9 ? n - 5 : n, n]));
	return {
		customers: [...last].map(([who, n]) => [
			`user-${who}@example.com`,
			`User ${who} as of ${n}`,
			{
				...(who % 3 === 0 ? {} : { phone: `+1 555 ${2_000_000 + who}` }),
				...(who % 4 === 0 ? {} : { tags: tags.slice(0, who % 4) }),
				active: who % 5 !== 0,
				seats: Number("10000000000000001"),
				...(n % 2 === 0 ? { plan: "Gold" } : {}),
			},
			who % 4 === 0 ? [] : [`Organization ${who % organizations}`],
		]),
		organizations: Array.from({ length: organizations }, (_, n) => [
			`Organization ${n}`,
			`Organization ${n}`,
			{ "zendesk-id": String(360_000_000_000 + n), ...(n % 2 === 0 ? { region: "EMEA" } : {}) },
			[],
		]),
	};
}

export function salesforceWanted(
	contacts: number,
	accounts: number,
): { customers: Wanted[]; organizations: Wanted[] } {
	const idOf = (prefix: string, n: number): string => `${prefix}${String(n).padStart(12, "0")}AAA`;
	return {
		customers: Array.from({ length: contacts }, (_, n) => [
			`contact-${n}@example.org`,
			n % 7 === 0 ? `Example ${n}` : `Ann Example ${n}`,
			{ "salesforce-id": idOf("003", n), ...(n % 3 === 0 ? {} : { birthday: "1980-02-29" }) },
			n % 6 === 0 ? [] : [`Account ${n % accounts}`],
		]),
		organizations: Array.from({ length: accounts }, (_, n) => [
			`Account ${n}`,
			`Account ${n}`,
			{ "salesforce-id": idOf("001", n), ...(n % 2 === 0 ? { industry: "Energy" } : {}) },
			[],
		]),
	};
}
