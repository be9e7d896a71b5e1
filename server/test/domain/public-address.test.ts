import { describe, expect, test } from "vitest";
import { isPublicAddress } from "../../src/domain/public-address.ts";
import { readWebhookUrl } from "../../src/domain/webhook-url.ts";

describe("an address", () => {
	test.each([
		["8.8.8.8"],
		["93.184.216.34"],
		["172.15.255.255"],
		["172.32.0.0"],
		["100.63.255.255"],
		["2606:4700::1111"],
		["2a00:1450:4001:81b::200e"],
	])("%s is public", (address) => {
		expect(isPublicAddress(address)).toBe(true);
	});

	test.each([
		["this machine", "127.0.0.1", "127.255.255.255", "0.0.0.0", "::1", "::"],
		["its network", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "fc00::1", "fdff::1"],
		["its link", "169.254.0.1", "fe80::1", "fe80::1%eth0"],
		["a provider's network", "100.64.0.1", "198.18.0.1"],
		["the metadata of a cloud", "169.254.169.254", "fd00:ec2::254", "100.100.100.200", "168.63.129.16"],
		["many", "224.0.0.1", "255.255.255.255", "240.0.0.1", "ff02::1"],
		["nobody", "192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1", "3fff::1"],
		[
			"an IPv4 address that IPv6 hides",
			"::ffff:127.0.0.1",
			"::ffff:7f00:1",
			"::127.0.0.1",
			"64:ff9b::7f00:1",
		],
		["the like by a tunnel", "2002:7f00:1::", "2001:0:7f00:1::", "::ffff:8.8.8.8"],
		["no form of an address", "", "localhost", "1"],
	])("of %s is not", (_what, ...addresses) => {
		expect(addresses.filter(isPublicAddress)).toEqual([]);
	});
});

describe("a webhook's URL", () => {
	test.each([
		["https://example.com", "https://example.com/"],
		["https://example.com:8443/a?b=c", "https://example.com:8443/a?b=c"],
		["HTTPS://Example.COM/A", "https://example.com/A"],
		["https://8.8.8.8/", "https://8.8.8.8/"],
	])("%s is kept as %s", (text, url) => {
		expect(readWebhookUrl(text, false)).toEqual({ url });
	});

	test.each([
		"https://127.0.0.1/",
		"https://127.1/",
		"https://2130706433/",
		"https://0x7f.0.0.1/",
		"https://0177.0.0.1/",
		"https://0/",
		"https://127.0.0.1./",
		"https://①②⑦.0.0.1/",
		"https://%31%32%37.0.0.1/",
		"https://[::1]/",
		"https://[0:0:0:0:0:0:0:1]/",
		"https://[::ffff:127.0.0.1]/",
		"https://[::ffff:a9fe:a9fe]/",
		"https://169.254.169.254/latest/meta-data/",
		"https://2852039166/",
		"https://localhost/",
		"https://LOCALHOST./",
		"https://muster.localhost/",
	])("%s is of this machine or its network", (url) => {
		expect(readWebhookUrl(url, false)).toEqual({
			message: `url is ${JSON.stringify(url)}; an address on the public internet is expected, not one of this machine or its network.`,
		});
	});

	test("may be all of it where development asks for that", () => {
		expect(readWebhookUrl("http://localhost:9600/", true)).toEqual({ url: "http://localhost:9600/" });
	});
});
