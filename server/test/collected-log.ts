import { appendFileSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type DestinationStream, pino } from "pino";
import { inject } from "vitest";

/**
 * What the servers and programs of the whole suite log is collected in one folder, which server/test/afterwards searches
 * when all other tests have ended. Each process of the suite has a file of its own.
 */
const file = (): string => join(inject("logFolder"), `${process.pid}.log`);

export function collectedLog(): DestinationStream {
	return pino.destination({ dest: file(), sync: true, append: true });
}

export function collect(text: string): void {
	appendFileSync(file(), text.endsWith("\n") || text === "" ? text : `${text}\n`);
}

export function collectedLines(): string[] {
	const folder = inject("logFolder");
	return readdirSync(folder).flatMap((name) =>
		readFileSync(join(folder, name), "utf8")
			.split("\n")
			.filter((line) => line !== ""),
	);
}

/** What the suite's keys begin with where a test names none, so that they are known in a log. */
export const keyCanary = "canary-key-";

/** What of a customer, a caller or a request must never stand in a log. The names and numbers are those of the suite. */
const forbidden = {
	email: /[^\s"\\<>()@]+@[^\s"\\<>()@]+\.[a-z]/i,
	token: /mst_[0-9A-Za-z]{5}/,
	credentials: /\b(bearer|basic) [0-9a-z+/=_]{8}/i,
	"idempotency key": new RegExp(keyCanary),
	body: /jane smith|\+1-555-0123|canary-body/i,
};

/** Lines with something forbidden in them, each with what it is. */
export function breachesOf(lines: readonly string[]): string[] {
	return lines.flatMap((line) =>
		Object.entries(forbidden)
			.filter(([, form]) => form.test(line))
			.map(([what]) => `${what}: ${line}`),
	);
}
