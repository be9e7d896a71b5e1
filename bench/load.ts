import { Agent, request } from "node:http";
import { type LoadOrder, type LoadResult, requestsOf } from "./workload.ts";

/**
 * The load, in a process of its own: reads one order a line on standard input, sends its requests with as many in flight
 * as it says, waits until the last task has ended, and answers with one line of figures.
 */
for await (const line of linesOf(process.stdin)) {
	// Written by run.ts of this folder.
	const result = await carryOut(JSON.parse(line) as LoadOrder);
	process.stdout.write(`${JSON.stringify(result)}\n`);
}

async function* linesOf(input: AsyncIterable<Buffer>): AsyncGenerator<string> {
	let rest = "";
	for await (const part of input) {
		const lines = (rest + part.toString()).split("\n");
		rest = lines.pop() ?? "";
		yield* lines;
	}
}

async function carryOut(order: LoadOrder): Promise<LoadResult> {
	const requests = requestsOf(order.workload);
	const agent = new Agent({ keepAlive: true, maxSockets: order.inFlight });
	const call = callerOf(order, agent);
	const accepts: number[] = [];
	const lastTasks: string[] = [];
	let next = 0;
	const start = performance.now();
	await Promise.all(
		Array.from({ length: order.inFlight }, async () => {
			for (let place = next++; place < requests.length; place = next++) {
				const sent = performance.now();
				const answer = await call("POST", requests[place]?.path ?? "", requests[place]?.body, {
					"idempotency-key": `${order.run}-${place}`,
					...(order.waits ? { prefer: "wait=30" } : {}),
				});
				accepts.push(performance.now() - sent);
				if (place >= requests.length - order.inFlight) lastTasks.push(answer.taskId);
			}
		}),
	);
	const acceptedMs = performance.now() - start;
	// Tasks end in the order of acceptance, so the last ones accepted are the last to end.
	for (const taskId of lastTasks) await call("GET", `tasks/${taskId}?wait=30`);
	const endedMs = performance.now() - start;
	agent.destroy();
	accepts.sort((one, other) => one - other);
	return {
		items: requests.reduce((sum, each) => sum + each.items, 0),
		acceptedMs,
		endedMs,
		p50Ms: accepts[Math.floor(accepts.length * 0.5)] ?? 0,
		p99Ms: accepts[Math.floor(accepts.length * 0.99)] ?? 0,
	};
}

type Caller = (
	method: string,
	path: string,
	body?: Buffer,
	headers?: Readonly<Record<string, string>>,
) => Promise<{ taskId: string }>;

function callerOf(order: LoadOrder, agent: Agent): Caller {
	const { hostname, port } = new URL(order.url);
	return (method, path, body, headers = {}) =>
		new Promise((resolve, reject) => {
			const sent = request(
				{
					hostname,
					port,
					agent,
					method,
					path: `/api/v1/${path}`,
					headers: {
						authorization: `Bearer ${order.token}`,
						...(body === undefined
							? {}
							: { "content-type": "application/json", "content-length": body.length }),
						...headers,
					},
				},
				(answer) => {
					const parts: Buffer[] = [];
					answer.on("data", (part: Buffer) => parts.push(part));
					answer.on("end", () => {
						const text = Buffer.concat(parts).toString();
						if ((answer.statusCode ?? 500) > 202)
							reject(new Error(`${answer.statusCode}: ${text.slice(0, 300)}`));
						else resolve(JSON.parse(text));
					});
				},
			);
			sent.on("error", reject);
			sent.end(body);
		});
}
