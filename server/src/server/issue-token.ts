import { hashToken, shownPrefix } from "../domain/token.ts";
import { createAccessToken } from "../store/access-tokens.ts";
import type { Transaction } from "../store/database.ts";

/** Keeps a token's hash; the token itself is for its owner alone. @returns the token's id */
export function issueToken(
	transaction: Transaction,
	issued: {
		readonly siteId: string;
		readonly token: string;
		readonly scopes: readonly string[];
		/** null for one that does not expire. */
		readonly expiresAt: Date | null;
		readonly requestsPerMinute?: number | null;
	},
): Promise<string> {
	const { token, ...rest } = issued;
	return createAccessToken(transaction, {
		requestsPerMinute: null,
		...rest,
		hash: hashToken(token),
		prefix: shownPrefix(token),
	});
}
