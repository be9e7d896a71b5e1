import { createHash } from "node:crypto";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { type Emulation, type FaultName, faultNames, taskFaults } from "../domain/emulation.ts";
import { show } from "../domain/fault.ts";
import { uuidForm } from "../domain/record.ts";
import type { Principal } from "../store/access-tokens.ts";
import type { Database } from "../store/database.ts";
import { findSubmission } from "../store/find-submission.ts";
import { ProblemError } from "./problem-error.ts";
import { readIdempotencyKey } from "./read-submission.ts";

/**
 * Gives the routes that are added behind it the faults of an emulated service, by chance or as the header X-Emulate-Fault
 * asks. A request that may not be sent, or cannot be read, is answered as ever: faults come behind.
 */
export function emulateFaults(app: FastifyInstance, emulation: Emulation, database: Database): void {
	const lost = new WeakSet<FastifyRequest>();
	app.addHook("preHandler", async (request) => {
		const principal = request.getDecorator<Principal | null>("principal");
		if (principal === null) return;
		const { siteId } = principal;
		const asked = askedFault(request);
		const task = taskFaults.find((fault) => fault === asked);
		if (task !== undefined) {
			const key = readIdempotencyKey(request.raw.headersDistinct["idempotency-key"]);
			emulation.askTaskFault(siteId, key, task);
		}
		const fault = asked ?? emulation.answerFault(siteId, await subjectOf(request, siteId, database));
		if (fault === "429") throw refusal("rate_limited", "429");
		if (fault === "503") throw refusal("overloaded", "503");
		if (fault === "lost") lost.add(request);
	});
	// What the request asked for has been done by now, and its answer is never sent.
	app.addHook("onSend", async (request) => {
		if (lost.has(request)) request.raw.socket.destroy();
	});
}

function askedFault(request: FastifyRequest): FaultName | null {
	const asked = request.headers["x-emulate-fault"];
	if (asked === undefined) return null;
	const fault = faultNames.find((name) => name === asked);
	if (fault !== undefined) return fault;
	throw new ProblemError(
		"invalid_request",
		`The header X-Emulate-Fault is ${show(asked)}; one of ${faultNames.join(", ")} is expected. Nothing was saved.`,
	);
}

function refusal(code: "rate_limited" | "overloaded", status: string): ProblemError {
	return new ProblemError(
		code,
		`This service is emulated, and answers this request with ${status}. Nothing was saved; send the same request again, with the same key, after the time in Retry-After.`,
		{ headers: { "retry-after": "1" } },
	);
}

/**
 * What a request asks, without what differs from run to run: a task stands for what it was sent, other ids of ours for
 * nothing, and neither the query nor a header counts.
 */
async function subjectOf(request: FastifyRequest, siteId: string, database: Database): Promise<string> {
	const { taskId = "" } = request.params as Readonly<Record<string, string>>;
	const task = uuidForm.test(taskId)
		? await database.inSite(siteId, (transaction) => findSubmission(transaction, siteId, taskId))
		: null;
	const path = request.url
		.replace(/\?.*$/, "")
		.replace(taskId, task?.fingerprint ?? "")
		.replace(anyUuid, "");
	// The only parser hands on the bytes as they came; what a route reads by itself has none yet.
	const body = request.body as Buffer | undefined;
	const hash = createHash("sha256")
		.update(body ?? "")
		.digest("hex");
	return `${request.method} ${path} ${hash}`;
}

const anyUuid = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi;
