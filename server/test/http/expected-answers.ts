import type { Dialect, ItemError, ListedOperation } from "@muster/client/contract";
import { expect } from "vitest";
import { type Answered, guideBase, type TestSite } from "../muster.ts";
import type { Shape } from "./operation-cases.ts";

/** What a submission and its task must answer with, in each dialect. */
export const dialects: readonly Dialect[] = ["guide", "reference"];

export const noSummary = { total: 0, created: 0, updated: 0, unchanged: 0, skipped: 0, failed: 0 };

export function baseOf(site: TestSite, dialect: Dialect): string {
	return dialect === "guide" ? guideBase : site.referenceBase;
}

/** @returns the id of the task */
export function expectAccepted(answer: Answered, site: TestSite, dialect: Dialect): string {
	const taskId = answer.body.taskId ?? answer.body.id;
	const location = `${baseOf(site, dialect)}/tasks/${taskId}`;
	expect(answer.status).toBe(202);
	expect(answer.headers.get("content-type")).toBe("application/json; charset=utf-8");
	expect(answer.headers.get("location")).toBe(location);
	expect(answer.body).toEqual(
		dialect === "guide"
			? { taskId: expect.stringMatching(/^[0-9a-f-]{36}$/), statusUrl: `https://muster.test${location}` }
			: { id: expect.stringMatching(/^[0-9a-f-]{36}$/), statusUrl: `/api/v1/tasks/${taskId}` },
	);
	return taskId;
}

export interface ExpectedProblem {
	readonly status: number;
	readonly code: string;
	readonly title: string;
	readonly detail: string;
	readonly errors?: readonly ItemError[];
}

export function expectProblem(
	answer: Answered,
	site: TestSite,
	dialect: Dialect,
	operation: ListedOperation,
	problem: ExpectedProblem,
): void {
	const { errors, ...rest } = problem;
	expect(answer.body).toEqual({
		...rest,
		type: `https://muster.test/docs/errors#${problem.code}`,
		instance: `${baseOf(site, dialect)}/${operation.path}`,
		message: problem.detail,
		requestId: expect.any(String),
		...(dialect === "guide"
			? errors && { errors }
			: {
					errorMessage: problem.detail,
					errorMessages: [problem.detail, ...(errors ?? []).map((error) => error.message)],
				}),
	});
	expect(answer.status).toBe(problem.status);
	expect(answer.headers.get("content-type")).toBe("application/problem+json; charset=utf-8");
}

export function expectKeyConflict(
	answer: Answered,
	site: TestSite,
	dialect: Dialect,
	operation: ListedOperation,
	taskId: string,
): void {
	expectProblem(answer, site, dialect, operation, {
		status: dialect === "guide" ? 422 : 400,
		code: "idempotency_key_reused",
		title: "The Idempotency-Key was used for another request",
		detail: `The Idempotency-Key "key-1" was used for another request, which is task ${taskId}. Nothing of this one was saved; send it under a new key. A key can only be retried with the same request data`,
	});
}

export interface ExpectedTask {
	readonly taskId: string;
	readonly isEnded: boolean;
	readonly summary: Readonly<Record<string, number>>;
	readonly failures?: readonly unknown[];
}

export function taskOf(
	operation: ListedOperation,
	dialect: Dialect,
	{ taskId, isEnded, summary, failures = [] }: ExpectedTask,
): unknown {
	const timestamp = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
	const source = {
		kind: "request",
		tokenId: expect.stringMatching(/^[0-9a-f-]{36}$/),
		tokenPrefix: expect.stringMatching(/^mst_/),
	};
	const both = { operation: operation.name, idempotencyKey: expect.any(String), source, summary, failures };
	if (dialect === "guide") {
		return {
			...both,
			taskId,
			status: isEnded ? "COMPLETED" : "PROCESSING",
			createdDate: timestamp,
			...(isEnded ? { completedDate: timestamp } : {}),
		};
	}
	return {
		...both,
		id: taskId,
		type: operation.referenceType,
		status: isEnded ? "FINISHED" : "NOT_STARTED",
		createdAt: timestamp,
		updatedAt: timestamp,
	};
}

export function failureOf(
	operation: ListedOperation,
	dialect: Dialect,
	shape: Shape,
	index: number,
): unknown {
	const { code, message } = shape.fault;
	if (dialect === "guide") return { index, message, code, errors: [shape.fault] };
	const isCustomer = operation.entity === "customer";
	return {
		entity: isCustomer ? "CUSTOMER" : "ORGANIZATION",
		entityId: shape.entityId,
		operation: shape.itemOperation,
		operatedOn: isCustomer ? "CUSTOMER_ACCOUNT" : "ORGANIZATION",
		operatedOnIds: [],
		error: message,
		index,
		code,
	};
}
