import { type Node, objectsIn } from "./bound-to-site.ts";

// What of a statement a Citus looks at, which may have each site's rows on another machine.

/** Tables of schema muster that are named anywhere in it. */
export function tablesIn(tree: Node): string[] {
	return objectsIn(tree).flatMap((node) => nameOf(node.RangeVar ?? node.relation));
}

/** Tables that a `merge` writes. */
export function mergedIn(tree: Node): string[] {
	return objectsIn(tree).flatMap(({ MergeStmt }) => nameOf(MergeStmt?.relation));
}

/** Tables of queries that end in `for update` and the like. */
export function lockedIn(tree: Node): string[] {
	return objectsIn(tree).flatMap(({ SelectStmt }) =>
		SelectStmt?.lockingClause === undefined ? [] : tablesIn(SelectStmt.fromClause),
	);
}

/** Functions that it calls: ours with their schema, PostgreSQL's by name. */
export function callsIn(tree: Node): string[] {
	return objectsIn(tree)
		.map(({ FuncCall }) => (FuncCall?.funcname ?? []).map((name: Node) => name.String.sval).join("."))
		.filter((name) => name !== "");
}

function nameOf(table: Node): string[] {
	return table?.schemaname === "muster" ? [table.relname] : [];
}
