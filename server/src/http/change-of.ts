import type { Change } from "@muster/client/contract";
import { customerIdText } from "../domain/record.ts";

/** A change as the wire shows it: customers that an organization got are named by the ids that the wire knows. */
export function changeOf(siteId: string, change: Change): Change {
	if (change.field !== "customers" || !Array.isArray(change.after)) return change;
	return { ...change, after: change.after.map((uuid) => customerIdText(siteId, uuid)) };
}
