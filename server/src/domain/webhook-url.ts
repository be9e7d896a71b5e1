import { isIP } from "node:net";
import { webhookUrlCharactersMax } from "@muster/client/contract";
import { show } from "./fault.ts";
import { isPublicAddress } from "./public-address.ts";

/**
 * Judges where messages are to be posted to. A name is looked up when something is sent, and its address judged then.
 * @param allowPrivate for development: http, and addresses that are not public
 * @returns the URL as it is kept, or what is wrong with it
 */
export function readWebhookUrl(
	text: string,
	allowPrivate: boolean,
): { readonly url: string } | { readonly message: string } {
	const wrong = (why: string): { readonly message: string } => ({ message: `url is ${show(text)}; ${why}.` });
	if (text.length > webhookUrlCharactersMax) {
		return wrong(`at most ${webhookUrlCharactersMax} characters are allowed`);
	}
	if (!URL.canParse(text)) return wrong("a URL such as https://example.com/muster is expected");
	const url = new URL(text);
	const isPlain = url.protocol === "http:";
	if (url.protocol !== "https:" && !(isPlain && allowPrivate)) return wrong("https is expected");
	if (url.username !== "" || url.password !== "") return wrong("a URL without a user name is expected");
	if (url.hash !== "") return wrong("a URL without a # is expected");
	if (!allowPrivate && isInside(hostOf(url))) {
		return wrong("an address on the public internet is expected, not one of this machine or its network");
	}
	return { url: url.href };
}

/** The host of a URL without the brackets of IPv6; what URL has read has one spelling alone. */
export function hostOf({ hostname }: URL): string {
	return hostname.replace(/^\[(.*)\]$/, "$1");
}

function isInside(host: string): boolean {
	if (isIP(host) !== 0) return !isPublicAddress(host);
	return /(^|\.)localhost\.?$/.test(host);
}
