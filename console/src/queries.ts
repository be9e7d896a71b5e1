import { MusterError } from "@muster/client";
import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";

/** What was asked for, kept for a while: going back shows at once what was there, and then what is. */
export const queries: QueryClient = new QueryClient({
	// A session that has ended is found out by whatever is asked next.
	queryCache: new QueryCache({ onError: onTrouble }),
	mutationCache: new MutationCache({ onError: onTrouble }),
	defaultOptions: {
		// The client tries again by itself where that may help.
		queries: { retry: false, staleTime: 2_000, refetchOnWindowFocus: true },
		mutations: { retry: false },
	},
});

/** Whether nobody is signed in (any more). */
export function isSignedOut(error: unknown): boolean {
	return error instanceof MusterError && error.status === 401;
}

/** Who asks about the session itself is told by its answer. */
export const sessionKey = ["session"] as const;

function onTrouble(error: unknown): void {
	if (isSignedOut(error) && queries.getQueryData(sessionKey) !== undefined) {
		queries.setQueryData(sessionKey, null);
	}
}
