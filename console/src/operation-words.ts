import { type ListedOperation, operations, type TaskOperationName } from "@muster/client";

/** Operations as people call them. */
export const operationWords: Readonly<Record<TaskOperationName, string>> = {
	customer: "Customers",
	"customer.profile": "Customer profiles",
	"customer.details": "Customer details",
	organization: "Organizations",
	"organization.profile": "Organization profiles",
	"organization.details": "Organization details",
	"customer.definitions": "Customer fields",
	"organization.definitions": "Organization fields",
	"customer.undo": "Undo of customers",
	"organization.undo": "Undo of organizations",
};

/** Also of a task that a newer server made. */
export function operationWord(name: TaskOperationName | null): string {
	return name === null ? "Unknown operation" : operationWords[name];
}

/** The bulk operation that a task carries out; null for the undoing of one, and for what only a newer server knows. */
export function bulkOperation(name: TaskOperationName | null): ListedOperation | null {
	return operations.find((operation) => operation.name === name) ?? null;
}
