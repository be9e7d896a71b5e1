import { BlockList, isIPv4 } from "node:net";

/**
 * IPv4 addresses that lead nowhere public (IANA's registry of special-purpose addresses), and Azure's address of the host,
 * which looks like any other one. The metadata addresses of the clouds are link-local or of 100.64.0.0/10.
 */
const insideRanges = [
	"0.0.0.0/8",
	"10.0.0.0/8",
	"100.64.0.0/10",
	"127.0.0.0/8",
	"168.63.129.16/32",
	"169.254.0.0/16",
	"172.16.0.0/12",
	"192.0.0.0/24",
	"192.0.2.0/24",
	"192.88.99.0/24",
	"192.168.0.0/16",
	"198.18.0.0/15",
	"198.51.100.0/24",
	"203.0.113.0/24",
	"224.0.0.0/4",
	"240.0.0.0/4",
] as const;

/** Of what IPv6 calls global, what carries an IPv4 address inside, or is for documentation and the like. */
const globalButInside = ["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"] as const;

const inside = listOf(insideRanges, "ipv4");
const global = listOf(["2000::/3"], "ipv6");
const unusual = listOf(globalButInside, "ipv6");

/**
 * Whether an address is one of the public internet: not this machine, nor its network, nor a cloud's metadata. Of IPv6
 * only what is global unicast counts, so mapped and translated IPv4 addresses do not.
 * @param address as a resolver or a URL writes it, without brackets
 */
export function isPublicAddress(address: string): boolean {
	if (isIPv4(address)) return !inside.check(address, "ipv4");
	return global.check(address, "ipv6") && !unusual.check(address, "ipv6");
}

function listOf(ranges: readonly string[], family: "ipv4" | "ipv6"): BlockList {
	const list = new BlockList();
	for (const range of ranges) {
		const [address = "", prefix] = range.split("/");
		list.addSubnet(address, Number(prefix), family);
	}
	return list;
}
