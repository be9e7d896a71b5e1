import { randomBytes } from "node:crypto";
import {
	AccessToken,
	AuditEntry,
	IssuedToken,
	scopes as knownScopes,
	NewAccessToken,
	Type,
} from "@muster/client/contract";

import { readExpiry } from "../../domain/expiry.ts";
import { type Fault, pointerTo, show } from "../../domain/fault.ts";
import { nearest } from "../../domain/nearest.ts";
import { uuidForm } from "../../domain/record.ts";
import { hashToken, makeToken, shownPrefix } from "../../domain/token.ts";
import {
	createAccessToken,
	type ListedToken,
	listAccessTokens,
	revokeAccessToken,
} from "../../store/access-tokens.ts";
import { actAs } from "../../store/act-as.ts";
import type { Transaction } from "../../store/database.ts";
import { listAuditEntries } from "../../store/list-audit-entries.ts";
import { readClock } from "../../store/read-clock.ts";
import { refuse } from "../detail-fields.ts";
import { cutPage, pageLimitOf, pageOf, pageParameters } from "../page.ts";
import { notFound, ProblemError } from "../problem-error.ts";
import { readJsonObject, refuseUnknownKeys } from "../read-json.ts";
import type { Call, Reply, Route } from "../route.ts";

const tag = "Settings";
const listed = Type.Object({ results: Type.Array(AccessToken) });
const perMinuteMax = 1_000_000;

/** A site's tokens, and what was done to them and to its settings. */
export const tokenRoutes: readonly Route[] = [
	{
		method: "GET",
		path: "tokens",
		id: "token.list",
		tag,
		summary: "List the site's tokens by their beginnings",
		scope: "admin",
		answers: [{ status: 200, description: "All tokens, oldest first", guide: listed, reference: listed }],
		handle: list,
	},
	{
		method: "POST",
		path: "tokens",
		id: "token.create",
		tag,
		summary: "Make a token",
		description: "It is shown in this answer and never again. Nobody gives a right that the own token lacks.",
		scope: "admin",
		bodies: [
			{
				name: "token",
				schema: NewAccessToken,
				example: { scopes: ["read:task:jira-service-management"], expires: "90d" },
			},
		],
		answers: [{ status: 200, description: "The token", guide: IssuedToken, reference: IssuedToken }],
		handle: create,
	},
	{
		method: "DELETE",
		path: "tokens/{tokenId}",
		id: "token.revoke",
		tag,
		summary: "Revoke a token",
		description:
			"Within a second no process takes it any more; sessions of the console that stand for it end at once.",
		scope: "admin",
		answers: [{ status: 204, description: "It is revoked" }],
		handle: revoke,
	},
	{
		method: "GET",
		path: "audit",
		id: "audit.list",
		tag,
		summary: "List what was done to the site's tokens and settings, newest first",
		scope: "admin",
		query: Type.Object({ ...pageParameters }),
		answers: [
			{
				status: 200,
				description: "A page of entries",
				guide: pageOf(AuditEntry),
				reference: pageOf(AuditEntry),
			},
		],
		handle: audit,
	},
];

async function list({ principal, services }: Call): Promise<Reply> {
	const tokens = await services.database.inNoSite(
		(transaction) => listAccessTokens(transaction, principal.siteId),
		{ readOnly: true },
	);
	return { status: 200, body: { results: tokens.map(shown) } };
}

function shown(token: ListedToken): AccessToken {
	return {
		tokenId: token.tokenId,
		prefix: token.prefix,
		scopes: [...token.scopes],
		createdDate: token.createdAt.toISOString(),
		lastUsedDate: token.lastUsedAt?.toISOString() ?? null,
		expiresDate: token.expiresAt?.toISOString() ?? null,
		revokedDate: token.revokedAt?.toISOString() ?? null,
		requestsPerMinute: token.requestsPerMinute,
	};
}

