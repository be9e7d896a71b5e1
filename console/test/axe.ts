import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/**
 * What axe finds that is serious or critical, in words. Its script is put in by the browser's own tools, past the page's policy.
 * @param what "colors" for a page that was looked at in another scheme: it differs by nothing else
 */
export async function findingsOf(page: Page, what: "all" | "colors" = "all"): Promise<string[]> {
	if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe);
	return page.evaluate(async (sought) => {
		interface Axe {
			run(options: object): Promise<{ violations: readonly Violation[] }>;
		}
		interface Violation {
			readonly id: string;
			readonly impact: string | null;
			readonly nodes: readonly { readonly target: readonly unknown[]; readonly failureSummary?: string }[];
		}
		const { axe: runner } = window as unknown as { axe: Axe };
		const { violations } = await runner.run({
			runOnly:
				sought === "colors" ? ["color-contrast"] : ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
			resultTypes: ["violations"],
			// Style sheets and sounds, fetched again for rules that are not among these or about what no page has.
			preload: false,
		});
		return violations
			.filter(({ impact }) => impact === "serious" || impact === "critical")
			.flatMap(({ id, nodes }) =>
				nodes
					.slice(0, 3)
					.map(({ target, failureSummary }) => `${id} at ${target.join(" ")}: ${failureSummary}`),
			);
	}, what);
}
