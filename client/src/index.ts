export type { BulkOptions, BulkProgress, BulkResult } from "./bulk.ts";
export { MusterClient } from "./client.ts";
export type { Fetch, Received } from "./connection.ts";
export { guardCell } from "./contract/cell.ts";
export type { Connector, ConnectorRun } from "./contract/connector.ts";
export type { CustomerProfile } from "./contract/customer.ts";
export type {
	DetailField,
	DetailFieldChange,
	DetailFieldType,
	FieldOwner,
	NewDetailField,
} from "./contract/detail-field.ts";
export { failurePlace, withValueAt } from "./contract/failure-place.ts";
export type { FailedItem, FailureGroup, FailureGroups } from "./contract/failures.ts";
export type { HistoryEntry, HistoryPage } from "./contract/history.ts";
export {
	type Entity,
	type ListedOperation,
	type OperationName,
	operationNamed,
	operations,
	readScopes,
	scopes,
	type TaskOperationName,
	taskOperationNames,
} from "./contract/operations.ts";
export type { OrganizationProfile } from "./contract/organization.ts";
export type { Dialect } from "./contract/paths.ts";
export type { CustomerExport, ReferenceCustomerExport } from "./contract/person.ts";
export type { Problem } from "./contract/problem.ts";
export type { Session, SessionLink } from "./contract/session.ts";
export type { SiteSettings } from "./contract/settings.ts";
export type { AccessToken, AuditEntry, DetailUsage, IssuedToken, Statistics } from "./contract/site.ts";
export type {
	Change,
	FailedRequest,
	ItemError,
	ItemResult,
	Outcome,
	Summary,
	TaskSource,
} from "./contract/task.ts";
export type {
	NewWebhook,
	Webhook,
	WebhookChange,
	WebhookDelivery,
	WebhookWithSecret,
} from "./contract/webhook.ts";
export { type WebhookEvent, webhookEvents } from "./contract/webhook-events.ts";
export { MusterError, MusterNetworkError, MusterTimeoutError } from "./errors.ts";
export { itemOfProfile, itemOfRow } from "./exported.ts";
export type { FailureFilter } from "./failures.ts";
export type {
	Counts,
	FailedRows,
	FileToSend,
	ImportRun,
	RowEnd,
	Sending,
	Sent,
	Stage,
} from "./import-run.ts";
export type {
	Import,
	ImportStatus,
	Imports,
	SubmitImportOptions,
	WaitForImportOptions,
} from "./imports.ts";
export { Interrupted } from "./interrupted.ts";
export type {
	Bulk,
	MusterClientOptions,
	RetryOptions,
	SubmitOptions,
	Submitted,
	TaskQuery,
} from "./options.ts";
export type { IdStore } from "./organization-ids.ts";
export type { Page, PageQuery } from "./page.ts";
export type { CustomerQuery, ExportOptions, RecordQuery } from "./records.ts";

export type { RetryPolicy, Sleep } from "./retry.ts";
export { sendRows } from "./send-rows.ts";
export type { Task, TaskFailure, TaskStatus } from "./task.ts";
export type { TaskFilter } from "./tasks.ts";
export type { WaitOptions } from "./wait.ts";
