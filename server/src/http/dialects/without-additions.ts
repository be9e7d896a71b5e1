import type { DialectView } from "./dialect.ts";

/** What the guide and the reference print of a task and of a failure in it; the rest are additions of Muster's. */
const printed = {
	guide: {
		task: ["taskId", "status", "createdDate", "completedDate"],
		failure: ["index", "message"],
	},
	reference: {
		task: ["id", "type", "status", "createdAt", "updatedAt"],
		failure: ["entity", "entityId", "operation", "operatedOn", "operatedOnIds", "error"],
	},
} as const;

/** A dialect whose tasks are shown as the real service shows them, for clients that must do without what Muster adds. */
export function withoutAdditions(view: DialectView): DialectView {
	const keys = printed[view.name];
	return {
		...view,
		task: (siteId, task) => {
			const shown = view.task(siteId, task) as { readonly failures: readonly object[] };
			return {
				...only(shown, keys.task),
				failures: shown.failures.map((failure) => only(failure, keys.failure)),
			};
		},
	};
}

function only(object: object, keys: readonly string[]): object {
	return Object.fromEntries(Object.entries(object).filter(([key]) => keys.includes(key)));
}
