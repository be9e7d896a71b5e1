import type { MusterClient, OperationName, TaskFailure } from "@muster/client";
import { showFailures } from "./demo-failures.ts";
import type { Export } from "./demo-rows.ts";
import { batchSize, type Sent, sendAll, sum } from "./demo-send.ts";
import { count, labelWidth, type Screen, seconds } from "./screen.ts";

export interface Showing {
	readonly screen: Screen;
	readonly client: MusterClient;
	readonly signal: AbortSignal;
}

/** A CRM's export with its mistakes: fields defined, rows sent, sent again, and every failure told. */
export async function showExport(showing: Showing, rows: Export): Promise<readonly TaskFailure[]> {
	const { screen } = showing;
	screen.heading("2  A CRM's export, with the mistakes that exports have");
	screen.text(
		"examples/organizations.csv and customers.csv: typed fields are defined, then the rows are sent.",
		"dim",
	);
	screen.line();
	await defineFields(showing, rows);
	const organizations: Part = { operation: "organization.profile", items: rows.organizations };
	const customers: Part = { operation: "customer.profile", items: rows.customers };
	// Organizations first, because customers name them.
	const sent: [string, Sent][] = [
		["organizations", await sendParts(showing, "organizations", [organizations], "first")],
		["customers", await sendParts(showing, "customers", [customers], "first")],
		["sent again", await sendParts(showing, "sent again", [organizations, customers], "second")],
	];
	screen.line();
	showCounts(screen, sent);
	screen.line();
	screen.text("Sent again under new keys, what is there already is unchanged: nothing is doubled.");
	await showReplay(showing, customers);
	screen.line();
	const failures = sent.slice(0, 2).flatMap(([, part]) => part.failures);
	showFailures(screen, failures);
	return failures;
}

async function defineFields({ screen, client, signal }: Showing, rows: Export): Promise<void> {
	const { organizationFields, customerFields } = rows;
	await client.submit("organization.definitions", organizationFields, { signal });
	await client.submit("customer.definitions", customerFields, { signal });
	const types = [
		...new Set([...organizationFields, ...customerFields].map(({ type }) => type.name.toLowerCase())),
	];
	const fields = organizationFields.length + customerFields.length;
	screen.line(`${"detail fields".padEnd(labelWidth)}${fields} of the types ${types.join(", ")}`);
}

interface Part {
	readonly operation: OperationName;
	readonly items: readonly object[];
}

async function sendParts(
	{ screen, client, signal }: Showing,
	label: string,
	parts: readonly Part[],
	keys: string,
): Promise<Sent> {
	const total = parts.reduce((items, part) => items + part.items.length, 0);
	const progress = screen.progress(label, total);
	const sent: Sent[] = [];
	for (const { operation, items } of parts) {
		const before = sum(sent).total;
		sent.push(
			await sendAll({
				client,
				operation,
				items,
				keyOf: (place) => keyOf(keys, operation, place),
				signal,
				onProgress: (done) => progress.update(before + done),
			}),
		);
	}
	const all = sum(sent);
	progress.end(all.total, `${count(all.total)} in ${all.requests} requests, ${seconds(all.tookMs)}`);
	return all;
}

/** Made of where the items stand, so that a program that has crashed can send them again and do no harm. */
function keyOf(keys: string, operation: OperationName, place: number): string {
	return `${keys}/${operation}/${place}`;
}

async function showReplay({ screen, client, signal }: Showing, part: Part): Promise<void> {
	const { operation, items } = part;
	const idempotencyKey = keyOf("first", operation, 0);
	const again = await client.submit(operation, items.slice(0, batchSize), { idempotencyKey, signal });
	if (!again.replayed) throw new Error("a request under the key of an earlier one made another task");
	screen.text(`Sent again under its own key, a request is the same task: ${again.taskId}.`);
}

const columns = ["sent", "created", "updated", "unchanged", "failed"] as const;
const columnWidth = 12;

function showCounts(screen: Screen, rows: readonly (readonly [string, Sent])[]): void {
	const head = columns.map((column) => column.padStart(columnWidth)).join("");
	screen.line(screen.style("dim", " ".repeat(labelWidth) + head));
	for (const [label, { total, created, updated, unchanged, failed }] of rows) {
		const cells = [total, created, updated, unchanged, failed].map((value, place) => {
			const text = count(value).padStart(columnWidth);
			if (value === 0) return screen.style("dim", text);
			return columns[place] === "failed" ? screen.style("yellow", text) : text;
		});
		screen.line(label.padEnd(labelWidth) + cells.join(""));
	}
}
