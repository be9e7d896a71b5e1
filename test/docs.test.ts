import { readFileSync } from "node:fs";
import { failureCodes, problemCodes } from "@muster/client/contract";
import { describe, expect, test } from "vitest";
import { documents } from "../docs/build.ts";

describe("documents that are made from tables", () => {
	test.each(Object.entries(documents()))("%s is what `npm run docs` writes", (path, text) => {
		expect(readFileSync(new URL(`../${path}`, import.meta.url), "utf8")).toBe(text);
	});

	test("every code of a request and of an item has a heading of its own", () => {
		const headings = [...(documents()["docs/errors.md"] ?? "").matchAll(/^### (.*)$/gm)].map(
			([, name]) => name,
		);
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
