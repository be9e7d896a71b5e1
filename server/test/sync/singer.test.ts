import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { MusterClient } from "@muster/client";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { readStreams } from "../../src/cli/singer-map.ts";
import { MalformedInput, runTarget } from "../../src/sync/singer/target.ts";
import { runCommand } from "../command.ts";
import { startMuster, type TestMuster } from "../muster.ts";
import { aFolder, type Ended, type Program, startProgram } from "../program.ts";
import { aGate } from "./gate.ts";
import { type Shown, storedRecords, withoutStamps } from "./hubspot-expected.ts";
import {
	type State,
	salesforceMap,
	salesforceTap,
	salesforceWanted,
	zendeskMap,
	zendeskTap,
	zendeskWanted,
} from "./taps.ts";

// The other end of a Singer tap, as a pipe runs it: whatever happens, the last state that was told is where a tap may go on.

let muster: TestMuster;
beforeAll(async () => {
	muster = await startMuster({ workerStarted: true });
});
afterAll(() => muster.close());

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
	for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

class Killed extends Error {}

/** SINGER_CUTS=200 tries that many places. */
const cuts = Number(process.env.SINGER_CUTS ?? 6);
const cutsTakeLong = { timeout: 20_000 + cuts * 3_000 };

interface TakeOptions {
	readonly isKilled?: boolean;
	readonly onMalformed?: (words: string) => void;
}

interface Pipe {
	readonly client: MusterClient;
	readonly token: string;
	/**
	 * Takes the lines in this process, to their end or to the line that is cut off; one that is killed there does nothing more.
	 * @param onMalformed gets what is said of a line that cannot be used
	 * @returns the states that were told
	 */
	take(input: string, options?: TakeOptions): Promise<readonly string[]>;
	start(input: string, url?: string): Program;
	run(input: string): Promise<Ended>;
	records(): Promise<unknown>;
}

async function aPipe(map: string): Promise<Pipe> {
	const { path, remove } = await aFolder();
	cleanups.push(remove);
	await writeFile(join(path, "map.yaml"), map);
	const { token } = await muster.aSite();
	const parameters = ["target-singer", "--map", "map.yaml"];
	const environment = (url: string) => ({ MUSTER_URL: url, MUSTER_TOKEN: token });
	const client = new MusterClient({ url: muster.url, token });
	const take: Pipe["take"] = async (input, { isKilled = false, onMalformed } = {}) => {
		const states: string[] = [];
		async function* lines(): AsyncGenerator<string, void> {
			yield* input.split("\n").slice(0, isKilled ? -1 : undefined);
			if (isKilled) throw new Killed();
		}
		await runTarget(lines(), {
			client,
			streams: await readStreams(join(path, "map.yaml"), client),
			name: randomUUID(),
			now: () => performance.now(),
			interrupted: new AbortController().signal,
			onState: (text) => states.push(text),
			onTold: () => undefined,
			onFailed: (failed) => expect(failed).toBeNull(),
		}).catch((error: unknown) => {
			expect(error).toBeInstanceOf(isKilled ? Killed : MalformedInput);
			if (error instanceof MalformedInput) onMalformed?.(error.message);
		});
		return states;
	};
	return {
		client,
		token,
		take,
		start: (input, url = muster.url) => startProgram(parameters, environment(url), { cwd: path, input }),
		run: (input) => runCommand(parameters, environment(muster.url), { cwd: path, input }),
		records: async () => {
			const { customers, organizations } = await storedRecords(client);
			const shown = (records: ReadonlyMap<string, Shown>): unknown =>
				[...records.values()].map(withoutStamps).toSorted(byKey);
			return [shown(customers), shown(organizations)];
		},
	};
}

function byKey(one: Shown, other: Shown): number {
	return one.key < other.key ? -1 : 1;
}

function inputOf(lines: readonly string[]): string {
	return lines.map((line) => `${line}\n`).join("");
}

