import type { Reporter, SerializedError, TestModule, TestRunEndReason } from "vitest/node";

/**
 * A vitest reporter that ends a run with one plain line, alone on it: `12 passed, 0 failed`, and `, 1 skipped` where
 * there are any. `.ci/run` adds these lines up, so everything that makes vitest exit non-zero counts as a failure.
 */
export default class ClosingLine implements Reporter {
	onTestRunEnd(
		modules: readonly TestModule[],
		unhandled: readonly SerializedError[],
		reason: TestRunEndReason,
	): void {
		// The line feed in front: whatever a test wrote last may have left its line open.
		process.stdout.write(`\n${closingLine(modules, unhandled.length, reason)}\n`);
	}
}

export function closingLine(
	modules: readonly CountedModule[],
	unhandledErrors: number,
	reason: TestRunEndReason,
): string {
	const count = { passed: 0, failed: unhandledErrors, skipped: 0 };
	for (const module of modules) {
		const failedBefore = count.failed;
		for (const test of module.children.allTests()) {
			const { state } = test.result();
			// A test that never came to an end (its worker died, the run was stopped) has not passed.
			count[state === "pending" ? "failed" : state] += 1;
		}
		// A file that cannot be read, or a hook that throws, fails its module and none of its tests.
		if (module.state() === "failed" && count.failed === failedBefore) count.failed += 1;
	}
	// No test files found, or a run stopped between two files.
	if (reason !== "passed" && count.failed === 0) count.failed = 1;
	const line = `${count.passed} passed, ${count.failed} failed`;
	return count.skipped > 0 ? `${line}, ${count.skipped} skipped` : line;
}

/** What is counted of a vitest TestModule. */
export interface CountedModule {
	readonly children: { allTests(): Iterable<{ result(): { readonly state: TestState } }> };
	state(): string;
}

type TestState = "passed" | "failed" | "skipped" | "pending";
