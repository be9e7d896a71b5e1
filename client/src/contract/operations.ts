/**
 * The operation table: routes, OpenAPI, SDK, command line, worker and test tables loop over it. A further bulk operation
 * is one entry here and one judge in the server's domain.
 */

export type Entity = "customer" | "organization";

/** What of a record an operation writes: who it is, that and its details and associations, or its details alone. */
export type OperationScope = "account" | "profile" | "details" | "definitions";

export interface Operation {
	/** Stable name, as a task shows it. */
	readonly name: string;
	/** Path after the base, without a leading slash. */
	readonly path: string;
	readonly entity: Entity;
	readonly scope: OperationScope;
	/** Top-level keys that may hold the items: the guide's first, then the reference's. */
	readonly itemsKeys: readonly string[];
	/** Most items in one request (reference). */
	readonly itemsMax: number;
	/** Most detail edits in one request, over all its items (reference). */
	readonly editsMax?: number;
	/** `type` of a task in the reference dialect. One is quoted by the reference, the others follow its pattern. */
	readonly referenceType: string;
	readonly writeScope: string;
	readonly summary: string;
}

const scopeSuffix = "jira-service-management";

export const operations = [
	{
		name: "customer",
		path: "customer/bulk",
		entity: "customer",
		scope: "account",
		itemsKeys: ["customers", "customerAccounts"],
		itemsMax: 50,
		referenceType: "BULK_CUSTOMER_CREATE_UPDATE",
		writeScope: `write:customer:${scopeSuffix}`,
		summary: "Create or update customers",
	},
	{
		name: "customer.profile",
		path: "customer/profile/bulk",
		entity: "customer",
		scope: "profile",
		itemsKeys: ["customers", "customerProfiles"],
		itemsMax: 100,
		referenceType: "BULK_CUSTOMER_PROFILE_CREATE_UPDATE",
		writeScope: `write:customer.profile:${scopeSuffix}`,
		summary: "Create or update customers with their details, organizations and products",
	},
	{
		name: "customer.details",
		path: "customer/details/bulk",
		entity: "customer",
		scope: "details",
		itemsKeys: ["customers"],
		itemsMax: 100,
		editsMax: 1000,
		referenceType: "BULK_CUSTOMER_DETAILS_CREATE_UPDATE",
		writeScope: `write:customer.detail:${scopeSuffix}`,
		summary: "Edit details of customers that exist",
	},
	{
		name: "organization",
		path: "organization/bulk",
		entity: "organization",
		scope: "account",
		itemsKeys: ["organizations"],
		itemsMax: 50,
		referenceType: "BULK_ORGANIZATION_CREATE_UPDATE",
		writeScope: `write:organization:${scopeSuffix}`,
		summary: "Create or update organizations",
	},
	{
		name: "organization.profile",
		path: "organization/profile/bulk",
		entity: "organization",
		scope: "profile",
		itemsKeys: ["organizations", "organizationProfiles"],
		itemsMax: 100,
		referenceType: "BULK_ORGANIZATION_PROFILE_CREATE_UPDATE",
		writeScope: `write:organization.profile:${scopeSuffix}`,
		summary: "Create or update organizations with their details, members and products",
	},
	{
		name: "organization.details",
		path: "organization/details/bulk",
		entity: "organization",
		scope: "details",
		itemsKeys: ["organizations"],
		itemsMax: 100,
		editsMax: 1000,
		referenceType: "BULK_ORGANIZATION_DETAILS_CREATE_UPDATE",
		writeScope: `write:organization.detail:${scopeSuffix}`,
		summary: "Edit details of organizations that exist",
	},
	{
		name: "customer.definitions",
		path: "customer/details/definitions/bulk",
		entity: "customer",
		scope: "definitions",
		itemsKeys: ["detailFields"],
		itemsMax: 50,
		referenceType: "BULK_CUSTOMER_DETAILS_DEFINITIONS_CREATE_UPDATE",
		writeScope: `write:customer.detail-field:${scopeSuffix}`,
		summary: "Define detail fields of customers",
	},
	{
		name: "organization.definitions",
		path: "organization/details/definitions/bulk",
		entity: "organization",
		scope: "definitions",
		itemsKeys: ["detailFields"],
		itemsMax: 50,
		referenceType: "BULK_ORGANIZATION_DETAILS_DEFINITIONS_CREATE_UPDATE",
		writeScope: `write:organization.detail-field:${scopeSuffix}`,
		summary: "Define detail fields of organizations",
	},
] as const satisfies readonly Operation[];

export type OperationName = (typeof operations)[number]["name"];

/** An entry of the table, with the words that only entries have. */
export type ListedOperation = Operation & Pick<(typeof operations)[number], "name" | "referenceType">;

/** What a task can be beside a bulk operation: the undoing of one. They are asked for by `POST tasks/{taskId}/undo`. */
export const undoOperations = [
	{ name: "customer.undo", entity: "customer", referenceType: "BULK_CUSTOMER_UNDO" },
	{ name: "organization.undo", entity: "organization", referenceType: "BULK_ORGANIZATION_UNDO" },
] as const satisfies readonly {
	readonly name: string;
	readonly entity: Entity;
	readonly referenceType: string;
}[];

export type UndoOperation = (typeof undoOperations)[number];

/** The names of all operations that a task can be of. */
export const taskOperationNames = [
	...operations.map(({ name }) => name),
	...undoOperations.map(({ name }) => name),
] as const;
export type TaskOperationName = (typeof taskOperationNames)[number];

/** @throws where there is no operation of that name: names come from the table or from a checked filter. */
export function operationNamed(name: string): ListedOperation {
	const found = operations.find((operation) => operation.name === name);
	if (found === undefined) throw new Error(`no operation is named ${name}`);
	return found;
}

export const readScopes = {
	task: `read:task:${scopeSuffix}`,
	customer: `read:customer:${scopeSuffix}`,
	organization: `read:organization:${scopeSuffix}`,
	product: `read:product:${scopeSuffix}`,
	entitlement: `read:entitlement:${scopeSuffix}`,
} as const;

/** Of products and entitlements, by the names that the reference gives them. */
export const productScopes = {
	write: `write:product:${scopeSuffix}`,
	delete: `delete:product:${scopeSuffix}`,
} as const;

export const entitlementScopes = {
	readOf: {
		customer: `read:customer:entitlement:${scopeSuffix}`,
		organization: `read:organization:entitlement:${scopeSuffix}`,
	},
	writeOf: {
		customer: `write:customer:entitlement:${scopeSuffix}`,
		organization: `write:organization:entitlement:${scopeSuffix}`,
	},
	delete: `delete:entitlement:${scopeSuffix}`,
	readDetail: `read:entitlement.detail:${scopeSuffix}`,
	writeDetail: `write:entitlement.detail:${scopeSuffix}`,
	writeFields: `write:entitlement.detail-field:${scopeSuffix}`,
} as const;

/** Of connectors, which no reference knows: the names are ours. */
export const connectorScopes = { read: "read:connector", write: "write:connector" } as const;

/** Every scope that a token can be given; `*` is all of them, `admin` is for tokens, settings and erasing. */
export const scopes: readonly string[] = [
	...operations.map((operation) => operation.writeScope),
	...Object.values(readScopes),
	...Object.values(productScopes),
	...Object.values(entitlementScopes).flatMap((scope) =>
		typeof scope === "string" ? [scope] : Object.values(scope),
	),
	...Object.values(connectorScopes),
	"admin",
	"*",
];
