import { ProblemError } from "./problem-error.ts";

/**
 * Some clients send an empty object with every POST; anything more would be dropped in silence.
 * @param why what the route does without a body
 * @throws ProblemError invalid_request
 */
export function refuseBody(body: Buffer | undefined, why: string): void {
	if (body === undefined || body.length === 0) return;
	if (body.length <= 8 && body.toString("latin1").trim() === "{}") return;
	throw new ProblemError("invalid_request", `The body is not empty, and ${why} Nothing was saved.`);
}
