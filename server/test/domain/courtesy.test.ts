import { beforeEach, describe, expect, test } from "vitest";
import { Courtesy } from "../../src/domain/courtesy.ts";

let now = 0;
let courtesy: Courtesy;
beforeEach(() => {
	now = 0;
	courtesy = new Courtesy(() => now);
});

/** Whether a piece of work of the site may begin at once: nothing but what is ready by now is awaited. */
async function mayBegin(siteId: string): Promise<boolean> {
	let mayBegin = false;
	courtesy.giveWay(siteId).then(() => {
		mayBegin = true;
	});
	await new Promise(process.nextTick);
	return mayBegin;
}

describe("a busy site", () => {
	test("begins nothing while a quiet one has something under way, and goes on when that has ended", async () => {
		courtesy.tellBusy("busy");
		const end = courtesy.begin("quiet");
		const begun: string[] = [];
		const waiting = courtesy.giveWay("busy").then(() => begun.push("busy"));
		expect(await mayBegin("busy")).toBe(false);
		end();
		begun.push("quiet has ended");
		await waiting;
		expect(begun).toEqual(["quiet has ended", "busy"]);
		expect(await mayBegin("busy")).toBe(true);
	});

	test("waits for all that quiet ones have under way, each counted once", async () => {
		courtesy.tellBusy("busy");
		const [one, other] = [courtesy.begin("quiet"), courtesy.begin("quiet")];
		one();
		one();
		expect(await mayBegin("busy")).toBe(false);
		other();
		expect(await mayBegin("busy")).toBe(true);
	});

	test("goes on when the one that it waits for turns out to be busy", async () => {
		courtesy.tellBusy("one");
		courtesy.begin("other");
		const waiting = courtesy.giveWay("one");
		courtesy.tellBusy("other");
		await waiting;
		expect(await mayBegin("one")).toBe(true);
	});

	test("does not wait for another busy one, nor for itself", async () => {
		courtesy.tellBusy("one");
		courtesy.tellBusy("other");
		courtesy.begin("one");
		courtesy.begin("other");
		expect([await mayBegin("one"), await mayBegin("other")]).toEqual([true, true]);
	});

	test("waits 20 ms for each piece of work, and no longer for one that takes more than 50", async () => {
		courtesy.tellBusy("busy");
		courtesy.begin("quiet");
		const waiting = courtesy.giveWay("busy");
		now = 20;
		await waiting;
		expect(await mayBegin("busy")).toBe(false);
		now = 50;
		expect(await mayBegin("busy")).toBe(true);
	});

	test("is a quiet one again a second after it was last busy", async () => {
		courtesy.tellBusy("busy");
		courtesy.begin("quiet");
		now = 999;
		expect(courtesy.isBusy("busy")).toBe(true);
		now = 1_000;
		courtesy.begin("other");
		expect([courtesy.isBusy("busy"), await mayBegin("busy")]).toEqual([false, true]);
	});
});

describe("a site", () => {
	test("that is quiet waits for nobody", async () => {
		courtesy.tellBusy("busy");
		courtesy.begin("busy");
		courtesy.begin("other");
		expect(await mayBegin("quiet")).toBe(true);
	});

	test("is beside a quiet one from when that begins something until a second after that has ended", () => {
		expect(courtesy.isBesideQuiet("one")).toBe(false);
		const end = courtesy.begin("quiet");
		now = 5_000;
		expect([courtesy.isBesideQuiet("one"), courtesy.isBesideQuiet("quiet")]).toEqual([true, false]);
		end();
		now = 5_999;
		expect(courtesy.isBesideQuiet("one")).toBe(true);
		now = 6_000;
		expect(courtesy.isBesideQuiet("one")).toBe(false);
	});

	test("is not beside a quiet one where all others are busy", () => {
		courtesy.begin("busy");
		courtesy.tellBusy("busy");
		expect(courtesy.isBesideQuiet("one")).toBe(false);
	});
});
