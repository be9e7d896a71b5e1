import { expect, test } from "vitest";
import { Emulation, type EmulationOptions, type Submission } from "../../src/domain/emulation.ts";

const rates = { "429": 0.1, "503": 0.05, lost: 0.02, slow: 0.1, failed: 0.05, stuck: 0.02 };

test("the same requests meet the same faults, in whatever order they come and whatever their keys and ids are", () => {
	const subjects = Array.from({ length: 50 }, (_, place) => `POST /customer/bulk ${place}`);
	const forwards = faultsOf(anEmulation(), "one", subjects);
	expect(faultsOf(anEmulation(), "another", subjects.toReversed())).toEqual(forwards);
	expect(new Set([...forwards.values()].flat())).toEqual(new Set(["429", "503", "lost", null]));
	expect(faultsOf(anEmulation({ seed: 8 }), "one", subjects)).not.toEqual(forwards);
	const verdicts = (prefix: string): unknown[] => {
		const emulation = anEmulation();
		return Array.from({ length: 200 }, (_, place) =>
			emulation.verdictOn("one", aTask({ taskId: `${prefix}${place}`, fingerprint: `${place % 20}` })),
		);
	};
	expect(verdicts("b")).toEqual(verdicts("a"));
	expect(new Set(verdicts("a"))).toEqual(new Set(["apply", "wait", "fail"]));
});

test("each fault comes about as often as its probability says", () => {
	const emulation = anEmulation();
	const counts: Record<string, number> = {};
	for (let count = 0; count < 10_000; count += 1) {
		const fault = emulation.answerFault("one", `GET ${count % 100}`) ?? "none";
		counts[fault] = (counts[fault] ?? 0) + 1;
	}
	const { "429": tooMany = 0, "503": down = 0, lost = 0, none = 0 } = counts;
	for (const [seen, expected] of [
		[tooMany, 1_000],
		[down, 500],
		[lost, 200],
		[none, 8_300],
	] as const) {
		expect(seen).toBeGreaterThan(expected * 0.8);
		expect(seen).toBeLessThan(expected * 1.2);
	}
});

test("a task keeps the fault that it was given at the first look", () => {
	const emulation = anEmulation({ rates: { slow: 1 } });
	const task = aTask({});
	expect([1, 2, 3].map(() => emulation.verdictOn("one", task))).toEqual(["wait", "wait", "wait"]);
	expect(emulation.verdictOn("one", { ...task, ageSeconds: 5 })).toBe("apply");
	expect(emulation.verdictOn("one", { ...task, ageSeconds: 1_800 })).toBe("time-out");
});

test("a header's fault is that of the task under its key, in its site alone", () => {
	const emulation = anEmulation({ rates: {} });
	emulation.askTaskFault("one", "key", "failed");
	expect(emulation.verdictOn("two", aTask({ taskId: "2" }))).toBe("apply");
	expect(emulation.verdictOn("one", aTask({ taskId: "3", idempotencyKey: "other" }))).toBe("apply");
	expect(emulation.verdictOn("one", aTask({ taskId: "1" }))).toBe("fail");
});

function anEmulation(options: Partial<EmulationOptions> = {}): Emulation {
	return new Emulation({ rates, seed: 7, slowSeconds: 5, timeoutSeconds: 1_800, ...options });
}

function aTask(task: Partial<Submission>): Submission {
	return {
		taskId: "1",
		operation: "customer",
		idempotencyKey: "key",
		fingerprint: "00",
		ageSeconds: 0,
		...task,
	};
}

/** What each subject meets when it is asked for three times. */
function faultsOf(emulation: Emulation, siteId: string, subjects: readonly string[]): Map<string, unknown[]> {
	const met = new Map<string, unknown[]>(subjects.map((subject) => [subject, []]));
	for (let tries = 0; tries < 3; tries += 1) {
		for (const subject of subjects) met.get(subject)?.push(emulation.answerFault(siteId, subject));
	}
	return met;
}
