import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { test } from "vitest";
import { aFullSite, screensOf } from "./a-full-site.ts";
import { aWorld, settled } from "./browser.ts";

// `npm run screens`: pictures of every screen, to be looked at by people.

const folder = fileURLToPath(new URL("../screens/", import.meta.url));
const world = aWorld();

test("every screen in light and dark, on a phone and a desktop", { timeout: 240_000 }, async () => {
	mkdirSync(folder, { recursive: true });
	const full = await aFullSite(world.muster, anHourOfWork);
	const { page } = await world.openSignedIn(full.site, "/tasks");
	for (const { name, path, text } of screensOf(full)) {
		await page.setViewportSize({ width: 1280, height: 800 });
		await page.goto(`${world.muster.url}${path}`);
		await page.getByText(text).first().waitFor();
		for (const [size, width, height] of [
			["desktop", 1280, 800],
			["phone", 390, 844],
		] as const) {
			for (const colorScheme of ["light", "dark"] as const) {
				await page.setViewportSize({ width, height });
				await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
				await settled(page);
				await page.screenshot({ path: `${folder}${name}-${size}-${colorScheme}.png`, type: "png" });
			}
		}
	}
	await page.setViewportSize({ width: 1280, height: 800 });
	await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
	await page.goto(`${world.muster.url}/import`);
	await page.getByLabel("File", { exact: true }).setInputFiles({
		name: "crm.csv",
		mimeType: "text/csv",
		buffer: Buffer.from(aCrmExport),
	});
	await page.getByRole("button", { name: "Check the rows" }).waitFor();
	await picture(page, "import-match");
	await page.getByRole("button", { name: "Check the rows" }).click();
	await page.getByRole("button", { name: /^Send/ }).waitFor();
	await picture(page, "import-check");
	await page.getByRole("button", { name: /^Send/ }).click();
	await page.getByRole("button", { name: "Import another file" }).waitFor();
	await picture(page, "import-result");
	const stranger = await world.open("/sign-in");
	await stranger.page.getByLabel("Token", { exact: true }).waitFor();
	await stranger.page.screenshot({ path: `${folder}sign-in-desktop-light.png` });
	const empty = await world.openSignedIn(await world.muster.aSite(), "/");
	await empty.page.getByText("ways to start").waitFor();
	await empty.page.screenshot({ path: `${folder}empty-desktop-light.png` });
});

async function picture(page: Page, name: string): Promise<void> {
	await settled(page);
	await page.screenshot({ path: `${folder}${name}-desktop-light.png` });
}

const plans = ["Gold", "Free", "Platinum"];
const aCrmExport = `E-Mail,Full Name,Company,Plan,Seats,Last contact\n${Array.from(
	{ length: 60 },
	(_, place) =>
		`client${place}@globex.example.com,Client ${place},Globex,${place % 9 === 4 ? "Platnum" : plans[place % 3]},${place % 20 === 7 ? "many" : place},2026-0${1 + (place % 9)}-1${place % 10}`,
).join("\n")}\n`;

/** Tasks that ended over the last hour, so that the chart shows what it is for. */
async function anHourOfWork(siteId: string): Promise<void> {
	await world.muster.database.inSite(siteId, (transaction) =>
		transaction.execute(
			{
				name: "make-an-hour-of-work",
				text: `insert into muster.task (site_id, operation, idempotency_key, fingerprint, dry_run, token_id, item_count,
						accepted_at, ended_at, created_count, updated_count, unchanged_count)
					select $1, 'customer.profile', 'work-' || i, '', false, token_id, 100,
						clock_timestamp() - i * interval '1 minute',
						clock_timestamp() - i * interval '1 minute' + (20 + i % 7) * interval '1 millisecond',
						(40 + 30 * sin(i / 6.0))::int, (35 + 20 * cos(i / 4.0))::int, (10 + 8 * sin(i / 3.0))::int
					from generate_series(2, 58) as i, (select token_id from muster.access_token where site_id = $1 limit 1) as token
					order by i desc`,
			},
			[siteId],
		),
	);
}
