import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A process that sends requests, so that the clock of the bench and the load do not wait for each other. */
export interface LoadProcess<Order, Result> {
	/** @throws the fault that the load met */
	send(order: Order): Promise<Result>;
	stop(): Promise<void>;
}

type Reply<Result> = { readonly result: Result } | { readonly fault: string };

/** Starts a script of this folder that answers orders; it stays, so that it is warm when it is measured. */
export function startLoad<Order, Result>(script: string): LoadProcess<Order, Result> {
	const load = spawn(process.execPath, [fileURLToPath(new URL(script, import.meta.url))], {
		stdio: ["pipe", "pipe", "inherit"],
	});
	// If it dies, the end of its answers is what is told, not a broken pipe.
	load.stdin.on("error", () => undefined);
	const closed = once(load, "close");
	const lines = createInterface({ input: load.stdout })[Symbol.asyncIterator]();
	return {
		send: async (order) => {
			load.stdin.write(`${JSON.stringify(order)}\n`);
			const line = await lines.next();
			if (line.done) throw new Error("the process of the load ended without an answer");
			// Written by `answerOrders`.
			const reply = JSON.parse(line.value) as Reply<Result>;
			if ("fault" in reply) throw new Error(reply.fault);
			return reply.result;
		},
		stop: async () => {
			load.stdin.end();
			await closed;
		},
	};
}

/** The other side, in the script: one order a line of standard input, and one line for each on standard output. */
export async function answerOrders<Order, Result>(
	carryOut: (order: Order) => Promise<Result>,
): Promise<void> {
	for await (const line of createInterface({ input: process.stdin })) {
		process.stdout.write(`${JSON.stringify(await replyTo(line, carryOut))}\n`);
	}
}

async function replyTo<Order, Result>(
	line: string,
	carryOut: (order: Order) => Promise<Result>,
): Promise<Reply<Result>> {
	try {
		// Written by `send`.
		return { result: await carryOut(JSON.parse(line) as Order) };
	} catch (error) {
		return { fault: error instanceof Error ? error.message : String(error) };
	}
}