function lastState(stdout: string): State | null {
	const line = stdout.trim().split("\n").at(-1);
	return line ? JSON.parse(line) : null;
}

const taps = [
	["tap-zendesk", zendeskMap, zendeskTap(60, 20), zendeskWanted(60, 20)],
	["tap-salesforce", salesforceMap, salesforceTap(50, 20), salesforceWanted(50, 20)],
] as const;

describe.each(taps)("%s", (_name, map, tap, wanted) => {
	const expected = [wanted.customers, wanted.organizations].map((records) =>
		records
			.map(([key, name, details, organizations]) => ({ key, name, details, organizations }))
			.toSorted(byKey),
	);

	test("its records become what the mapping says, and its last state is told", async () => {
		const pipe = await aPipe(map);
		const lines = tap(null);
		const { code, stdout, stderr } = await pipe.run(inputOf(lines));
		expect(code, stderr).toBe(0);
		expect(lastState(stdout)).toEqual(JSON.parse(lines.at(-1) ?? "").value);
		expect(await pipe.records()).toEqual(expected);
	});

	test(
		"cut off anywhere and sent again from the last state, it comes to the same records",
		cutsTakeLong,
		async () => {
			const whole = inputOf(tap(null));
			await fc.assert(
				fc.asyncProperty(fc.nat(whole.length), fc.boolean(), async (cut, isKilled) => {
					const pipe = await aPipe(map);
					const states = await pipe.take(whole.slice(0, cut), { isKilled });
					await pipe.take(inputOf(tap(lastState(states.join("\n")))));
					expect(await pipe.records()).toEqual(expected);
				}),
				{ numRuns: cuts },
			);
		},
	);
});

test("numbers keep their digits", async () => {
	const pipe = await aPipe(zendeskMap);
	await pipe.take(inputOf(zendeskTap(1, 1)(null)));
	const export_ = await fetch(`${muster.url}/api/v1/customers/export?format=csv`, {
		headers: { authorization: `Bearer ${pipe.token}` },
	});
	expect(await export_.text()).toContain(",10000000000000001,");
});

test("killed between a state's records and the next, it goes on from the last state that it told", {
	timeout: 60_000,
}, async () => {
	const tap = zendeskTap(1_000, 20);
	const uncut = await aPipe(zendeskMap);
	await uncut.take(inputOf(tap(null)));
	const pipe = await aPipe(zendeskMap);
	const gate = await aGate(muster.url);
	cleanups.push(() => gate.close());
	let state: State | null = null;
	for (const fatal of [3, 8]) {
		let bulks = 0;
		gate.onPass = ({ path, isAnswered }) => {
			if (!isAnswered || !path.endsWith("/bulk")) return undefined;
			bulks += 1;
			if (bulks < fatal) return undefined;
			program.process.kill("SIGKILL");
			return Promise.reject(new Error("killed"));
		};
		const program = pipe.start(inputOf(tap(state)), gate.url);
		const { stdout } = await program.ended;
		state = lastState(stdout) ?? state;
	}
	expect(state).not.toBeNull();
	const last = await pipe.run(inputOf(tap(state)));
	expect(last.code).toBe(0);
	expect(await pipe.records()).toEqual(await uncut.records());
});

test("a state is told when all records before it are there, and not before", async () => {
	const pipe = await aPipe(zendeskMap);
	const lines = zendeskTap(1_600, 20)(null);
	const program = pipe.start(inputOf(lines));
	const looks: Promise<void>[] = [];
	let stdout = "";
	program.process.stdout?.on("data", (data: Buffer) => {
		stdout += data.toString();
		const told = stdout.slice(0, stdout.lastIndexOf("\n")).split("\n").at(-1);
		if (!told) return;
		const place = lines.findIndex((line) => line.startsWith('{"type":"STATE"') && line.includes(told));
		const before = lines.slice(0, place).flatMap((line) => {
			const { stream, record } = JSON.parse(line);
			return stream === "users" && record !== undefined ? [record.email] : [];
		});
		looks.push(
			(async () => {
				const { customers } = await storedRecords(pipe.client);
				expect(before.filter((email) => !customers.has(email))).toEqual([]);
			})(),
		);
	});
	expect((await program.ended).code).toBe(0);
	expect(looks.length).toBeGreaterThan(2);
	await Promise.all(looks);
});

