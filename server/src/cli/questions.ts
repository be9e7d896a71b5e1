import { createInterface } from "node:readline/promises";
import { type DateOrder, dateOrders } from "@muster/client/import";
import { exitCodes } from "./exit-codes.ts";
import { UserError } from "./user-error.ts";

/** Whether there is somebody to ask. */
export function canAsk(): boolean {
	return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/** @throws UserError where nobody can be asked */
export async function askDateOrder(file: string, columns: readonly string[]): Promise<DateOrder> {
	const named = columns.map((column) => JSON.stringify(column)).join(", ");
	if (!canAsk()) {
		throw new UserError(
			`${file}: the days in ${named} can be read in two ways, 03/04 is in March or in April. Say --dates dmy where the day stands first, --dates mdy where the month does.`,
		);
	}
	for (;;) {
		const answer = await ask(`${file}: is 03/04 in ${named} 3 April (dmy) or March 4 (mdy)? `);
		const order = dateOrders.find((known) => known === answer);
		if (order !== undefined) return order;
	}
}

export async function askYesNo(question: string): Promise<boolean> {
	for (;;) {
		const answer = await ask(`${question} (yes/no) `);
		if (/^y(es)?$/.test(answer)) return true;
		if (/^no?$/.test(answer)) return false;
	}
}

/** @throws UserError where it is answered by Ctrl-C or Ctrl-D */
async function ask(question: string): Promise<string> {
	const terminal = createInterface({ input: process.stdin, output: process.stderr });
	const closed = Promise.withResolvers<never>();
	terminal.once("close", () => {
		process.stderr.write("\n");
		closed.reject(new UserError("interrupted; nothing was changed.", exitCodes.interrupted));
	});
	try {
		// By Ctrl-C the question is rejected, by Ctrl-D it never ends: both close the terminal.
		const answer = terminal.question(`  ${question}`).catch(() => closed.promise);
		return (await Promise.race([answer, closed.promise])).trim().toLowerCase();
	} finally {
		terminal.removeAllListeners("close");
		terminal.close();
	}
}
