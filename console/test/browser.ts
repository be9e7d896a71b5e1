import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, inject, type TestAPI, test } from "vitest";
import { startMuster, type TestMuster, type TestSite } from "../../server/test/muster.ts";

/** A test that drives a browser; skipped where there is none. */
export const browserTest: TestAPI | ReturnType<TestAPI["skipIf"]> = test.skipIf(inject("chromium") === null);

/** A browser and a real server with its worker, for one file of tests. */
export interface World {
	readonly muster: TestMuster;
	/**
	 * A window on this server, where nobody is signed in. All are of one browser profile, so that the scripts are read once.
	 * The one before is closed: what it went on asking for and drawing would take from this one.
	 */
	open(path?: string): Promise<Window>;
	/** The same, signed in with a token. */
	openSignedIn(site: TestSite, path?: string, options?: { readonly token?: string }): Promise<Window>;
}

export interface Window {
	readonly page: Page;
	/** What no page of the console may do; empty while all is well. */
	readonly breaches: readonly string[];
}

/** Sets up what the tests of one file share. */
export function aWorld(): World {
	let browser: Browser | undefined;
	let profile: BrowserContext | undefined;
	let muster: TestMuster | undefined;
	const has = inject("chromium");
	beforeAll(async () => {
		if (has === null) return;
		muster = await startMuster({ workerStarted: true, ownUrl: true });
		browser = await chromium.launch({
			executablePath: has,
			args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
		});
		profile = await browser.newContext({
			viewport: { width: 1280, height: 900 },
			// Without a graphics card, each step of what moves is drawn by the cores that all else needs.
			reducedMotion: "reduce",
		});
		profile.setDefaultTimeout(10_000);
	});
	afterAll(async () => {
		await browser?.close();
		await muster?.close();
	});
	const world: World = {
		get muster() {
			if (muster === undefined) throw new Error("the server runs only while tests do");
			return muster;
		},
		async open(path = "/") {
			if (profile === undefined) throw new Error("the browser runs only while tests do");
			for (const former of profile.pages()) await former.close();
			await profile.clearCookies();
			const page = await profile.newPage();
			const breaches = watch(page, world.muster.url);
			await page.goto(`${world.muster.url}${path}`);
			return { page, breaches };
		},
		async openSignedIn(site, path = "/", { token = site.token } = {}) {
			const { body } = await site.post("session/link", undefined, { token });
			const key = new URL(body.url).hash;
			const window = await world.open(`/sign-in?next=${encodeURIComponent(path)}${key}`);
			await window.page.waitForURL((url) => url.pathname !== "/sign-in");
			return window;
		},
	};
	return world;
}

/** Notes what no page of the console may do: say an error, ask another host, or try what its policy refuses. */
function watch(page: Page, home: string): string[] {
	const breaches: string[] = [];
	page.on("console", (message) => {
		// A status that the page expects and shows is none.
		if (message.type() !== "error" || message.text().startsWith("Failed to load resource")) return;
		breaches.push(`console: ${message.text()}`);
	});
	page.on("pageerror", (error) => breaches.push(`thrown: ${error.message}`));
	page.on("request", (request) => {
		const url = new URL(request.url());
		if (url.origin !== home && !["data:", "blob:"].includes(url.protocol))
			breaches.push(`another host: ${url}`);
	});
	return breaches;
}

/** Resolves when the page has drawn what it was told last: no color is on its way to another. */
export async function settled(page: Page): Promise<void> {
	await page.evaluate(
		() =>
			new Promise<void>((resolve) => {
				const look = (): void => {
					const isMoving = document.getAnimations().some(({ playState }) => playState === "running");
					if (isMoving) requestAnimationFrame(look);
					else resolve();
				};
				// A change of scheme is noticed in one frame, and drawn in the next.
				requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(look)));
			}),
	);
}