async function create(call: Call): Promise<Reply> {
	const body = readJsonObject(call.body);
	refuseUnknownKeys(body, ["scopes", "expires", "requestsPerMinute"]);
	const faults: Fault[] = [];
	const scopes = readScopes(body.scopes, faults);
	const requestsPerMinute = readPerMinute(body.requestsPerMinute, faults);
	const { principal, services, address } = call;
	refuseMoreThanOwn(scopes, principal.scopes);
	const token = makeToken(randomBytes(32));
	const tokenId = await services.database.inNoSite(async (transaction) => {
		const expiresAt = await readExpires(transaction, body.expires, faults);
		refuse("invalid_request", faults);
		await actAs(transaction, { actor: `token ${principal.tokenId}`, origin: address });
		return createAccessToken(transaction, {
			siteId: principal.siteId,
			hash: hashToken(token),
			prefix: shownPrefix(token),
			scopes,
			expiresAt,
			requestsPerMinute,
		});
	});
	return { status: 200, body: { tokenId, token }, headers: { "cache-control": "no-store" } };
}

function readScopes(value: unknown, faults: Fault[]): readonly string[] {
	if (!Array.isArray(value) || value.length === 0 || value.length > 100) {
		faults.push(fault("scopes", `scopes is ${show(value)}; a list of 1 to 100 scopes is expected.`));
		return [];
	}
	for (const [place, scope] of value.entries()) {
		if (knownScopes.includes(scope)) continue;
		const near = typeof scope === "string" ? nearest(scope, knownScopes) : null;
		faults.push({
			...fault(
				"scopes",
				`There is no scope ${show(scope)}.${near === null ? "" : ` Did you mean ${show(near)}?`}`,
			),
			pointer: pointerTo("/scopes", place),
		});
	}
	return [...new Set<string>(value)];
}

function readPerMinute(value: unknown, faults: Fault[]): number | null {
	if (value === undefined) return null;
	if (typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= perMinuteMax)
		return value;
	faults.push(
		fault(
			"requestsPerMinute",
			`requestsPerMinute is ${show(value)}; a whole number from 1 to ${perMinuteMax} is expected.`,
		),
	);
	return null;
}

async function readExpires(transaction: Transaction, value: unknown, faults: Fault[]): Promise<Date | null> {
	if (value === undefined) return null;
	const read =
		typeof value === "string"
			? readExpiry(value, await readClock(transaction))
			: `${show(value)} is no text.`;
	if (typeof read !== "string") return read;
	faults.push(fault("expires", `expires: ${read}`));
	return null;
}

function fault(key: string, message: string): Fault {
	return { code: "invalid_type", pointer: pointerTo("", key), message };
}

/** Else a token for administration alone would be one for everything. */
function refuseMoreThanOwn(asked: readonly string[], own: readonly string[]): void {
	if (own.includes("*")) return;
	const more = asked.find((scope) => knownScopes.includes(scope) && !own.includes(scope));
	if (more === undefined) return;
	throw new ProblemError(
		"forbidden",
		`This token lacks the scope ${more}, so it cannot give it to another. No token was made.`,
	);
}

async function revoke(call: Call): Promise<Reply> {
	const { siteId, tokenId: own } = call.principal;
	const tokenId = call.params.tokenId ?? "";
	if (!uuidForm.test(tokenId)) throw notFound();
	const isKnown = await call.services.database.inNoSite(async (transaction) => {
		await actAs(transaction, { actor: `token ${own}`, origin: call.address });
		return revokeAccessToken(transaction, siteId, tokenId);
	});
	if (!isKnown) throw notFound();
	return { status: 204 };
}

async function audit(call: Call): Promise<Reply> {
	const limit = pageLimitOf(call.query);
	const before = call.query.cursor(/^\d{1,15}$/);
	const { siteId } = call.principal;
	const found = await call.services.database.inSite(
		siteId,
		(transaction) =>
			listAuditEntries(transaction, siteId, limit + 1, before === undefined ? null : Number(before)),
		{ readOnly: true },
	);
	const { page, more } = cutPage(found, limit, (last) => last.number);
	const results = page.map(({ at, action, actor, origin, details }) => ({
		at: at.toISOString(),
		action,
		actor,
		origin,
		details,
	}));
	return { status: 200, body: { results, ...more } };
}
