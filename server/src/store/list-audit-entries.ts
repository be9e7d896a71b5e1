import type { Transaction } from "./database.ts";

/** One thing that was done to a site's tokens or settings. Entries are written by triggers of the migrations. */
export interface AuditEntry {
	readonly number: number;
	readonly at: Date;
	/** `token.created`, `token.revoked`, `site.created`, `settings.changed`; others only by statements by hand. */
	readonly action: string;
	readonly actor: string;
	readonly origin: string;
	/** Of a token its id, prefix, scopes and expiry; of settings what each was before and after. */
	readonly details: Readonly<Record<string, unknown>>;
}

const statement = {
	name: "list-audit-entries",
	text: `
		select number, at, action, actor, origin, details
		from muster.audit_entry
		where site_id = $1 and ($3::bigint is null or number < $3)
		order by number desc
		limit $2`,
};

/** The newest entries of a site, newest first. @param before only entries before that of this number */
export function listAuditEntries(
	transaction: Transaction,
	siteId: string,
	limit: number,
	before: number | null = null,
): Promise<AuditEntry[]> {
	return transaction.query<AuditEntry>(statement, [siteId, limit, before]);
}
