import { randomBytes } from "node:crypto";
import { scopes } from "@muster/client/contract";
import type { Command } from "commander";
import { readExpiry } from "../domain/expiry.ts";
import { nearest } from "../domain/nearest.ts";
import { uuidForm } from "../domain/record.ts";
import { makeToken } from "../domain/token.ts";
import { issueToken } from "../server/issue-token.ts";
import { operator } from "../server/operator.ts";
import { listAccessTokens, revokeAccessToken } from "../store/access-tokens.ts";
import { actAs } from "../store/act-as.ts";
import type { Transaction } from "../store/database.ts";
import { readClock } from "../store/read-clock.ts";
import { print } from "./table.ts";
import { UserError } from "./user-error.ts";
import { siteNamed, withDatabase } from "./with-database.ts";

interface SiteOption {
	site: string;
	json?: boolean;
}

export function addToken(program: Command): void {
	const token = program
		.command("token")
		.description("Make, list and revoke tokens")
		.addHelpText("after", "\nExample:\n  muster token list --site default");
	token
		.command("create")
		.description("Make a token; it is shown once")
		.requiredOption("--site <name>", "the site's name or id")
		.requiredOption("--scope <scope...>", "what it may do; '*' is everything")
		.option(
			"--expires <when>",
			"days such as 30d, or a date such as 2027-01-31 (its beginning, UTC); never if left out",
		)
		.option("--requests-per-minute <count>", "how much it may send; as much as its site if left out")
		.option("--json", "print JSON")
		.addHelpText(
			"after",
			`\nScopes:\n  ${scopes.join("\n  ")}\n\nExample:\n  muster token create --site default --scope '*'`,
		)
		.action(create);
	token
		.command("list")
		.description("List a site's tokens by their beginnings")
		.requiredOption("--site <name>", "the site's name or id")
		.option("--json", "print JSON")
		.addHelpText("after", "\nExample:\n  muster token list --site default")
		.action(list);
	token
		.command("revoke")
		.argument("<tokenId>", "from `muster token list`")
		.description("Revoke a token: within a second no process takes it any more")
		.requiredOption("--site <name>", "the site's name or id")
		.addHelpText(
			"after",
			"\nExample:\n  muster token revoke 01a20a45-3501-77c6-a728-52df69a99462 --site default",
		)
		.action(revoke);
}

interface CreateOptions extends SiteOption {
	scope: readonly string[];
	expires?: string;
	requestsPerMinute?: string;
}

async function create(options: CreateOptions): Promise<void> {
	for (const scope of options.scope) {
		if (scopes.includes(scope)) continue;
		const near = nearest(scope, scopes);
		throw new UserError(
			`there is no scope ${JSON.stringify(scope)}.${near === null ? "" : ` Did you mean ${near}?`} \`muster token create --help\` lists them.`,
		);
	}
	const requestsPerMinute = readCount("--requests-per-minute", options.requestsPerMinute, 1_000_000);
	const token = makeToken(randomBytes(32));
	await withDatabase(async (database) => {
		const { siteId } = await siteNamed(database, options.site);
		await database.inNoSite(async (transaction) => {
			const expiresAt = await expiryOf(transaction, options.expires);
			await actAs(transaction, operator("token create"));
			await issueToken(transaction, { siteId, token, scopes: options.scope, expiresAt, requestsPerMinute });
		});
	});
	if (options.json === true) console.log(JSON.stringify({ token }));
	else console.log(`${token}\n\nIt is shown this once; only its hash is kept.`);
}

async function expiryOf(transaction: Transaction, text: string | undefined): Promise<Date | null> {
	if (text === undefined) return null;
	const read = readExpiry(text, await readClock(transaction));
	if (typeof read === "string") throw new UserError(`--expires: ${read} No token was made.`);
	return read;
}

function readCount(name: string, text: string | undefined, most: number): number | null {
	if (text === undefined) return null;
	if (/^[1-9]\d{0,6}$/.test(text) && Number(text) <= most) return Number(text);
	throw new UserError(`${name} is ${JSON.stringify(text)}; a whole number from 1 to ${most} is expected.`);
}

async function list(options: SiteOption): Promise<void> {
	const tokens = await withDatabase(async (database) => {
		const { siteId } = await siteNamed(database, options.site);
		return database.inNoSite((transaction) => listAccessTokens(transaction, siteId));
	});
	const rows = tokens.map((token) => ({
		id: token.tokenId,
		token: `${token.prefix}...`,
		created: token.createdAt.toISOString(),
		"last used": token.lastUsedAt?.toISOString() ?? "never",
		expires: token.expiresAt?.toISOString() ?? "never",
		revoked: token.revokedAt?.toISOString() ?? "no",
		perMinute: String(token.requestsPerMinute ?? "no limit"),
		scopes: token.scopes.join(" "),
	}));
	print(rows, tokens, options.json === true);
}

async function revoke(tokenId: string, options: SiteOption): Promise<void> {
	const isKnown = await withDatabase(async (database) => {
		const { siteId } = await siteNamed(database, options.site);
		// What is no UUID is no token's id.
		if (!uuidForm.test(tokenId)) return false;
		return database.inNoSite(async (transaction) => {
			await actAs(transaction, operator("token revoke"));
			return revokeAccessToken(transaction, siteId, tokenId);
		});
	});
	if (!isKnown)
		throw new UserError(
			`site ${options.site} has no token ${tokenId}. \`muster token list\` shows its tokens.`,
		);
	console.log(`Token ${tokenId} is revoked.`);
}
