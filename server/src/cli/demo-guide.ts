import type { MusterClient } from "@muster/client";
import { showJson } from "./demo-json.ts";
import { type Screen, seconds } from "./screen.ts";

const jane = { email: "jane.smith@acme.com", displayName: "Jane Smith", details: { phone: "+1-555-0123" } };
const john = { email: "john.doe@acme.com", displayName: "John Doe", details: { phone: "+1-555-0124" } };

/** The guide's own example, as it goes over the wire: two good profiles, then one with the guide's bad address. */
export async function showGuide(screen: Screen, client: MusterClient, signal: AbortSignal): Promise<void> {
	screen.heading("1  The guide's example");
	screen.text("Two customers in one request. The answer comes as soon as they are saved.", "dim");
	const first = await client.submit("customer.profile", [jane, john], { signal });
	screen.line();
	screen.text("The task tells what became of them.", "dim");
	await client.waitForTask(first.taskId, { signal });
	screen.line();
	screen.text("One change, and one address that is none: the bad item fails alone, by its index.", "dim");
	const changed = { email: jane.email, displayName: "Jane Smith-Miller" };
	const second = await client.submit("customer.profile", [changed, { email: "invalid-email" }], { signal });
	await client.waitForTask(second.taskId, { signal });
}

/** A fetch that shows what goes over the wire. */
export function shownFetch(screen: Screen): typeof fetch {
	return async (input, init) => {
		const startedMs = performance.now();
		const response = await fetch(input, init);
		const text = await response.clone().text();
		const took = seconds(performance.now() - startedMs);
		const { pathname, search } = new URL(String(input));
		screen.line();
		screen.line(screen.style("bold", `${init?.method} ${pathname}${search}`));
		if (typeof init?.body === "string") showBody(screen, init.body);
		const status = screen.style(
			response.ok ? "green" : "yellow",
			`${response.status} ${response.statusText}`,
		);
		screen.line(`${status}  ${screen.style("dim", took)}`);
		showBody(screen, text);
		return response;
	};
}

const bodyIndent = 2;

function showBody(screen: Screen, body: string): void {
	const lines = showJson(JSON.parse(body), screen.width, bodyIndent).split("\n");
	for (const [place, line] of lines.entries())
		screen.line(place === 0 ? " ".repeat(bodyIndent) + line : line);
}
