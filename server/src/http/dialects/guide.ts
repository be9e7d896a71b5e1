import type {
	Accepted,
	Customer,
	Entity,
	Failure,
	Import,
	Organization,
	Problem,
	Task,
} from "@muster/client/contract";
import type { DetailField, DetailValue } from "../../domain/detail-value.ts";
import type { Fault } from "../../domain/fault.ts";
import { rawNumber } from "../../domain/json.ts";
import { customerIdText, type Details, valueOfField } from "../../domain/record.ts";
import type { StoredEntitlement } from "../../store/entitlements.ts";
import type { ReadRecord } from "../../store/find-records.ts";
import type { StoredTask } from "../../store/find-task.ts";
import { type DialectView, failuresOf, messageOf, operationOf, sourceShown, summaryOf } from "./dialect.ts";

/** The dialect of the user's guide: the default, under /api/v1. */
export const guide: DialectView = {
	name: "guide",
	accepted: (taskId, taskUrl): Accepted => ({ taskId, statusUrl: taskUrl }),
	task: (_siteId, task) => taskOf(task),
	profile: (siteId, entity, record, fields) =>
		profileOf(siteId, entity, record, plainDetails(record.details, fields)),
	entitlement: (siteId, entitlement, fields) =>
		entitlementOf(siteId, entitlement, plainDetails(entitlement.details, fields)),
	import: ({ importId, status, rest }): Import => ({ importId, status: importStatuses[status], ...rest }),
	problem: (problem: Problem) => problem,
};

const importStatuses = {
	receiving: "RECEIVING",
	processing: "PROCESSING",
	completed: "COMPLETED",
	canceled: "CANCELED",
} as const;

const statuses = { unfinished: "PROCESSING", completed: "COMPLETED", failed: "FAILED" } as const;

function taskOf(task: StoredTask): Task {
	return {
		taskId: task.taskId,
		status: statuses[task.status],
		operation: operationOf(task).name,
		...(task.dryRun ? { dryRun: true } : {}),
		createdDate: task.acceptedAt.toISOString(),
		...(task.endedAt === null ? {} : { completedDate: task.endedAt.toISOString() }),
		idempotencyKey: task.idempotencyKey,
		source: sourceShown(task),
		summary: summaryOf(task),
		failures: failuresOf(task).map(({ index, result }): Failure => {
			const faults = result.faults ?? [];
			return {
				index,
				message: messageOf(faults),
				code: faults[0]?.code ?? "task_failed",
				...(result.clientRef === undefined ? {} : { clientRef: result.clientRef }),
				errors: faults.map(errorOf),
			};
		}),
	};
}

/** A fault as the wire shows it, in both dialects: what it says of its field stands in the message. */
export function errorOf({ code, pointer, message, hint }: Fault): Failure["errors"][number] {
	return { code, pointer, message, ...(hint === undefined ? {} : { hint }) };
}

/** A record without its details, alike in both dialects. */
export function accountOf(siteId: string, entity: Entity, record: ReadRecord): Customer | Organization {
	if (entity === "organization") return { id: record.id, name: record.address };
	return {
		customerId: customerIdText(siteId, record.id),
		email: record.address,
		displayName: record.displayName,
	};
}

/** A whole record; only the shape of its details depends on the dialect. */
export function profileOf(siteId: string, entity: Entity, record: ReadRecord, details: unknown): unknown {
	return {
		...accountOf(siteId, entity, record),
		details,
		...(entity === "customer" ? { organizations: record.organizations } : {}),
		...(record.products.length > 0 ? { products: record.products } : {}),
		createdDate: record.createdAt.toISOString(),
		updatedDate: record.updatedAt.toISOString(),
		...(record.sourceUpdatedAt === null ? {} : { sourceUpdatedAt: record.sourceUpdatedAt }),
	};
}

/** Only the shape of its details depends on the dialect. */
export function entitlementOf(siteId: string, entitlement: StoredEntitlement, details: unknown): unknown {
	const { id, product, customerId, organizationId, createdAt, updatedAt } = entitlement;
	return {
		id,
		product,
		...(customerId === null ? { organizationId } : { customerId: customerIdText(siteId, customerId) }),
		details,
		createdDate: createdAt.toISOString(),
		updatedDate: updatedAt.toISOString(),
	};
}

function plainDetails(details: Details, fields: readonly DetailField[]): Record<string, unknown> {
	const entries = fields.flatMap((field) => {
		const value = valueOfField(details, field.id);
		return value === null ? [] : [[field.id, plainValue(field, value)] as const];
	});
	return Object.fromEntries(entries);
}

/** NUMBER with the digits it was sent with and BOOLEAN are such in JSON, MULTISELECT is a list, the rest is text. */
function plainValue(field: DetailField, value: DetailValue): unknown {
	if (typeof value !== "string") return value;
	if (field.type === "NUMBER") return rawNumber(value);
	if (field.type === "BOOLEAN") return value === "true";
	return value;
}
