import { beforeAll, describe, expect, inject } from "vitest";
import { aFullSite, type FullSite, screensOf } from "./a-full-site.ts";
import { findingsOf } from "./axe.ts";
import { aWorld, browserTest, settled, type Window } from "./browser.ts";

const world = aWorld();
let full: FullSite;
/** One window for all screens: its scripts are there by the second, and nobody signs in anew. */
let shared: Window;
beforeAll(async () => {
	if (inject("chromium") === null) return;
	full = await aFullSite(world.muster);
	shared = await world.openSignedIn(full.site, "/");
});

const nobody = {
	site: { siteId: "" },
	taskId: "T",
	customerId: "C",
	organizationId: "O",
	webhookId: "W",
} as unknown as FullSite;
const names = screensOf(nobody).map(({ name }) => name);

describe.each(names)("the screen %s", (name) => {
	const screen = () => screensOf(full).find((each) => each.name === name) ?? { name, path: "/", text: "" };

	browserTest(
		"keeps nobody out: no finding of axe, in light and dark, on a desktop and a phone",
		async () => {
			const { path, text } = screen();
			const { page, breaches } = shared;
			const before = breaches.length;
			const findings: string[] = [];
			await page.setViewportSize({ width: 1280, height: 800 });
			await page.emulateMedia({ colorScheme: "light" });
			await page.goto(`${world.muster.url}${path}`);
			await page.getByText(text).first().waitFor();
			for (const [width, colorScheme, what] of [
				[1280, "light", "all"],
				[1280, "dark", "colors"],
				[320, "light", "all"],
			] as const) {
				await page.setViewportSize({ width, height: 800 });
				await page.emulateMedia({ colorScheme });
				await settled(page);
				findings.push(
					...(await findingsOf(page, what)).map((finding) => `${width} ${colorScheme}: ${finding}`),
				);
			}
			expect(findings).toEqual([]);
			// WCAG 2.2, 1.4.10: nothing but tables and code scrolls sideways.
			const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
			expect(overflow).toBeLessThanOrEqual(0);
			expect(breaches.slice(before)).toEqual([]);
		},
	);
});

browserTest("the first page asks for less than 250 KB of script, compressed", async () => {
	const { page } = await world.openSignedIn(full.site, "/");
	await page.getByText("What fails most").waitFor();
	const sizes = await page.evaluate(() =>
		(performance.getEntriesByType("resource") as PerformanceResourceTiming[])
			.filter(({ name }) => name.endsWith(".js"))
			.map(({ name, encodedBodySize }) => ({ name: name.replace(/^.*\//, ""), encodedBodySize })),
	);
	expect(sizes.length).toBeGreaterThan(1);
	expect(sizes.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0)).toBeLessThan(250 * 1_024);
});
