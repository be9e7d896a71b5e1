import type { DetailField, Entity } from "@muster/client/contract";
import {
	type Check,
	type Columns,
	checkRows,
	type FilePlan,
	guessEntity,
	type MatchContext,
	matchColumns,
	readColumns as readColumnsOf,
	type SeenKeys,
	troubleWith,
} from "@muster/client/import";
import { exitCodes } from "../exit-codes.ts";
import { UserError } from "../user-error.ts";
import { fileOf } from "./rows.ts";
import type { Source } from "./source.ts";

/** What the columns of a file are called, and what their values look like. @throws UserError where it has no rows */
export async function readColumns(source: Source): Promise<Columns> {
	const columns = await readColumnsOf(fileOf(source));
	if (columns.rows > 0) return columns;
	throw new UserError(`${source.name} has no rows beneath its header.`, exitCodes.nothingUsable);
}

/** @throws UserError where no column names the records */
export function planFile(
	source: Source,
	{ names, tallies }: Columns,
	context: Omit<MatchContext, "fields"> & {
		readonly entity?: Entity | undefined;
		readonly fields: Readonly<Record<Entity, readonly DetailField[]>>;
	},
): FilePlan {
	const entity = context.entity ?? guessEntity(names, tallies);
	const plan = matchColumns(entity, names, tallies, { ...context, fields: context.fields[entity] });
	const trouble = troubleWith(plan);
	if (trouble !== null) throw new UserError(`${source.name}: ${trouble}`, exitCodes.nothingUsable);
	return plan;
}

/** Goes through every row. @param companies gathers the organizations that customers name */
export function checkFile(source: Source, plan: FilePlan, companies: SeenKeys): Promise<Check> {
	return checkRows(fileOf(source), plan, companies);
}
