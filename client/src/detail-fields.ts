import type { Connection } from "./connection.ts";
import type {
	DetailField,
	DetailFieldChange,
	DetailFieldList,
	FieldOwner,
	NewDetailField,
} from "./contract/detail-field.ts";
import { unexpected } from "./unexpected.ts";

/** The fields of one kind of record, in their order. */
export async function listDetailFields(
	connection: Connection,
	owner: FieldOwner,
	signal: AbortSignal | undefined,
): Promise<readonly DetailField[]> {
	const path = `${owner}/details`;
	const { body, status } = await connection.ask({ method: "GET", path, signal });
	const { results } = (body ?? {}) as Partial<DetailFieldList>;
	return Array.isArray(results) ? results : unexpected(path, status);
}

/** Sent once: repeated after a broken connection, it would find the field that it made itself. */
export async function createDetailField(
	connection: Connection,
	owner: FieldOwner,
	field: NewDetailField,
	signal: AbortSignal | undefined,
): Promise<DetailField> {
	const path = `${owner}/details`;
	return fieldIn(path, await connection.ask({ method: "POST", path, body: field, isOnce: true, signal }));
}

/** Sent once: a field that was renamed is not found by its old name any more. */
export async function changeDetailField(
	connection: Connection,
	owner: FieldOwner,
	nameOrId: string,
	change: DetailFieldChange,
	signal: AbortSignal | undefined,
): Promise<DetailField> {
	const path = `${owner}/details/${encodeURIComponent(nameOrId)}`;
	return fieldIn(path, await connection.ask({ method: "PUT", path, body: change, isOnce: true, signal }));
}

/** Sent once: what is gone is not found any more. */
export async function deleteDetailField(
	connection: Connection,
	owner: FieldOwner,
	nameOrId: string,
	options: { readonly confirm?: boolean; readonly signal?: AbortSignal },
): Promise<void> {
	const path = `${owner}/details/${encodeURIComponent(nameOrId)}`;
	const query = { confirm: options.confirm === true ? true : undefined };
	await connection.ask({ method: "DELETE", path, query, isOnce: true, signal: options.signal });
}

function fieldIn(path: string, { body, status }: { body: unknown; status: number }): DetailField {
	const { id, name } = (body ?? {}) as Partial<DetailField>;
	return typeof id === "string" && typeof name === "string"
		? (body as DetailField)
		: unexpected(path, status);
}
