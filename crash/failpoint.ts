import { createInterface } from "node:readline";
import pg from "pg";
import { type Doom, doomVariable, type Point } from "./points.ts";

// Loaded ahead of the program (`node --import`), and only by the crash harness: the program knows nothing of it. Every
// statement goes by here, so a process can be ended between any two of them.

type Query = (this: pg.Client, config: unknown, ...rest: unknown[]) => Promise<unknown> | undefined;

/** What each connection has said since its transaction began. */
const said = new WeakMap<pg.Client, string[]>();

let doom: Doom | null = read(process.env[doomVariable]);
let met = 0;
listen();

// pg declares many ways to call it; all of them take the statement first.
const query = pg.Client.prototype.query as unknown as Query;
Object.defineProperty(pg.Client.prototype, "query", { value: queryUnlessDoomed });

function queryUnlessDoomed(this: pg.Client, config: unknown, ...rest: unknown[]): ReturnType<Query> {
	const words = wordsOf(config);
	const before = words.startsWith("begin") ? [] : (said.get(this) ?? []);
	said.set(this, [...before, words]);
	const moment = momentOf(words, before);
	if (moment === "before") meet();
	const answer = query.call(this, config, ...rest);
	if (moment === "sent") meet();
	// Ahead of whoever waits for the answer, because this is the first to be told.
	if (moment === "answered") answer?.then(meet, () => undefined);
	return answer;
}

function momentOf(words: string, before: readonly string[]): Point["moment"] | null {
	if (doom === null || !words.startsWith(doom.point.statement)) return null;
	const { in: inside } = doom.point;
	const isInside = inside === undefined || before.some((earlier) => earlier.includes(inside));
	return isInside ? doom.point.moment : null;
}

function meet(): void {
	if (doom === null) return; // it was called off while the answer was on its way
	met += 1;
	if (met < doom.nth) return;
	const { signal } = doom;
	doom = null;
	process.kill(process.pid, signal);
}

function wordsOf(config: unknown): string {
	if (typeof config === "string") return config.trim();
	const { name, text } = config as { name?: string; text?: string }; // one of pg's two forms of a statement
	return name ?? text?.trim() ?? "";
}

/** One doom a line of standard input, the last of which counts; and none of the harness's processes outlives it. */
function listen(): void {
	createInterface({ input: process.stdin })
		.on("line", (line) => {
			doom = read(line);
			met = 0;
		})
		.on("close", () => process.kill(process.pid, "SIGKILL"));
	// A pipe of the harness; it must not keep a program running that has ended.
	(process.stdin as unknown as { unref(): void }).unref();
}

/** Written by the harness. */
function read(text: string | undefined): Doom | null {
	return text === undefined ? null : (JSON.parse(text) as Doom | null);
}
