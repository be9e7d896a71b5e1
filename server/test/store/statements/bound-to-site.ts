import { parseSync } from "libpg-query";

/** A part of PostgreSQL's own tree of a statement, whose form PostgreSQL holds: each node is an object of one key, its kind. */
// biome-ignore lint/suspicious/noExplicitAny: the tree is walked, and what is not there is undefined
export type Node = any;

/** @throws where PostgreSQL could not parse it either */
export function treeOf(text: string): Node {
	const { stmts } = parseSync(text) as Node;
	if (stmts.length !== 1) throw new Error(`one statement is expected, not ${stmts.length}: ${text}`);
	return stmts[0].stmt;
}

/**
 * What keeps a statement from being of one site, in words; nothing where each site-owned table that it names is bound in the
 * query that names it: read, changed and deleted `where site_id = $1` (or by another table's that is), inserted with $1.
 * @param owned names of the tables of schema muster that belong to sites
 */
export function unboundIn(tree: Node, owned: ReadonlySet<string>): string[] {
	return objectsIn(tree).flatMap((node) => [
		...selectsOf(node).flatMap((select) => unread(select, owned)),
		...(node.UpdateStmt === undefined ? [] : unread(node.UpdateStmt, owned)),
		...(node.DeleteStmt === undefined ? [] : unread(node.DeleteStmt, owned)),
		...(node.InsertStmt === undefined ? [] : unwritten(node.InsertStmt, owned)),
	]);
}

/** Each place where the first parameter stands, as a way to put another one there. */
export function firstParameters(tree: Node): Node[] {
	return objectsIn(tree).filter(({ ParamRef }) => ParamRef?.number === 1);
}

/** The names of site-owned tables anywhere in a statement. */
export function ownedIn(tree: Node, owned: ReadonlySet<string>): string[] {
	return objectsIn(tree).flatMap((node) => {
		const table: Node = node.RangeVar ?? node.relation;
		return isOwned(table, owned) ? [table.relname] : [];
	});
}

export function objectsIn(node: Node): Node[] {
	if (typeof node !== "object" || node === null) return [];
	const inside = Object.values(node).flatMap(objectsIn);
	return Array.isArray(node) ? inside : [node, ...inside];
}

/** Those that a union puts together stand in it without their kind. */
function selectsOf(node: Node): Node[] {
	const parts = [node.larg, node.rarg].filter((part) => part?.limitOption !== undefined);
	return node.SelectStmt === undefined ? parts : [node.SelectStmt];
}

interface Level {
	/** Names that the site-owned tables of one query go by in it. */
	readonly tables: string[];
	/** What all of its rows meet. */
	readonly conditions: Node[];
	/** Joins `using (site_id)`: what holds for one side holds for the other. */
	isJoinedBySite: boolean;
}

/** A query's own tables; those of queries inside it are looked at with these. */
function unread(query: Node, owned: ReadonlySet<string>): string[] {
	const level: Level = { tables: [], conditions: [], isJoinedBySite: false };
	addTable(level, query.relation, owned);
	for (const from of [...(query.fromClause ?? []), ...(query.usingClause ?? []), query.sourceRelation]) {
		addFrom(level, from, owned);
	}
	addConditions(level, query.whereClause);
	addConditions(level, query.joinCondition);
	const bound = boundTables(level);
	return level.tables
		.filter((table) => !bound.has(table))
		.map((table) => `${table} is read without site_id = $1`);
}

function addFrom(level: Level, from: Node, owned: ReadonlySet<string>): void {
	addTable(level, from?.RangeVar, owned);
	const join = from?.JoinExpr;
	if (join === undefined) return;
	addFrom(level, join.larg, owned);
	addFrom(level, join.rarg, owned);
	// An outer join keeps rows that do not meet its condition, but only of the side that it does not bind.
	if (join.jointype === "JOIN_INNER" || join.jointype === "JOIN_LEFT") addConditions(level, join.quals);
	level.isJoinedBySite ||= (join.usingClause ?? []).some((name: Node) => name.String.sval === "site_id");
}

function addTable(level: Level, table: Node, owned: ReadonlySet<string>): void {
	if (isOwned(table, owned)) level.tables.push(table.alias?.aliasname ?? table.relname);
}

function isOwned(table: Node, owned: ReadonlySet<string>): boolean {
	return table?.schemaname === "muster" && owned.has(table.relname);
}

function addConditions(level: Level, condition: Node): void {
	const { BoolExpr } = condition ?? {};
	if (BoolExpr?.boolop === "AND_EXPR") {
		for (const each of BoolExpr.args) addConditions(level, each);
	} else if (condition !== undefined) {
		level.conditions.push(condition);
	}
}

function boundTables(level: Level): Set<string> {
	const bound = new Set<string>();
	const pairs: (readonly [string, string])[] = [];
	for (const { A_Expr } of level.conditions) {
		if (A_Expr?.kind !== "AEXPR_OP" || A_Expr.name[0].String.sval !== "=") continue;
		const [left, right] = [siteOf(A_Expr.lexpr, level), siteOf(A_Expr.rexpr, level)];
		if (left !== null && isFirst(A_Expr.rexpr)) bound.add(left);
		else if (right !== null && isFirst(A_Expr.lexpr)) bound.add(right);
		else if (left !== null && right !== null) pairs.push([left, right]);
	}
	if (level.isJoinedBySite && bound.size > 0) for (const table of level.tables) bound.add(table);
	for (const _ of pairs) {
		for (const [one, other] of pairs) {
			if (bound.has(one)) bound.add(other);
			else if (bound.has(other)) bound.add(one);
		}
	}
	return bound;
}

/**
 * The table whose site_id an expression is; null for anything else. Without a table's name it is that of the only one there
 * is: of several, PostgreSQL refuses it as ambiguous.
 */
function siteOf(expression: Node, { tables, isJoinedBySite }: Level): string | null {
	const names: (string | undefined)[] =
		expression?.ColumnRef?.fields.map((field: Node) => field.String?.sval) ?? [];
	if (names.at(-1) !== "site_id") return null;
	if (names.length > 1) return names.at(-2) ?? null;
	return tables.length === 1 || isJoinedBySite ? (tables[0] ?? null) : null;
}

function isFirst(expression: Node): boolean {
	return (expression?.TypeCast?.arg ?? expression)?.ParamRef?.number === 1;
}

/** Each row that is inserted has $1, or the site_id of a table that is bound, in the place of site_id. */
function unwritten(insert: Node, owned: ReadonlySet<string>): string[] {
	if (!isOwned(insert.relation, owned)) return [];
	const place = placeOfSite(insert.cols);
	const { valuesLists, targetList } = insert.selectStmt?.SelectStmt ?? {};
	const rows: Node[][] =
		valuesLists?.map((row: Node) => row.List.items) ??
		(targetList === undefined ? [] : [targetList.map((target: Node) => target.ResTarget.val)]);
	const isBound =
		rows.length > 0 &&
		place >= 0 &&
		// A star ahead of it would move it.
		rows.every((row) => isFirst(row[place]) && !JSON.stringify(row.slice(0, place)).includes("A_Star"));
	return isBound ? [] : [`${insert.relation.relname} is inserted without $1 as its site_id`];
}

function placeOfSite(columns: readonly Node[] | undefined): number {
	return (columns ?? []).findIndex(({ ResTarget }: Node) => ResTarget.name === "site_id");
}
