import { beforeAll, describe, expect, inject } from "vitest";
import { aFullSite, type FullSite, screensOf } from "./a-full-site.ts";
import { findingsOf } from "./axe.ts";
import { aWorld, browserTest, settled } from "./browser.ts";

const world = aWorld();
let full: FullSite;
beforeAll(async () => {
	if (inject("chromium") !== null) full = await aFullSite(world.muster);
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
			const { page, breaches } = await world.openSignedIn(full.site, path, { colorScheme: "light" });
			const findings: string[] = [];
			await page.getByText(text).first().waitFor();
			for (const [width, colorScheme] of [
				[1280, "light"],
				[1280, "dark"],
				[320, "light"],
			] as const) {
				await page.setViewportSize({ width, height: 800 });
				await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
				await settled(page);
				findings.push(...(await findingsOf(page)).map((finding) => `${width} ${colorScheme}: ${finding}`));
			}
			expect(findings).toEqual([]);
			// WCAG 2.2, 1.4.10: nothing but tables and code scrolls sideways.
			const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
			expect(overflow).toBeLessThanOrEqual(0);
			expect(breaches).toEqual([]);
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
