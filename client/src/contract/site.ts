import type { Static } from "typebox";
import { Type } from "./type.ts";

const timestamp = Type.String({ format: "date-time", description: "UTC" });
const count = Type.Integer({ minimum: 0 });
const orNever = Type.Union([timestamp, Type.Null()]);
const perMinute = Type.Union([Type.Integer({ minimum: 1, maximum: 1_000_000 }), Type.Null()]);

export const AccessToken = Type.Object(
	{
		tokenId: Type.String({ format: "uuid" }),
		prefix: Type.String({ description: "Its beginning, by which people tell theirs apart" }),
		scopes: Type.Array(Type.String()),
		createdDate: timestamp,
		lastUsedDate: orNever,
		expiresDate: orNever,
		revokedDate: orNever,
		requestsPerMinute: perMinute,
	},
	{ description: "A token of the site; the token itself is kept nowhere" },
);
export type AccessToken = Static<typeof AccessToken>;

export const NewAccessToken = Type.Object(
	{
		scopes: Type.Array(Type.String(), {
			minItems: 1,
			maxItems: 100,
			description: "What it may do; `*` is everything",
		}),
		expires: Type.Optional(
			Type.String({ description: "Days such as `30d`, or a date such as `2027-01-31`; never if left out" }),
		),
		requestsPerMinute: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000 })),
	},
	{ additionalProperties: false },
);
export type NewAccessToken = Static<typeof NewAccessToken>;

export const IssuedToken = Type.Object(
	{ tokenId: Type.String({ format: "uuid" }), token: Type.String({ description: "Shown this once" }) },
	{ description: "A new token" },
);
export type IssuedToken = Static<typeof IssuedToken>;

export const AuditEntry = Type.Object(
	{
		at: timestamp,
		action: Type.String({ examples: ["token.created", "settings.changed"] }),
		actor: Type.String(),
		origin: Type.String(),
		details: Type.Record(Type.String(), Type.Unknown()),
	},
	{ description: "One thing that was done to the site's tokens or settings" },
);
export type AuditEntry = Static<typeof AuditEntry>;

/** How many of something there are, counted up to a bound. */
const bounded = Type.Object({
	count,
	isMore: Type.Boolean({ description: "There are more than were counted" }),
});

export const Statistics = Type.Object(
	{
		customers: Type.Optional(bounded),
		organizations: Type.Optional(bounded),
		waiting: Type.Object({ ...bounded.properties, oldestDate: orNever }),
		from: timestamp,
		bucketSeconds: Type.Integer({ minimum: 1 }),
		buckets: Type.Array(
			Type.Object({
				from: timestamp,
				created: count,
				updated: count,
				unchanged: count,
				skipped: count,
				failed: count,
			}),
			{ description: "Items by when their task ended; every span of time has one" },
		),
		isPartial: Type.Boolean({
			description: "There were more tasks than were looked at: the earliest spans may lack some",
		}),
	},
	{ description: "How much there is, and how much was done lately" },
);
export type Statistics = Static<typeof Statistics>;

export const DetailUsage = Type.Object(
	{
		results: Type.Array(Type.Object({ fieldId: Type.String(), records: count })),
		records: Type.Integer({ minimum: 0, description: "Records that were looked at" }),
		isPartial: Type.Boolean({ description: "There are more records than were looked at" }),
	},
	{ description: "How many records have a value of each detail field" },
);
export type DetailUsage = Static<typeof DetailUsage>;
