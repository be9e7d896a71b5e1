import type { Session } from "@muster/client";
import { queryOptions, useQuery } from "@tanstack/react-query";
import { isSignedOut, sessionKey } from "./queries.ts";
import { service } from "./service.ts";

/** Who is signed in; null for nobody. */
export const sessionQuery = queryOptions({
	queryKey: sessionKey,
	queryFn: ({ signal }) =>
		service.sessions.get({ signal }).catch((error: unknown) => {
			if (isSignedOut(error)) return null;
			throw error;
		}),
	staleTime: 60_000,
});

/** Below the shell there is always somebody. */
export function useSession(): Session {
	const { data } = useQuery(sessionQuery);
	if (data == null) throw new Error("a screen was drawn with nobody signed in");
	return data;
}

/** Whether who is signed in may do what asks for this scope. What may not be done is not offered. */
export function useMay(scope: string): boolean {
	const { scopes } = useSession();
	return scopes.includes("*") || scopes.includes(scope);
}
