import type { Static } from "typebox";
import { Type } from "./type.ts";

export const Product = Type.Object(
	{ id: Type.String({ format: "uuid" }), name: Type.String() },
	{ description: "What customers and organizations can be entitled to" },
);
export type Product = Static<typeof Product>;

/** To be made, or the new name of one that is there. */
export const NewProduct = Type.Object(
	{ name: Type.String({ maxLength: 255, description: "Unique in the site, whatever its case" }) },
	{ description: "A product by its name", additionalProperties: false },
);
export type NewProduct = Static<typeof NewProduct>;
