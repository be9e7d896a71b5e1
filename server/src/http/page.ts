import { Type } from "@muster/client/contract";
import type { TInteger, TOptional, TSchema, TString } from "typebox";
import { cursorOf, type Query } from "./query.ts";

const limitMax = 100;
const limitDefault = 50;

/** The query parameters of every list of this API. */
export const pageParameters: { readonly limit: TOptional<TInteger>; readonly cursor: TOptional<TString> } = {
	limit: Type.Optional(Type.Integer({ minimum: 1, maximum: limitMax, default: limitDefault })),
	cursor: Type.Optional(Type.String({ description: "nextCursor of the page before" })),
};

/** A page of a list, as every list of this API answers. */
export function pageOf(item: TSchema): TSchema {
	return Type.Object({ results: Type.Array(item), nextCursor: Type.Optional(Type.String()) });
}

export function pageLimitOf(query: Query): number {
	return query.integer("limit", 1, limitMax) ?? limitDefault;
}

/**
 * Cuts a page from what was found with one more than asked for, which tells whether there is a further page.
 * @param placeOf what the next page goes on behind
 */
export function cutPage<Item>(
	found: readonly Item[],
	limit: number,
	placeOf: (last: Item) => string | number,
): { readonly page: readonly Item[]; readonly more: { readonly nextCursor?: string } } {
	const page = found.slice(0, limit);
	const last = page.at(-1);
	return {
		page,
		more: found.length > limit && last !== undefined ? { nextCursor: cursorOf(placeOf(last)) } : {},
	};
}
