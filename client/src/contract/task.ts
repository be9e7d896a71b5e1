import type { Static } from "typebox";
import { operations, taskOperationNames, undoOperations } from "./operations.ts";
import { Type } from "./type.ts";

const timestamp = Type.String({ format: "date-time", description: "UTC" });
const count = Type.Integer({ minimum: 0 });
const taskId = Type.String({ format: "uuid" });

export const outcomes = ["created", "updated", "unchanged", "skipped", "failed", "deleted"] as const;
export type Outcome = (typeof outcomes)[number];
/** What becomes of an item of a bulk operation, which never deletes. */
export type ItemOutcome = Exclude<Outcome, "deleted">;

export const guideStatuses = ["PROCESSING", "COMPLETED", "FAILED"] as const;
export const referenceStatuses = ["NOT_STARTED", "IN_PROGRESS", "FINISHED", "FAILED"] as const;

/** The answer to a submission under the guide's base. */
export const Accepted = Type.Object(
	{ taskId, statusUrl: Type.String({ format: "uri", description: "Absolute; ask here for the task" }) },
	{ description: "The submission is saved; its task will be carried out" },
);
export type Accepted = Static<typeof Accepted>;

/** The answer to a submission under the reference's base. `Location` carries the path that works on this server. */
export const ReferenceAccepted = Type.Object(
	{ id: taskId, statusUrl: Type.String({ format: "uri-reference" }) },
	{ description: "The submission is saved; its task will be carried out" },
);
export type ReferenceAccepted = Static<typeof ReferenceAccepted>;

/** One thing that is wrong with one item. */
export const ItemError = Type.Object({
	code: Type.String({ description: "Stable; docs/errors.md explains each" }),
	pointer: Type.String({ description: "JSON Pointer (RFC 6901) into the item as it was sent" }),
	message: Type.String(),
	hint: Type.Optional(Type.String()),
});
export type ItemError = Static<typeof ItemError>;

export const Failure = Type.Object(
	{
		index: Type.Integer({ minimum: 0, description: "Place of the item in the request, counted from 0" }),
		message: Type.String({ description: "Every fault of the item, in one text" }),
		code: Type.String({ description: "Code of the first fault" }),
		clientRef: Type.Optional(Type.String()),
		errors: Type.Array(ItemError),
	},
	{ description: "An item that took no effect" },
);
export type Failure = Static<typeof Failure>;

export const ReferenceFailure = Type.Object(
	{
		entity: Type.Enum(["CUSTOMER", "ORGANIZATION"]),
		entityId: Type.String({ description: "The record's id, else the email or name as sent" }),
		operation: Type.String(),
		operatedOn: Type.Enum(["CUSTOMER_ACCOUNT", "ORGANIZATION"]),
		operatedOnIds: Type.Array(Type.String(), { description: "The detail fields at fault" }),
		error: Type.String({ description: "Every fault of the item, in one text" }),
		index: Type.Integer({ minimum: 0 }),
		code: Type.String(),
		clientRef: Type.Optional(Type.String()),
	},
	{ description: "An item that took no effect, as the reference shows it" },
);
export type ReferenceFailure = Static<typeof ReferenceFailure>;

export const Summary = Type.Object({
	total: count,
	created: count,
	updated: count,
	unchanged: count,
	skipped: count,
	failed: count,
	deleted: Type.Optional(Type.Integer({ minimum: 1, description: "Only an undo deletes" })),
});
export type Summary = Static<typeof Summary>;

const operationName = Type.Enum([...taskOperationNames]);

export const TaskSource = Type.Object(
	{
		kind: Type.Enum(["request", "import", "connector", "retry", "undo"]),
		tokenId: Type.String({ format: "uuid", description: "The token that sent it" }),
		tokenPrefix: Type.Optional(Type.String({ description: "How the token begins; absent once it is gone" })),
		importId: Type.Optional(Type.String({ format: "uuid", description: "The import whose part it is" })),
		connector: Type.Optional(Type.String({ description: "Name of the connector whose records it holds" })),
		taskId: Type.Optional(
			Type.String({
				format: "uuid",
				description:
					"The task that was retried or undone; absent where that was asked for under an Idempotency-Key",
			}),
		),
	},
	{ description: "Where a task comes from" },
);
export type TaskSource = Static<typeof TaskSource>;

const idempotencyKey = Type.String({ description: "As it was sent, or as the service made it" });

export const Task = Type.Object(
	{
		taskId,
		status: Type.Enum([...guideStatuses], { description: "COMPLETED may hold failures of single items" }),
		operation: operationName,
		dryRun: Type.Optional(Type.Boolean()),
		createdDate: timestamp,
		completedDate: Type.Optional(timestamp),
		idempotencyKey,
		source: TaskSource,
		summary: Summary,
		failures: Type.Array(Failure),
	},
	{ description: "One accepted submission and its outcome" },
);
export type Task = Static<typeof Task>;

export const ReferenceTask = Type.Object(
	{
		id: taskId,
		type: Type.Enum([...operations, ...undoOperations].map(({ referenceType }) => referenceType)),
		status: Type.Enum([...referenceStatuses]),
		failures: Type.Array(ReferenceFailure),
		createdAt: timestamp,
		updatedAt: timestamp,
		operation: operationName,
		dryRun: Type.Optional(Type.Boolean()),
		idempotencyKey,
		source: TaskSource,
		summary: Summary,
	},
	{ description: "One accepted submission and its outcome, as the reference shows it" },
);
export type ReferenceTask = Static<typeof ReferenceTask>;

export const Change = Type.Object(
	{
		field: Type.String({ examples: ["displayName", "details.support-tier", "organizations"] }),
		before: Type.Union([Type.String(), Type.Array(Type.String()), Type.Null()]),
		after: Type.Union([Type.String(), Type.Array(Type.String()), Type.Null()]),
	},
	{ description: "What of a record was changed, or would be by a dry run" },
);
export type Change = Static<typeof Change>;

export const ItemResult = Type.Object(
	{
		index: Type.Integer({ minimum: 0 }),
		clientRef: Type.Optional(Type.String()),
		id: Type.Optional(Type.String({ description: "The record's id; absent where there is none" })),
		key: Type.Optional(Type.String({ description: "The record's email or name" })),
		outcome: Type.Enum([...outcomes]),
		errors: Type.Optional(Type.Array(ItemError, { description: "Why it failed or was skipped" })),
		changes: Type.Optional(Type.Array(Change)),
	},
	{ description: "What became of one item" },
);
export type ItemResult = Static<typeof ItemResult>;

export const FailedRequest = Type.Record(Type.String(), Type.Array(Type.Unknown()), {
	minProperties: 1,
	maxProperties: 1,
	description:
		"Items as they were sent, under the key that their operation takes: a body to correct and post to its path",
});
export type FailedRequest = Static<typeof FailedRequest>;
