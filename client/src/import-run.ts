import type { BulkResult } from "./bulk.ts";
import type { MusterClient } from "./client.ts";
import type { NewDetailField } from "./contract/detail-field.ts";
import type { Entity } from "./contract/operations.ts";
import type { Change } from "./contract/task.ts";
import type { FaultGroups } from "./import/fault-groups.ts";
import type { FilePlan } from "./import/plan.ts";
import type { RowFault } from "./import/row-fault.ts";
import type { RowFile } from "./import/row-file.ts";
import type { IdStore } from "./organization-ids.ts";

/** One file of an import: how it is read, what its columns become, and where its failed rows go. */
export interface FileToSend {
	readonly file: RowFile;
	readonly plan: FilePlan;
	readonly rows: number;
	/** Takes rows that failed, in their order; null where nobody wants them. */
	readonly failed: FailedRows | null;
}

export interface FailedRows {
	add(line: number, cells: readonly string[], faults: readonly RowFault[]): Promise<void> | void;
}

/** All that is sent under one name: sent again, it takes effect once. */
export interface ImportRun {
	readonly run: string;
	readonly files: readonly FileToSend[];
	/** Organizations that customers name and no file has. */
	readonly companies: number;
	readonly newFields: Readonly<Record<Entity, readonly NewDetailField[]>>;
	/** Where ids of organizations are kept, for the reference dialect. */
	readonly organizationIds?: IdStore;
}

export type Counts = Record<BulkResult<never>["outcome"], number>;

/** Rows of one file, or the organizations that customers name. */
export interface Stage {
	readonly label: string;
	/** The file's; null where the rows come of a column. */
	readonly fileName: string | null;
	readonly total: number;
	readonly counts: Counts;
}

export interface Sent {
	readonly stages: readonly Stage[];
	readonly faults: FaultGroups;
	/** Customers that went without an organization, because the service does not tell its id; and which those were, the first ones. */
	readonly unassociated: number;
	readonly unknownOrganizations: readonly string[];
	/** Of a dry run: organizations that are not there yet, so that associating with them could not be tried. */
	readonly absent: number;
}

/** One row's end, for whoever wants to hear of each. */
export interface RowEnd {
	readonly file: string;
	readonly line: number;
	readonly outcome: keyof Counts;
	readonly id?: string;
	readonly key?: string;
	readonly faults?: readonly RowFault[];
	readonly changes?: readonly Change[];
}

export interface Sending {
	readonly client: Pick<MusterClient, "dialect" | "bulk" | "submit" | "waitForTask" | "records">;
	readonly dryRun: boolean;
	/** No further rows are taken when it is aborted; what is under way ends first. */
	readonly interrupted: AbortSignal;
	readonly onStage: (stage: Stage) => void;
	/** Called as a stage goes on that is no matter of rows. */
	readonly onProgress?: (stage: Stage) => void;
	/** Called for each row, after its stage has counted it. */
	readonly onRow: (stage: Stage, end: RowEnd) => void;
	readonly onStageEnd: (stage: Stage) => void;
}
