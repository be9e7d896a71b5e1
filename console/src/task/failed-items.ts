import type { Task } from "@muster/client";
import { useQuery } from "@tanstack/react-query";
import { service } from "../service.ts";

/** The failed items of a task as they were sent, in the order of its failures. */
export function useFailedItems({ taskId, failures }: Task) {
	return useQuery({
		queryKey: ["task", taskId, "failed-items"],
		// The one list of it stands under the key of its operation.
		queryFn: async ({ signal }) => Object.values(await service.failedRequest(taskId, { signal })).flat(),
		enabled: failures.length > 0,
		// What was sent never changes.
		staleTime: Number.POSITIVE_INFINITY,
	});
}
