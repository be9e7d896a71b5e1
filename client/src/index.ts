export type { BulkOptions, BulkProgress, BulkResult } from "./bulk.ts";
export {
	type Bulk,
	MusterClient,
	type MusterClientOptions,
	type SubmitOptions,
	type Submitted,
	type TaskQuery,
} from "./client.ts";
export type { CustomerProfile } from "./contract/customer.ts";
export { type Entity, type OperationName, operationNamed, operations } from "./contract/operations.ts";
export type { OrganizationProfile } from "./contract/organization.ts";
export type { Dialect } from "./contract/paths.ts";
export type { Problem } from "./contract/problem.ts";
export type { Change, ItemError, ItemResult, Outcome, Summary } from "./contract/task.ts";
export { MusterError, MusterNetworkError, MusterTimeoutError } from "./errors.ts";
export { itemOfProfile, itemOfRow } from "./exported.ts";
export type {
	Import,
	ImportStatus,
	Imports,
	SubmitImportOptions,
	WaitForImportOptions,
} from "./imports.ts";
export type { RetryPolicy, Sleep } from "./retry.ts";
export type { Task, TaskFailure, TaskStatus } from "./task.ts";
export type { WaitOptions } from "./wait.ts";
