import { connect } from "node:net";

/** What a server said on one connection, from its opening to its end. */
export interface Heard {
	readonly text: string;
	/** Status of each answer, in order. */
	readonly statuses: readonly number[];
}

/**
 * Says exactly these bytes on a connection of its own, and listens until the server closes it. (No client of HTTP would
 * send what tests of the edge send.) Each text is sent when the one before it has been handed to the system.
 */
export function sayRaw(url: string, ...texts: readonly (string | Uint8Array)[]): Promise<Heard> {
	const { hostname, port } = new URL(url);
	return new Promise((resolve) => {
		const chunks: Buffer[] = [];
		const socket = connect({ host: hostname, port: Number(port) });
		const say = (place: number): void => {
			const text = texts[place];
			if (text !== undefined) socket.write(text, () => say(place + 1));
		};
		socket.on("connect", () => say(0));
		socket.on("data", (chunk) => chunks.push(chunk));
		// A reset is an end like any other; what was heard before it counts.
		socket.on("error", () => undefined);
		socket.on("close", () => {
			const text = Buffer.concat(chunks).toString("latin1");
			const statuses = [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => Number(match[1]));
			resolve({ text, statuses });
		});
	});
}
