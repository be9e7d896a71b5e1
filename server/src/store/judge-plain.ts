import type { Operation } from "@muster/client/contract";
import { mayBePlain, plainItemsOf } from "../domain/plain-item.ts";
import type { Ground, Grounds } from "./grounds.ts";
import type { PlainWork } from "./plain-claims.ts";
import { columnsOfPlain } from "./plain-columns.ts";

/** A request or a task whose items are to be judged. */
export interface Judgeable {
	readonly operation: Operation;
	readonly dryRun: boolean;
	readonly items: readonly unknown[];
}

/**
 * Judges the items of one request by a site's ground.
 * @returns null where they are to be judged when they are applied
 */
export function judgePlain(grounds: Grounds, ground: Ground, judgeable: Judgeable): PlainWork | null {
	const { operation, dryRun, items } = judgeable;
	if (dryRun || !mayBePlain(operation) || !mayHavePlain(grounds, ground)) return null;
	const { site, fields } = ground;
	const context = { siteId: site.siteId, ignoreUnknownKeys: site.settings.unknownKeys === "ignore" };
	const judged = plainItemsOf(operation, items, context, fields);
	if (judged === "not plain") return null;
	if (judged === "unknown field") {
		grounds.renew(site.siteId);
		return null;
	}
	return { operation: operation.name, ground, items: columnsOfPlain(judged) };
}

/** Whether there are plain tasks in a site at all: where there are webhooks, each task has something to tell. */
export function mayHavePlain(grounds: Grounds, { site }: Ground): boolean {
	// Nobody else would find out that there are none any more.
	if (site.hasWebhooks) grounds.renew(site.siteId);
	return !site.hasWebhooks;
}
