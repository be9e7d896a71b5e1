import {
	createServer,
	type IncomingMessage,
	type RequestListener,
	type Server,
	type ServerResponse,
} from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { faultOfHeaders } from "./header-guard.ts";
import { ProblemError } from "./problem-error.ts";

/** Bounds on what connections may take, in milliseconds and numbers of things. */
export interface EdgeLimits {
	/** Headers that take longer are not waited for, also those of a connection that says nothing at all. */
	readonly headersMs: number;
	/** A whole request that takes longer is not waited for, unless it is one that may go on as long as bytes come. */
	readonly requestMs: number;
	/** How often slow connections are looked for: each may live so much longer. */
	readonly checkMs: number;
	/** A connection without a request, and one whose client reads nothing; above the longest wait for a task. */
	readonly idleMs: number;
	/** Past it, new connections are closed at once. */
	readonly connectionsMax: number;
	/** Most requests under way. */
	readonly requestsMax: number;
	/** Most requests under way on one connection: no client sends the next before it has the answer, but some may. */
	readonly pipelinedMax: number;
}

/** Slow headers are cut within 10 s and a slow request within 30 s. */
export const edgeLimits: EdgeLimits = {
	headersMs: 9_000,
	requestMs: 29_000,
	checkMs: 1_000,
	idleMs: 72_000,
	connectionsMax: 10_000,
	requestsMax: 5_000,
	pipelinedMax: 16,
};

/** Answers without a route, which for these requests there is none of. */
export interface Refusals {
	/** Answers with a problem and closes the connection. */
	request(problem: ProblemError, request: IncomingMessage, response: ServerResponse): void;
	/** Answers to what is no request that can be read, or came too slowly, and closes the connection. */
	connection(error: Error, socket: Duplex): void;
}

/** What is known of a connection. */
interface Connection {
	/** Requests under way, the oldest first, with the answers they will get. */
	readonly underWay: Map<ServerResponse, IncomingMessage>;
	/** Nothing that still comes in is carried out. */
	isRefused: boolean;
}

/** Node's HTTP server with a guard on headers in front, and bounds on connections, requests and time. */
export class HttpEdge {
	readonly #refusals: Refusals;
	readonly #limits: EdgeLimits;
	readonly #connections: WeakMap<Duplex, Connection> = new WeakMap();
	/** Connections that have not asked for anything yet. */
	readonly #unused: Set<Socket> = new Set();
	/** Requests under way, with the number of looks there had been when they began. */
	readonly #underWay: Map<IncomingMessage, number> = new Map();
	#looks = 0;
	readonly #streams: WeakSet<IncomingMessage> = new WeakSet();

	constructor(refusals: Refusals, limits: EdgeLimits = edgeLimits) {
		this.#refusals = refusals;
		this.#limits = limits;
	}

	createServer(handle: RequestListener): Server {
		const limits = this.#limits;
		const server = createServer(
			{
				headersTimeout: limits.headersMs,
				// Node knows one time for all requests: late ones are looked for here.
				requestTimeout: 0,
				connectionsCheckingInterval: limits.checkMs,
				keepAliveTimeout: limits.idleMs,
				// The guard says so in a problem.
				requireHostHeader: false,
			},
			(request, response) => {
				this.#unused.delete(request.socket);
				const connection = this.#connectionOf(request.socket);
				// What came in with a refused request may be a part of it.
				if (connection.isRefused) return;
				const problem = this.#faultOf(request, connection);
				if (problem !== null) connection.isRefused = true;
				this.#begin(connection, request, response);
				if (problem === null) handle(request, response);
				else this.#refusals.request(problem, request, response);
			},
		);
		server.on("connection", (socket) => {
			this.#unused.add(socket);
			socket.once("close", () => this.#unused.delete(socket));
		});
		const looking = setInterval(() => this.#endLate(), limits.checkMs);
		looking.unref();
		server.once("close", () => clearInterval(looking));
		server.timeout = limits.idleMs;
		server.maxConnections = limits.connectionsMax;
		// Past its default of 2,000 Node drops headers in silence, and the guard would not see them.
		server.maxHeadersCount = 0;
		return server;
	}

	/**
	 * Lets a request take as long as it likes: from now on whoever reads it bounds the time between two of its bytes, and may
	 * leave them unread for any time.
	 */
	letStream(request: IncomingMessage, response: ServerResponse): void {
		const { socket } = request;
		this.#streams.add(request);
		socket.setTimeout(0);
		response.once("close", () => {
			this.#streams.delete(request);
			if (!request.complete) this.#underWay.set(request, this.#looks);
			socket.setTimeout(this.#limits.idleMs);
		});
	}

	/** Browsers open connections ahead: where the server stops, they would hold up its end until their time-out. */
	closeUnused(): void {
		for (const socket of this.#unused) socket.destroy();
	}

	/**
	 * For Node's event "clientError". An answer that is under way to a request that was whole comes first: it must not be
	 * taken for one to what could not be read.
	 */
	onClientError(error: Error, socket: Duplex): void {
		const connection = this.#connectionOf(socket);
		// It has its answer, and ends with it.
		if (connection.isRefused) return;
		connection.isRefused = true;
		const [last] = [...connection.underWay].slice(-1);
		if (last === undefined || !last[1].complete) {
			this.#refusals.connection(error, socket);
			return;
		}
		const [response] = last;
		if (!response.headersSent) response.setHeader("connection", "close");
		response.once("close", () => socket.destroy());
	}

	/** Ends the connections of requests that have not arrived in time. */
	#endLate(): void {
		this.#looks += 1;
		const { requestMs, checkMs } = this.#limits;
		for (const [request, since] of this.#underWay) {
			if (request.complete || (this.#looks - since) * checkMs < requestMs || this.#streams.has(request))
				continue;
			const late = Object.assign(new Error("the request is late"), { code: "ERR_HTTP_REQUEST_TIMEOUT" });
			this.onClientError(late, request.socket);
		}
	}

	#faultOf(request: IncomingMessage, connection: Connection): ProblemError | null {
		const { requestsMax, pipelinedMax } = this.#limits;
		if (this.#underWay.size >= requestsMax || connection.underWay.size >= pipelinedMax) {
			return new ProblemError(
				"overloaded",
				"Too many requests are under way. Nothing was saved; send this one again.",
				{
					headers: { "retry-after": "1" },
				},
			);
		}
		return faultOfHeaders(request);
	}

	#begin(connection: Connection, request: IncomingMessage, response: ServerResponse): void {
		this.#underWay.set(request, this.#looks);
		connection.underWay.set(response, request);
		response.once("close", () => {
			// What was answered early may still be on its way: its rest has as much time as a request.
			if (request.complete) this.#underWay.delete(request);
			else request.once("close", () => this.#underWay.delete(request));
			connection.underWay.delete(response);
		});
	}

	#connectionOf(socket: Duplex): Connection {
		const known = this.#connections.get(socket);
		if (known !== undefined) return known;
		const connection: Connection = { underWay: new Map(), isRefused: false };
		this.#connections.set(socket, connection);
		return connection;
	}
}
