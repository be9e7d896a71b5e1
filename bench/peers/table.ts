import { directus } from "./directus.ts";
import { parseServer } from "./parse-server.ts";
import type { Peer } from "./peer.ts";
import { scim } from "./scim.ts";

/** The servers that Muster is measured beside, the lightest install first. */
export const peers: readonly Peer[] = [scim, parseServer, directus];

export function peerNamed(name: string): Peer {
	const peer = peers.find((each) => each.name === name);
	if (peer === undefined) throw new Error(`There is no peer ${name}.`);
	return peer;
}
