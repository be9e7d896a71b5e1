import { randomBytes } from "node:crypto";
import { Session, SessionLink } from "@muster/client/contract";
import { hashConsoleKey, makeLinkKey, makeSessionKey } from "../../domain/console-key.ts";
import { createConsoleKey, deleteConsoleSession } from "../../store/console-keys.ts";
import { siteOf } from "../../store/find-site.ts";
import type { Call, Reply, Route } from "../route.ts";
import { sessionCookie, sessionKeyIn, sessionSeconds } from "../session-cookie.ts";

const tag = "Sessions";
/** How long a link can be opened, in seconds: enough to change windows, too short to be found later. */
const linkSeconds = 300;

const sessionAnswers = [{ status: 200, description: "Who asks", guide: Session, reference: Session }];

/** Signing in to the web console. The token is sent once; what the browser keeps is a key that scripts cannot read. */
export const sessionRoutes: readonly Route[] = [
	{
		method: "GET",
		path: "session",
		id: "session.get",
		tag,
		summary: "Look at whose token this is, and what it may do",
		scope: null,
		answers: sessionAnswers,
		handle: async (call) => ({ status: 200, body: await describe(call) }),
	},
	{
		method: "POST",
		path: "session",
		id: "session.create",
		tag,
		summary: "Sign a browser in",
		description:
			"Sets a cookie, `HttpOnly` and `SameSite=Strict`, that stands for the token for 12 hours, or until the token ends. Instead of a token, Authorization may carry what stands behind the `#` of a link of the console, which then is used up. With the cookie, what changes something is taken from pages of this server alone.",
		scope: null,
		takesLinks: true,
		answers: sessionAnswers,
		handle: signIn,
	},
	{
		method: "DELETE",
		path: "session",
		id: "session.delete",
		tag,
		summary: "Sign a browser out",
		description: "Ends the session of the cookie, if there is one. A token stays as it is.",
		scope: null,
		answers: [{ status: 204, description: "There is no session any more" }],
		handle: signOut,
	},
	{
		method: "POST",
		path: "session/link",
		id: "session.link",
		tag,
		summary: "Make a link that opens the web console, signed in",
		description: "It works once, within five minutes, and stands for the token that asks.",
		scope: null,
		answers: [{ status: 200, description: "The link", guide: SessionLink, reference: SessionLink }],
		handle: link,
	},
];

async function describe({ principal, services }: Call): Promise<Session> {
	const { siteId, tokenId, scopes } = principal;
	const { name } = await services.database.inNoSite((transaction) => siteOf(transaction, siteId), {
		readOnly: true,
	});
	return { siteId, siteName: name, tokenId, scopes: [...scopes] };
}

async function signIn(call: Call): Promise<Reply> {
	const key = makeSessionKey(randomBytes(32));
	await keep(call, key, false, sessionSeconds);
	return {
		status: 200,
		headers: { "set-cookie": sessionCookie(key, isHttps(call)) },
		body: await describe(call),
	};
}

async function signOut(call: Call): Promise<Reply> {
	const key = sessionKeyIn(call.headers.cookie ?? "");
	if (key !== null) {
		await call.services.database.inNoSite((transaction) =>
			deleteConsoleSession(transaction, hashConsoleKey(key)),
		);
	}
	return { status: 204, headers: { "set-cookie": sessionCookie(null, isHttps(call)) } };
}

async function link(call: Call): Promise<Reply> {
	const key = makeLinkKey(randomBytes(32));
	const expiresAt = await keep(call, key, true, linkSeconds);
	// Behind the #, which browsers send to nobody: so it stands in no log on the way.
	const url = `${call.services.publicUrl}/sign-in#${key}`;
	return { status: 200, body: { url, expiresDate: expiresAt.toISOString() } };
}

function keep({ principal, services }: Call, key: string, isLink: boolean, seconds: number): Promise<Date> {
	const { tokenId } = principal;
	return services.database.inNoSite((transaction) =>
		createConsoleKey(transaction, { hash: hashConsoleKey(key), tokenId, isLink, seconds }),
	);
}

/** Behind https, browsers are to send the cookie by https alone. */
function isHttps({ services }: Call): boolean {
	return services.publicUrl.startsWith("https:");
}
