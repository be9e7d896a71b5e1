import { answerOrders } from "./orders.ts";
import { type Sendable, type Sent, sendAll } from "./sending.ts";
import { requestsOf } from "./workload.ts";

/** New customers, sent to one site after the other. */
export interface SitesOrder {
	readonly url: string;
	/** One a site. */
	readonly tokens: readonly string[];
	/** Names the customers and the idempotency keys. */
	readonly run: string;
	readonly requests: number;
	readonly inFlight: number;
}

export interface SitesResult extends Sent {
	readonly cpuMs: number;
}

const msMax = 300_000;

await answerOrders(async (order: SitesOrder): Promise<SitesResult> => {
	const requests = submissionsOf(order);
	const cpuBefore = process.cpuUsage();
	const sent = await sendAll({
		url: order.url,
		headers: {},
		inFlight: order.inFlight,
		msMax,
		requests,
		faultOf: ({ status, text }) =>
			status === 202 ? null : `Muster answered ${status}: ${text.slice(0, 300)}`,
	});
	const { user, system } = process.cpuUsage(cpuBefore);
	return { ...sent, cpuMs: (user + system) / 1000 };
});

function submissionsOf({ run, tokens, requests }: SitesOrder): readonly Sendable[] {
	return requestsOf({ kind: "profiles", set: run, version: 1, requests }).map((request, place) => ({
		...request,
		path: `/api/v1/${request.path}`,
		headers: {
			authorization: `Bearer ${tokens[place % tokens.length]}`,
			"idempotency-key": `${run}-${place}`,
		},
	}));
}
