import { type Entity, guardCell, joinList } from "@muster/client/contract";
import { stringify } from "csv-stringify/sync";
import type { DetailField } from "../domain/detail-value.ts";
import { customerIdText, valueOfField } from "../domain/record.ts";
import type { ReadRecord } from "../store/find-records.ts";

/**
 * A column of an export. Its name is where the value stands in an item, so a row can be read without anything else; that
 * of a list ends in [].
 */
interface Column {
	readonly name: string;
	cellOf(record: ReadRecord): string;
}

/** @param hasProducts whether the site has any; where it has none, a column would only be in the way */
export function columnsOf(
	siteId: string,
	entity: Entity,
	{ fields, hasProducts }: { readonly fields: readonly DetailField[]; readonly hasProducts: boolean },
): Column[] {
	const own: Column[] =
		entity === "customer"
			? [
					{ name: "customerId", cellOf: ({ id }) => customerIdText(siteId, id) },
					{ name: "email", cellOf: ({ address }) => address },
					{ name: "displayName", cellOf: ({ displayName }) => displayName },
					{
						name: "organizations[]",
						cellOf: ({ organizations }) => joinList(organizations.map(({ name }) => name)),
					},
				]
			: [
					{ name: "id", cellOf: ({ id }) => id },
					{ name: "name", cellOf: ({ address }) => address },
				];
	return [
		...own,
		...(hasProducts ? [productsColumn] : []),
		...fields.map(columnOf),
		{ name: "createdDate", cellOf: ({ createdAt }) => createdAt.toISOString() },
		{ name: "updatedDate", cellOf: ({ updatedAt }) => updatedAt.toISOString() },
		{ name: "sourceUpdatedAt", cellOf: ({ sourceUpdatedAt }) => sourceUpdatedAt ?? "" },
	];
}

const productsColumn: Column = {
	name: "products[]",
	cellOf: ({ products }) => joinList(products.map(({ name }) => name)),
};

function columnOf({ id, type }: DetailField): Column {
	return {
		name: `details.${id}${type === "MULTISELECT" ? "[]" : ""}`,
		cellOf: ({ details }) => {
			const value = valueOfField(details, id) ?? "";
			return typeof value === "string" ? value : joinList(value);
		},
	};
}

export function headerOf(columns: readonly Column[]): string {
	return csv([columns.map(({ name }) => name)]);
}

export function rowsOf(columns: readonly Column[], records: readonly ReadRecord[]): string {
	return csv(records.map((record) => columns.map(({ cellOf }) => guardCell(cellOf(record)))));
}

/** RFC 4180. Either character of a line's end is quoted, so that every reader sees the same lines. */
function csv(rows: readonly (readonly string[])[]): string {
	return stringify([...rows.map((row) => [...row])], { record_delimiter: "\r\n", quoted_match: /[\r\n]/ });
}
