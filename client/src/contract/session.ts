import type { Static } from "typebox";
import { Type } from "./type.ts";

const timestamp = Type.String({ format: "date-time", description: "UTC" });

export const Session = Type.Object(
	{
		siteId: Type.String({ format: "uuid" }),
		siteName: Type.String(),
		tokenId: Type.String({
			format: "uuid",
			description: "The token that is used, or that the session stands for",
		}),
		scopes: Type.Array(Type.String(), { description: "What it may do; `*` is everything" }),
	},
	{ description: "Whose token this is, and what it may do" },
);
export type Session = Static<typeof Session>;

export const SessionLink = Type.Object(
	{
		url: Type.String({ format: "uri", description: "Opens the console, signed in, once" }),
		expiresDate: timestamp,
	},
	{ description: "A link that opens the console" },
);
export type SessionLink = Static<typeof SessionLink>;
