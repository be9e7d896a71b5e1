import type { Change } from "@muster/client/contract";
import { customerIdText } from "../domain/record.ts";

/** A change as the wire shows it: customers that an organization got or lost are named by the ids that the wire knows. */
export function changeOf(siteId: string, change: Change): Change {
	if (change.field !== "customers") return change;
	const shown = (value: Change["before"]): Change["before"] =>
		Array.isArray(value) ? value.map((uuid) => customerIdText(siteId, uuid)) : value;
	return { ...change, before: shown(change.before), after: shown(change.after) };
}
