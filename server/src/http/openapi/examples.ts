import type {
	Accepted,
	Change,
	Connector,
	ConnectorRun,
	Customer,
	CustomerProfile,
	DetailField,
	Entitlement,
	FailedRequest,
	Failure,
	Import,
	ImportColumn,
	ItemError,
	ItemResult,
	Organization,
	OrganizationProfile,
	Product,
	ReferenceAccepted,
	ReferenceCustomerProfile,
	ReferenceEntitlement,
	ReferenceFailure,
	ReferenceImport,
	ReferenceOrganizationProfile,
	ReferenceTask,
	Summary,
	Task,
	TaskSource,
	Webhook,
	WebhookDelivery,
	WebhookWithSecret,
} from "@muster/client/contract";
import { settingsFrom } from "../../domain/settings.ts";

/** One small story, seen through every shape: Jane Smith is created, and "invalid-email" is not. */

const siteId = "019c2f00-0d1e-7f00-8a00-0123456789ab";
const taskId = "019c2f6e-6a3b-7d20-9a41-5d0c7a1f2b3c";
const importId = "019c2f6f-0b1c-7d2e-8f3a-4b5c6d7e8f90";
const customerId = `qm:${siteId}:019c2f6e-6b11-7bbb-8ccc-1234567890ab`;
const before = "2026-11-24T09:30:00.000Z";
const after = "2026-11-24T09:30:00.118Z";
const jane = { customerId, email: "jane.smith@acme.com", displayName: "Jane Smith" } satisfies Customer;
const acme = { id: "1", name: "Acme Corporation" } satisfies Organization;
const summary = { total: 2, created: 1, updated: 0, unchanged: 0, skipped: 0, failed: 1 } satisfies Summary;
const itemError = {
	code: "invalid_email",
	pointer: "/email",
	message: 'Invalid email format: "invalid-email" has no @.',
} satisfies ItemError;
const failure = {
	index: 1,
	message: itemError.message,
	code: itemError.code,
	errors: [itemError],
} satisfies Failure;
const referenceFailure = {
	entity: "CUSTOMER",
	entityId: "invalid-email",
	operation: "UPSERT",
	operatedOn: "CUSTOMER_ACCOUNT",
	operatedOnIds: [],
	error: itemError.message,
	index: 1,
	code: itemError.code,
} satisfies ReferenceFailure;
const tier = {
	id: "support-tier",
	name: "Support tier",
	type: { name: "SELECT", options: ["Free", "Premium"] },
	configuration: { position: 0 },
} satisfies DetailField;
const industry = {
	id: "industry",
	name: "Industry",
	type: { name: "TEXT" },
	configuration: { position: 0 },
} satisfies DetailField;
const licenses = {
	id: "licenses",
	name: "Licenses",
	type: { name: "NUMBER" },
	configuration: { position: 0 },
} satisfies DetailField;
const product = { id: "019c2f00-5b21-7c3d-8e4f-0a1b2c3d4e5f", name: "Premium support" } satisfies Product;
const connectorRun = {
	runId: "019c2f71-2d3e-7f4a-9b5c-6d7e8f9a0b1c",
	status: "COMPLETED",
	startedDate: before,
	updatedDate: after,
	report: { counts: { customers: { created: 12, updated: 3 } } },
} satisfies ConnectorRun;
const entitlementId = "019c2f70-1c2d-7e3f-9a4b-5c6d7e8f9a0b";
const webhookId = "019c2f71-2d3e-7f40-8b5c-6d7e8f9a0b1c";
const deliveryId = "019c2f72-3e4f-7051-9c6d-7e8f9a0b1c2d";
const webhook = {
	webhookId,
	url: "https://example.com/muster",
	events: ["task.completed", "records.changed"],
	enabled: true,
	status: "active",
	createdDate: before,
} satisfies Webhook;
const importMembers = {
	operation: "customer.profile",
	format: "csv",
	createdDate: before,
	receivedBytes: 52_428_800,
	totalBytes: 104_857_600,
	receivedItems: 420_000,
	unreadableLines: 1,
	tasks: 4_200,
	summary: { total: 420_001, created: 400_000, updated: 0, unchanged: 0, skipped: 0, failed: 1 },
	processedBytes: 50_000_000,
	progress: 0.477,
	itemsPerSecond: 25_000,
	estimatedEndDate: "2026-11-24T09:30:34.000Z",
	columns: [
		{ column: "Email", target: "email" },
		{ column: "Tier", target: "details.Support tier", type: "SELECT" },
	],
} satisfies Omit<Import, "importId" | "status">;
const idempotencyKey = "6f1d6a52-3a0f-4f8b-9d0e-2b7c1c0b9a11";
const taskSource = {
	kind: "request",
	tokenId: "019c2f00-1a2b-7c3d-8e4f-5a6b7c8d9e0f",
	tokenPrefix: "mst_uDFI2",
} satisfies TaskSource;
/** Ids as they stand in paths. */
export const exampleIds: Readonly<
	Record<
		| "site"
		| "task"
		| "import"
		| "customer"
		| "organization"
		| "field"
		| "product"
		| "entitlement"
		| "webhook"
		| "delivery"
		| "connector",
		string
	>
