import type { Static } from "typebox";
import { Change } from "./task.ts";
import { Type } from "./type.ts";

export const HistoryEntry = Type.Object(
	{
		changedDate: Type.String({ format: "date-time", description: "UTC" }),
		outcome: Type.Enum(["created", "updated"]),
		taskId: Type.Optional(
			Type.String({ format: "uuid", description: "The task that changed it; absent for a single write" }),
		),
		operation: Type.Optional(Type.String({ description: "The task's" })),
		index: Type.Optional(
			Type.Integer({ minimum: 0, description: "Place of the item in the task, counted from 0" }),
		),
		tokenId: Type.String({ format: "uuid", description: "The token that sent it" }),
		tokenPrefix: Type.Optional(Type.String({ description: "How the token begins; absent once it is gone" })),
		changes: Type.Array(Change),
	},
	{ description: "One change of a record" },
);
export type HistoryEntry = Static<typeof HistoryEntry>;

export const HistoryPage = Type.Object(
	{
		results: Type.Array(HistoryEntry),
		nextCursor: Type.Optional(Type.String()),
		isComplete: Type.Boolean({
			description:
				"Whether nothing is missing between the oldest entry of the page and the next page, or the creation of the record. Changes are kept as long as their tasks, and not while the setting `history` is off",
		}),
	},
	{ description: "What was changed on a record, the latest change first" },
);
export type HistoryPage = Static<typeof HistoryPage>;
