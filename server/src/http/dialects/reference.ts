import type {
	Problem,
	ReferenceAccepted,
	ReferenceFailure,
	ReferenceImport,
	ReferenceProblem,
	ReferenceTask,
} from "@muster/client/contract";
import type { DetailField } from "../../domain/detail-value.ts";
import type { ItemResult } from "../../domain/item-result.ts";
import { customerIdText, type Details, valueOfField } from "../../domain/record.ts";
import type { StoredTask } from "../../store/find-task.ts";
import { detailOf } from "../detail-field-of.ts";
import { type DialectView, failuresOf, messageOf, operationOf, sourceShown, summaryOf } from "./dialect.ts";
import { entitlementOf, profileOf } from "./guide.ts";

/** The dialect of the public REST reference, which live clients send, under /jsm/csm. */
export const reference: DialectView = {
	name: "reference",
	// The path as the reference prints it; Location carries the one that works.
	accepted: (taskId): ReferenceAccepted => ({ id: taskId, statusUrl: `/api/v1/tasks/${taskId}` }),
	task: taskOf,
	profile: (siteId, entity, record, fields) =>
		profileOf(siteId, entity, record, listedDetails(record.details, fields)),
	entitlement: (siteId, entitlement, fields) =>
		entitlementOf(siteId, entitlement, listedDetails(entitlement.details, fields)),
	import: ({ importId, status, rest }): ReferenceImport => ({
		id: importId,
		status: importStatuses[status],
		...rest,
	}),
	// Live clients read `errors` as a map of texts and would print objects, so the list is left out.
	problem: ({ errors, ...problem }: Problem): ReferenceProblem => ({
		...problem,
		errorMessage: problem.detail,
		errorMessages: [problem.detail, ...(errors ?? []).map((error) => error.message)],
	}),
};

const importStatuses = {
	receiving: "RECEIVING",
	processing: "IN_PROGRESS",
	completed: "FINISHED",
	canceled: "CANCELED",
} as const;

const statuses = { unfinished: "NOT_STARTED", completed: "FINISHED", failed: "FAILED" } as const;

function taskOf(siteId: string, task: StoredTask): ReferenceTask {
	const operation = operationOf(task);
	const isCustomer = operation.entity === "customer";
	return {
		id: task.taskId,
		type: operation.referenceType,
		status: statuses[task.status],
		failures: failuresOf(task).map(({ index, result }): ReferenceFailure => {
			const faults = result.faults ?? [];
			return {
				entity: isCustomer ? "CUSTOMER" : "ORGANIZATION",
				entityId: entityIdOf(siteId, isCustomer, result),
				operation: result.operation ?? "UPSERT",
				operatedOn: isCustomer ? "CUSTOMER_ACCOUNT" : "ORGANIZATION",
				operatedOnIds: [...new Set(faults.flatMap((fault) => fault.field ?? []))],
				error: messageOf(faults),
				index,
				code: faults[0]?.code ?? "task_failed",
				...(result.clientRef === undefined ? {} : { clientRef: result.clientRef }),
			};
		}),
		createdAt: task.acceptedAt.toISOString(),
		updatedAt: (task.endedAt ?? task.acceptedAt).toISOString(),
		operation: operation.name,
		...(task.dryRun ? { dryRun: true } : {}),
		idempotencyKey: task.idempotencyKey,
		source: sourceShown(task),
		summary: summaryOf(task),
	};
}

/** The record's id, else the email or name as it was sent (contract, section 4). */
function entityIdOf(siteId: string, isCustomer: boolean, result: ItemResult): string {
	if (result.id === undefined) return result.key ?? "";
	return isCustomer ? customerIdText(siteId, result.id) : result.id;
}

function listedDetails(details: Details, fields: readonly DetailField[]): unknown[] {
	return fields.flatMap((field, position) =>
		valueOfField(details, field.id) === null ? [] : [detailOf(field, position, details)],
	);
}