> = {
	site: siteId,
	task: taskId,
	import: importId,
	customer: customerId,
	organization: acme.id,
	field: tier.id,
	product: product.id,
	entitlement: entitlementId,
	webhook: webhookId,
	delivery: deliveryId,
	connector: "hubspot",
};
const times = { createdDate: before, updatedDate: after };

/** An example of each schema of the contract, by its name there. */
export function schemaExamples(publicUrl: string): Readonly<Record<string, unknown>> {
	return {
		Accepted: { taskId, statusUrl: `${publicUrl}/api/v1/tasks/${taskId}` } satisfies Accepted,
		ReferenceAccepted: { id: taskId, statusUrl: `/api/v1/tasks/${taskId}` } satisfies ReferenceAccepted,
		Task: {
			taskId,
			status: "COMPLETED",
			operation: "customer.profile",
			createdDate: before,
			completedDate: after,
			idempotencyKey,
			source: taskSource,
			summary,
			failures: [failure],
		} satisfies Task,
		ReferenceTask: {
			id: taskId,
			type: "BULK_CUSTOMER_PROFILE_CREATE_UPDATE",
			status: "FINISHED",
			failures: [referenceFailure],
			createdAt: before,
			updatedAt: after,
			operation: "customer.profile",
			idempotencyKey,
			source: taskSource,
			summary,
		} satisfies ReferenceTask,
		TaskSource: taskSource,
		Import: { importId, status: "RECEIVING", ...importMembers } satisfies Import,
		ReferenceImport: { id: importId, status: "RECEIVING", ...importMembers } satisfies ReferenceImport,
		ImportColumn: { column: "Tier", target: "details.Support tier", type: "SELECT" } satisfies ImportColumn,
		Summary: summary,
		Failure: failure,
		ReferenceFailure: referenceFailure,
		ItemError: itemError,
		ItemResult: { index: 0, id: customerId, key: jane.email, outcome: "created" } satisfies ItemResult,
		FailedRequest: { customers: [{ email: "invalid-email" }] } satisfies FailedRequest,
		Change: { field: "details.support-tier", before: "Free", after: "Premium" } satisfies Change,
		Customer: jane,
		CustomerProfile: {
			...jane,
			details: { "support-tier": "Premium" },
			organizations: [acme],
			...times,
		} satisfies CustomerProfile,
		ReferenceCustomerProfile: {
			...jane,
			details: [{ ...tier, values: ["Premium"] }],
			organizations: [acme],
			...times,
		} satisfies ReferenceCustomerProfile,
		Organization: acme,
		OrganizationProfile: {
			...acme,
			details: { industry: "Manufacturing" },
			...times,
		} satisfies OrganizationProfile,
		ReferenceOrganizationProfile: {
			...acme,
			details: [{ ...industry, values: ["Manufacturing"] }],
			...times,
		} satisfies ReferenceOrganizationProfile,
		DetailField: tier,
		SiteSettings: settingsFrom({}),
		Connector: {
			name: "hubspot",
			state: { since: before },
			heldSeconds: 0,
			run: connectorRun,
		} satisfies Connector,
		ConnectorRun: connectorRun,
		Product: product,
		Entitlement: {
			id: entitlementId,
			product,
			customerId,
			details: { licenses: 25 },
			...times,
		} satisfies Entitlement,
		ReferenceEntitlement: {
			id: entitlementId,
			product,
			customerId,
			details: [{ ...licenses, values: ["25"] }],
			...times,
		} satisfies ReferenceEntitlement,
		Webhook: webhook,
		WebhookWithSecret: {
			...webhook,
			secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=",
		} satisfies WebhookWithSecret,
		WebhookDelivery: {
			deliveryId,
			event: "task.completed",
			taskId,
			status: "delivered",
			attempts: 1,
			createdDate: before,
			lastAttemptDate: after,
			deliveredDate: after,
			answeredStatus: 200,
		} satisfies WebhookDelivery,
	};
}
