import { answerOrders } from "./orders.ts";
import { sendAll } from "./sending.ts";
import { profileOf } from "./workload.ts";

/** Tasks that one site sends as fast as it can. */
export interface FloodOrder {
	readonly url: string;
	readonly token: string;
	/** Names the records and the idempotency keys. */
	readonly set: string;
	readonly tasks: number;
	readonly itemsPerTask: number;
	readonly inFlight: number;
}

export interface FloodResult {
	/** From the first task sent to the last one accepted. */
	readonly acceptedMs: number;
}

/** More than any flood takes: past it something hangs. */
const msMax = 120_000;

await answerOrders(async ({ url, token, set, tasks, itemsPerTask, inFlight }: FloodOrder) => {
	const requests = Array.from({ length: tasks }, (_, task) => ({
		path: "/api/v1/customer/profile/bulk",
		headers: { "idempotency-key": `${set}-${task}` },
		items: itemsPerTask,
		body: Buffer.from(
			JSON.stringify({
				customers: Array.from({ length: itemsPerTask }, (_, item) =>
					profileOf(set, 1, task * itemsPerTask + item),
				),
			}),
		),
	}));
	const { elapsedMs } = await sendAll({
		url,
		headers: { authorization: `Bearer ${token}` },
		inFlight,
		msMax,
		requests,
		faultOf: ({ status, text }) =>
			status === 202 ? null : `Muster answered ${status}: ${text.slice(0, 300)}`,
	});
	return { acceptedMs: elapsedMs } satisfies FloodResult;
});
