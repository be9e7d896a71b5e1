import type { Static } from "typebox";
import type { Entity } from "./operations.ts";
import { Type } from "./type.ts";

/** What has detail fields: the entities of the operation table, and entitlements, which no operation writes by themselves. */
export const fieldOwners = ["customer", "organization", "entitlement"] as const satisfies (
	| Entity
	| "entitlement"
)[];
export type FieldOwner = (typeof fieldOwners)[number];

export const detailFieldTypes = [
	"TEXT",
	"NUMBER",
	"DATE",
	"EMAIL",
	"PHONE",
	"URL",
	"BOOLEAN",
	"SELECT",
	"MULTISELECT",
] as const;

export type DetailFieldType = (typeof detailFieldTypes)[number];

/** Most options of a SELECT or MULTISELECT. */
export const optionsMax = 2_000;

const fieldType = Type.Object({
	name: Type.Enum([...detailFieldTypes]),
	options: Type.Optional(
		Type.Array(Type.String(), { maxItems: optionsMax, description: "What a SELECT or MULTISELECT takes" }),
	),
});

export const DetailField = Type.Object(
	{
		id: Type.String({
			description: "Made from the name when the field was; it stays when the field is renamed",
		}),
		name: Type.String(),
		type: fieldType,
		configuration: Type.Object({ position: Type.Integer({ minimum: 0 }) }),
	},
	{ description: "A detail field of customers, of organizations or of entitlements" },
);
export type DetailField = Static<typeof DetailField>;

export const DetailFieldList = Type.Object({ results: Type.Array(DetailField) });
export type DetailFieldList = Static<typeof DetailFieldList>;

export const NewDetailField = Type.Object(
	{
		name: Type.String({ maxLength: 255 }),
		type: Type.Optional(Type.Union([fieldType, Type.Enum([...detailFieldTypes])])),
	},
	{ description: "A detail field to be made; TEXT where no type is given", additionalProperties: false },
);
export type NewDetailField = Static<typeof NewDetailField>;

export const DetailFieldChange = Type.Object(
	{
		name: Type.Optional(Type.String({ maxLength: 255 })),
		options: Type.Optional(Type.Array(Type.String(), { maxItems: optionsMax })),
		renameOptions: Type.Optional(
			Type.Record(Type.String(), Type.String(), { description: "Old option to new; records follow" }),
		),
		configuration: Type.Optional(
			Type.Object(
				{
					position: Type.Optional(
						Type.Integer({
							minimum: 0,
							description: "The field's new place, from 0; those from there on move one further",
						}),
					),
				},
				{ additionalProperties: false },
			),
		),
	},
	{ description: "What is left out stays as it is", additionalProperties: false },
);
export type DetailFieldChange = Static<typeof DetailFieldChange>;

const soughtValue = Type.Union([Type.String(), Type.Number(), Type.Boolean()]);

export const DetailSearch = Type.Union(
	[
		Type.Object(
			{ name: Type.String(), values: Type.Array(soughtValue, { minItems: 1, maxItems: 100 }) },
			{ additionalProperties: false },
		),
		Type.Object(
			{
				detailFields: Type.Array(
					Type.Object({ name: Type.String(), value: soughtValue }, { additionalProperties: false }),
					{ minItems: 1, maxItems: 10 },
				),
			},
			{ additionalProperties: false, description: "As live clients of the reference send it" },
		),
	],
	{ description: "Detail fields, by name or id, and the values of which a record must have one" },
);
export type DetailSearch = Static<typeof DetailSearch>;
