import { answerOrders } from "../orders.ts";
import { type Sent, sendAll } from "../sending.ts";
import { itemsPerRequest, profileOf } from "../workload.ts";
import { peerNamed } from "./table.ts";

export interface PeerOrder {
	readonly peer: string;
	readonly url: string;
	/** Names the customers: those of another set are new ones. */
	readonly set: string;
	readonly customers: number;
	readonly inFlight: number;
	readonly msMax: number;
}

/** The load of a peer, in a process of its own as Muster's is. */
await answerOrders((order: PeerOrder): Promise<Sent> => {
	const peer = peerNamed(order.peer);
	const requests = Array.from({ length: Math.ceil(order.customers / itemsPerRequest) }, (_, place) => {
		const profiles = Array.from({ length: itemsPerRequest }, (_, item) =>
			profileOf(order.set, 1, place * itemsPerRequest + item),
		);
		return { ...peer.requestOf(profiles), items: itemsPerRequest };
	});
	return sendAll({
		url: order.url,
		headers: peer.headers,
		inFlight: order.inFlight,
		msMax: order.msMax,
		requests,
		faultOf: (answer, { items }) => peer.faultOf(answer, items),
	});
});