describe("a line that cannot be used", () => {
	const organization = '{"type":"RECORD","stream":"organizations","record":{"id":1,"name":"Acme"}}';
	const state = '{"type":"STATE","value":{"bookmarks":{"organizations":1.50}}}';

	const told = (words: string) =>
		`line 4 of the input cannot be used: ${words}. What stood before it is saved; nothing behind it was read.`;

	test.each([
		["[]", "it is no JSON object"],
		["{}", "it has no `type`"],
		['{"type":"RECORD","record":{}}', "a RECORD has no `stream`"],
		['{"type":"RECORD","stream":"users"}', "a RECORD has no `record`, which is an object"],
		['{"type":"SCHEMA","stream":"users"}', "a SCHEMA has no `schema`"],
		['{"type":"STATE"}', "a STATE has no `value`"],
	])("%s is told with its number, and all before it is saved", async (line, words) => {
		const pipe = await aPipe(zendeskMap);
		const malformed: string[] = [];
		const states = await pipe.take(inputOf([organization, state, "", line, organization]), {
			onMalformed: (words) => malformed.push(words),
		});
		expect([states, malformed]).toEqual([['{"bookmarks":{"organizations":1.50}}'], [told(words)]]);
		expect([...(await storedRecords(pipe.client)).organizations.keys()]).toEqual(["Acme"]);
	});

	test("ends the command with 6, behind the state before it, and shows nothing of it", async () => {
		const pipe = await aPipe(zendeskMap);
		const line = '{"type":"RECORD","stream":"users","record":{"email":"secret@exam';
		const ended = await pipe.run(inputOf([organization, state, "", line, organization]));
		expect(ended).toMatchObject({
			code: 6,
			stdout: '{"bookmarks":{"organizations":1.50}}\n',
			stderr: `muster: ${told("it is no JSON")}\n`,
		});
		expect([...(await storedRecords(pipe.client)).organizations.keys()]).toEqual(["Acme"]);
	});
});

test("a record that is refused is told by line, stream and column, and holds up no other and no state", async () => {
	const pipe = await aPipe(zendeskMap);
	const users = [
		{ email: "ann@example.com", phone: "call me", organization_id: 17 },
		{ email: "bob@example.com" },
	];
	const lines = users.map((record) => JSON.stringify({ type: "record", stream: "users", record }));
	const { code, stdout, stderr } = await pipe.run(
		inputOf([...lines, '{"type":"STATE","value":7}', '{"type":"NEWS"}']),
	);
	expect([code, stdout]).toEqual([3, "7\n"]);
	expect(stderr).toContain("muster: line 1, a record of users, failed: Invalid detail field value (phone)\n");
	expect(stderr).toContain(
		"2 records, 1 failed, 0 of other streams, 1 without an organization that is not here.",
	);
	expect(stderr).not.toContain("ann@");
	expect([...(await storedRecords(pipe.client)).customers.keys()]).toEqual(["bob@example.com"]);
});

