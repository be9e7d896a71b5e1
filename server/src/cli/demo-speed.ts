import { availableParallelism, cpus } from "node:os";
import type { Showing } from "./demo-export.ts";
import type { CustomerItem } from "./demo-rows.ts";
import { batchSize, inFlightMax, sendAll } from "./demo-send.ts";
import { count, seconds } from "./screen.ts";

const customersMax = 10_000;
/** On a slow machine fewer are sent: a demo is no test of patience. In milliseconds. */
const timeMs = 6_000;

/** How many customers a second this machine carries out, from the first request until the last task has ended. */
export async function showSpeed(
	{ screen, client, signal }: Showing,
	good: readonly CustomerItem[],
): Promise<void> {
	screen.heading(`3  How fast that is`);
	const items = Array.from({ length: customersMax }, (_, place) => anotherOf(good, place));
	const progress = screen.progress("customers", items.length);
	const sent = await sendAll({
		client,
		operation: "customer.profile",
		items,
		keyOf: (place) => `speed/${place}`,
		signal,
		onProgress: progress.update,
		timeMs,
	});
	progress.end(sent.total, `${count(sent.total)} in ${sent.requests} requests, ${seconds(sent.tookMs)}`);
	screen.line();
	const rate = count(Math.round(sent.created / (sent.tookMs / 1_000)));
	screen.text(`${rate} customers per second`, "bold");
	screen.text(
		`created with 7 details and an organization each, in requests of ${batchSize}, ${inFlightMax} at a time; saved before each answer, and carried out. Measured here: ${machine()}, shared by client, server and PostgreSQL.`,
		"dim",
	);
}

/** The same people again, under addresses of their own. */
function anotherOf(good: readonly CustomerItem[], place: number): CustomerItem {
	const model = good[place % good.length];
	if (model === undefined) throw new Error("the export has no good customer");
	const [local, domain] = model.email.split("@");
	return { ...model, clientRef: `speed:${place}`, email: `${local}+${place}@${domain}` };
}

function machine(): string {
	const model = cpus()[0]?.model.trim();
	const cores = availableParallelism();
	return `${cores} ${cores === 1 ? "core" : "cores"}${model ? ` (${model})` : ""}, Node ${process.versions.node}`;
}
