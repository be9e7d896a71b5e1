import { readEmail } from "./email.ts";
import type { Fault } from "./fault.ts";
import type { Linked } from "./linked.ts";
import { type Name, readName } from "./name.ts";

/** Reads what a record is found by, a customer's email or a name; `what` is how messages call a name. */
export function readAddress(one: Linked, text: string, pointer: string, what: string): Name | Fault {
	if (one !== "customer") return readName(text, pointer, what);
	const email = readEmail(text, pointer);
	return "code" in email ? email : { text: email.address, key: email.key };
}