test.each(["mark", "delete"])(
	"records that a new version of a stream has no more are gone, where the mapping says %s, and those of others stay",
	async (gone) => {
		const pipe = await aPipe(
			salesforceMap.replace("    records: customers", `    records: customers\n    gone: ${gone}`),
		);
		const contact = (number: number, version: number, stream = "Contact") =>
			JSON.stringify({
				type: "RECORD",
				stream,
				record: { Email: `c${number}@example.org`, LastName: `C ${number}`, Name: `A ${number}` },
				version,
			});
		const activate = (version: number) =>
			`{"type":"ACTIVATE_VERSION","stream":"Contact","version":${version}}`;
		await pipe.client.waitForTask(
			(await pipe.client.submit("customer", [{ email: "own@example.org" }])).taskId,
		);
		const first = await pipe.run(
			inputOf([activate(1), contact(1, 1), contact(2, 1), contact(3, 1, "Account"), activate(1)]),
		);
		expect(first.stderr).not.toContain("no longer has");
		// The third comes late in the new reading, and the state is told when the others are gone.
		const second = await pipe.run(
			inputOf([contact(2, 2), contact(4, 2), '{"type":"STATE","value":1}', activate(2), contact(5, 2)]),
		);
		expect([second.code, second.stdout]).toEqual([0, "1\n"]);
		const verb = gone === "mark" ? "marked" : "deleted";
		expect(second.stderr).toContain(`Records of "Contact" that the tap no longer has: 1 ${verb}.`);
		const { customers, organizations } = await storedRecords(pipe.client);
		expect(
			[...customers.values()].map(({ key, details }) => [key, details["contact-status"]]).toSorted(),
		).toEqual([
			...(gone === "mark" ? [["c1@example.org", "gone"]] : []),
			["c2@example.org", "active"],
			["c4@example.org", "active"],
			["c5@example.org", "active"],
			["own@example.org", undefined],
		]);
		expect([...organizations.keys()]).toEqual(["A 3"]);
		// Who comes again is active again, and the same version again takes nobody.
		const third = await pipe.run(inputOf([contact(1, 2), activate(2)]));
		expect(third.stderr).not.toContain("no longer has");
		expect((await storedRecords(pipe.client)).customers.get("c1@example.org")?.details).toEqual({
			"contact-version": "2",
			"contact-status": "active",
		});
	},
);

test("what is null is cleared, what is not there stays, and nothing is deleted by a new version", async () => {
	const pipe = await aPipe(zendeskMap);
	const user = (record: object) => JSON.stringify({ type: "RECORD", stream: "users", record, version: 1 });
	await pipe.run(inputOf([user({ email: "ann@example.com", phone: "+1 555 1000", active: true })]));
	const { stderr } = await pipe.run(
		inputOf([
			user({ email: "ann@example.com", phone: null }),
			'{"type":"ACTIVATE_VERSION","stream":"users","version":2}',
		]),
	);
	expect(stderr).toContain('Records of "users" that the tap no longer has are kept');
	const { customers } = await storedRecords(pipe.client);
	expect(customers.get("ann@example.com")?.details).toEqual({ active: true });
});

test.each([
	["a: 1", "it has no `streams`. `muster target-singer --help` has an example."],
	[
		"streams: { users: { records: people } }",
		'stream "users": `records` is "people"; customers or organizations is expected.',
	],
	[
		"streams: { users: { records: customers, columns: { name: displayName } } }",
		'stream "users": no column holds the email of the customers.',
	],
	[
		"streams: { a: { records: organizations, gone: erase, columns: { name: name } } }",
		'stream "a": `gone` is "erase"; mark, delete or leave is expected.',
	],
	[
		"streams: { a: { records: organizations, columns: { name: name, id: { organizationBy: X } } } }",
		'stream "a": `organizationBy` is for customers.',
	],
])("the mapping %j is refused in plain words", async (map, words) => {
	const pipe = await aPipe(map);
	await expect(pipe.take("")).rejects.toThrow(`map.yaml: ${words}`);
});

test("a mapping that is refused ends the command with the code of wrong usage", async () => {
	const { code, stderr } = await (await aPipe("a: 1")).run("");
	expect([code, stderr]).toEqual([
		2,
		expect.stringContaining("muster: the mapping map.yaml: it has no `streams`."),
	]);
});
