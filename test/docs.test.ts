import { readFileSync } from "node:fs";
import { failureCodes, problemCodes } from "@muster/client/contract";
import { describe, expect, test } from "vitest";
import { documents } from "../docs/build.ts";
import { readConfig, readHubSpotReach } from "../server/src/server/config.ts";
import { clientVariables, serverVariables } from "../server/src/server/variables.ts";

const written = await documents();

describe("documents that are made from tables", () => {
	test.each(Object.entries(written))("%s is what `npm run docs` writes", (path, text) => {
		expect(readFileSync(new URL(`../${path}`, import.meta.url), "utf8")).toBe(text);
	});

	test("every code of a request and of an item has a heading of its own", () => {
		const headings = [...(written["docs/errors.md"] ?? "").matchAll(/^### (.*)$/gm)].map(([, name]) => name);
		expect(headings).toHaveLength(Object.keys(problemCodes).length + Object.keys(failureCodes).length);
		expect(new Set(headings).size).toBe(headings.length);
	});

	test("code in the texts stands in pairs of backticks", () => {
		const texts = [...Object.values(problemCodes), ...Object.values(failureCodes)].flatMap(
			({ cause, example, fix }) => [cause, example, fix],
		);
		expect(texts.filter((text) => text.split("`").length % 2 === 0)).toEqual([]);
	});
});

describe("configuration", () => {
	/** What npm or a desktop sets, and nobody else. */
	const notOurs = ["npm_command", "SSH_CONNECTION", "DISPLAY", "WAYLAND_DISPLAY"];

	test("has every variable that the program reads, and no other", () => {
		const source = readFileSync(new URL("../server/src/server/config.ts", import.meta.url), "utf8");
		const read = [...source.matchAll(/\benvironment\.(\w+)/g)].map(([, name = ""]) => name);
		expect([...serverVariables, ...clientVariables].map(({ name }) => name).toSorted()).toEqual(
			[...new Set(read)].filter((name) => !notOurs.includes(name)).toSorted(),
		);
	});

	test("says what holds where nothing is set", () => {
		const usual = Object.fromEntries(
			[...serverVariables, ...clientVariables].flatMap(({ name, default: value }) =>
				value === null ? [] : [[name, value]],
			),
		);
		expect(readConfig(usual)).toEqual(readConfig({}));
		expect(readHubSpotReach(usual)).toEqual(readHubSpotReach({}));
	});
});

describe("commands and addresses", () => {
	test("of every command there is what --help says, with its example", () => {
		const text = written["docs/commands.md"] ?? "";
		expect(text).toMatch(/^## import resume$/m);
		expect(text.match(/^## /gm)?.length).toBe(text.match(/^Usage: muster /gm)?.length);
		expect(text).not.toContain("\u001b");
	});

	test("of every address there is one row, with what it needs", () => {
		const text = written["docs/api.md"] ?? "";
		expect(text).toMatch(
			/^\| `POST \/api\/v1\/customer\/profile\/bulk` \| .*`write:customer\.profile:jira-service-management` \|$/m,
		);
		expect(text).toMatch(/^\| `GET \/readyz` \|/m);
		const addresses = [...text.matchAll(/^\| (`[A-Z]+ [^`]+`)/gm)].map(([, address]) => address);
		expect(new Set(addresses).size).toBe(addresses.length);
	});
});
