import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { parse as parseConnection } from "pg-connection-string";

/** A port that leads to the database while it is open, and cuts every connection while it is shut. */
export interface Doorway {
	readonly url: string;
	/** Resolves when somebody has come to it for the first time. */
	readonly knocked: Promise<void>;
	open(): void;
	shut(): void;
	close(): Promise<void>;
}

/** It is shut at first. */
export async function aDoorway(databaseUrl: string): Promise<Doorway> {
	const { host, port } = parseConnection(databaseUrl);
	const target = host?.startsWith("/")
		? { path: `${host}/.s.PGSQL.5432` }
		: { host: host ?? "", port: Number(port) };
	let isOpen = false;
	let onKnock = (): void => undefined;
	const knocked = new Promise<void>((resolve) => {
		onKnock = resolve;
	});
	const sockets = new Set<Socket>();
	const server = createServer((socket) => {
		onKnock();
		socket.on("error", () => socket.destroy());
		if (!isOpen) {
			socket.destroy();
			return;
		}
		const inner = connect(target);
		inner.on("error", () => socket.destroy());
		socket.pipe(inner).pipe(socket);
		for (const each of [socket, inner]) {
			each.setNoDelay(true);
			sockets.add(each);
			each.on("close", () => sockets.delete(each));
		}
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const url = new URL(databaseUrl);
	url.search = "";
	url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
	const shut = (): void => {
		isOpen = false;
		for (const socket of sockets) socket.destroy();
	};
	return {
		url: url.href,
		knocked,
		open: () => {
			isOpen = true;
		},
		shut,
		close: async () => {
			shut();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}
