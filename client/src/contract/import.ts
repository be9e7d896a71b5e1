import type { Static } from "typebox";
import { detailFieldTypes } from "./detail-field.ts";
import { type ImportFormat, importFormats } from "./import-formats.ts";
import { type Operation, operations } from "./operations.ts";
import { Summary } from "./task.ts";
import { Type } from "./type.ts";

/** The operations that a file can be sent for: all but definitions, which take effect as a whole. */
export const importOperations: readonly (typeof operations)[number]["name"][] = operations
	.filter((operation: Operation) => operation.scope !== "definitions")
	.map(({ name }) => name);

export const importStatuses = ["RECEIVING", "PROCESSING", "COMPLETED", "CANCELED"] as const;
export const referenceImportStatuses = ["RECEIVING", "IN_PROGRESS", "FINISHED", "CANCELED"] as const;

const timestamp = Type.String({ format: "date-time", description: "UTC" });
const bytes = Type.Integer({ minimum: 0 });

export const ImportColumn = Type.Object(
	{
		column: Type.String({ description: "The header, as it stands in the file" }),
		target: Type.String({
			description:
				"A part of the record (`email`, `displayName`, `firstName`, `lastName`, `organization`, `name`, `id`), `details.` and the name of a field, or `skip`",
			examples: ["email", "details.Support tier"],
		}),
		type: Type.Optional(Type.Enum([...detailFieldTypes], { description: "Of a field that the site has" })),
	},
	{ description: "What a column of a CSV becomes" },
);
export type ImportColumn = Static<typeof ImportColumn>;

const members = {
	operation: Type.Enum([...importOperations]),
	format: Type.Enum(Object.keys(importFormats) as ImportFormat[]),
	dryRun: Type.Optional(Type.Boolean()),
	createdDate: timestamp,
	completedDate: Type.Optional(
		Type.String({ format: "date-time", description: "UTC; when the last of its tasks ended" }),
	),
	receivedBytes: Type.Integer({
		minimum: 0,
		description: "Bytes of the file that are saved: an upload that broke off goes on from there",
	}),
	totalBytes: Type.Optional(
		Type.Integer({ minimum: 0, description: "Where the request told it, or all is received" }),
	),
	receivedItems: Type.Integer({
		minimum: 0,
		description: "Lines of the file that have become items, so far",
	}),
	unreadableLines: Type.Integer({
		minimum: 0,
		description: "Lines that could not be read; they count as failed",
	}),
	tasks: Type.Integer({ minimum: 0, description: "Tasks that the items were put into, so far" }),
	summary: Summary,
	processedBytes: bytes,
	progress: Type.Optional(
		Type.Number({
			minimum: 0,
			maximum: 1,
			description: "Part of the file whose tasks have ended; absent while its size is not known",
		}),
	),
	itemsPerSecond: Type.Optional(Type.Number({ minimum: 0, description: "As of late, while it goes on" })),
	estimatedEndDate: Type.Optional(
		Type.String({
			format: "date-time",
			description:
				"UTC; at the rate so far and as of late, where the size of the file is known and it goes on",
		}),
	),
	stalledSinceDate: Type.Optional(
		Type.String({
			format: "date-time",
			description: "UTC; the last piece of the file came then, all of it is carried out, and no more comes",
		}),
	),
	columns: Type.Optional(Type.Array(ImportColumn, { description: "Of a CSV, in the order of the file" })),
};

const importId = Type.String({ format: "uuid" });

export const Import = Type.Object(
	{
		importId,
		status: Type.Enum([...importStatuses], {
			description:
				"RECEIVING until the whole file is there, also while nobody sends; COMPLETED may hold failures",
		}),
		...members,
	},
	{ description: "A file that is carried out as tasks while it arrives" },
);
export type Import = Static<typeof Import>;

export const ReferenceImport = Type.Object(
	{ id: importId, status: Type.Enum([...referenceImportStatuses]), ...members },
	{ description: "A file that is carried out as tasks while it arrives, in the words of the reference" },
);
export type ReferenceImport = Static<typeof ReferenceImport>;
