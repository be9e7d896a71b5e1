export { guardCell, joinList } from "../contract/cell.ts";
export { checkRow, keyOfRow, tooManyCells } from "./check-row.ts";
export { type Check, checkRows } from "./check-rows.ts";
export { ColumnTally } from "./column-tally.ts";
export { csvReading, RecordLines, recordLengthMax } from "./csv-reading.ts";
export { distinctHeaders } from "./distinct-headers.ts";
export { type Encoding, findEncoding } from "./encoding.ts";
export { type FaultGroup, FaultGroups, type PlacedFault, type RowPlace } from "./fault-groups.ts";
export { cellOf, exactCellOf, itemOfRow, keyOfName, organizationsOf } from "./item-of-row.ts";
export {
	columnsOfUnknownOrder,
	failedColumns,
	guessEntity,
	isFedBack,
	type MatchContext,
	matchColumns,
	troubleWith,
} from "./match-columns.ts";
export { newFieldsOf } from "./new-fields.ts";
export {
	type ColumnPlan,
	customerTargets,
	type DateOrder,
	type DetailTarget,
	dateOrders,
	type FilePlan,
	isDetail,
	isOwnExport,
	keyTarget,
	organizationTargets,
	placeOf,
	type RecordTarget,
	type Target,
} from "./plan.ts";
export { type Columns, readColumns } from "./read-columns.ts";
export { faultOfError, type RowFault } from "./row-fault.ts";
export type { FileRow, RowFile, Rows } from "./row-file.ts";
export { SeenKeys } from "./seen-keys.ts";
export { type Format, sniffFormat } from "./sniff.ts";
export { type Preset, presets } from "./synonyms.ts";
export { readValue, type ValueForm } from "./value.ts";
