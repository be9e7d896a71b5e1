import { afterEach, expect, test } from "vitest";
import { Courtesy } from "../../src/domain/courtesy.ts";
import type { Database } from "../../src/store/database.ts";
import { startMuster } from "../muster.ts";

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
	for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Its clock stands still, so nobody's time is over; it tells of each that comes to wait. */
class WatchedCourtesy extends Courtesy {
	onGivingWay: (siteId: string) => void = () => undefined;

	constructor() {
		super(() => 0);
	}

	override giveWay(siteId: string): Promise<void> {
		const mayBegin = super.giveWay(siteId);
		this.onGivingWay(siteId);
		return mayBegin;
	}
}

test("while a quiet site's request is saved, those of a busy one wait at the edge, and then pass one at a time", async () => {
	const courtesy = new WatchedCourtesy();
	const saves: { readonly siteId: string; readonly submissions: number }[] = [];
	const { promise: saving, resolve: onSaving } = Promise.withResolvers<void>();
	const { promise: mayBeSaved, resolve: letBeSaved } = Promise.withResolvers<void>();
	let quietId = "";
	const muster = await startMuster({
		courtesy,
		through: (database) =>
			watchedSaves(database, async (siteId, submissions) => {
				if (siteId === quietId) {
					onSaving();
					await mayBeSaved;
				}
				saves.push({ siteId, submissions });
			}),
	});
	cleanups.push(() => muster.close());
	const [busy, quiet] = [await muster.aSite(), await muster.aSite()];
	quietId = quiet.siteId;
	courtesy.tellBusy(busy.siteId);
	const ofQuiet = quiet.post("customer/bulk", { customers: [{ email: "jane@acme.com" }] });
	await saving;
	const { promise: waiting, resolve: onWaiting } = Promise.withResolvers<void>();
	courtesy.onGivingWay = (siteId) => {
		if (siteId === busy.siteId) onWaiting();
	};
	const ofBusy = Array.from({ length: 12 }, (_, place) =>
		busy.post("customer/bulk", { customers: [{ email: `customer-${place}@acme.com` }] }),
	);
	await waiting;
	letBeSaved();
	expect((await ofQuiet).status).toBe(202);
	const answers = await Promise.all(ofBusy);
	expect(answers.map(({ status }) => status)).toEqual(ofBusy.map(() => 202));
	expect(saves[0]).toEqual({ siteId: quiet.siteId, submissions: 1 });
	expect(saves.slice(1)).toEqual(ofBusy.map(() => ({ siteId: busy.siteId, submissions: 1 })));
});

test("a request that is refused at the door, or behind it, keeps nobody waiting", async () => {
	const courtesy = new WatchedCourtesy();
	const muster = await startMuster({ courtesy });
	cleanups.push(() => muster.close());
	const busy = await muster.aSite();
	courtesy.tellBusy(busy.siteId);
	const end = courtesy.begin("a quiet site");
	const { promise: waiting, resolve: onWaiting } = Promise.withResolvers<void>();
	courtesy.onGivingWay = () => onWaiting();
	const refused = Array.from({ length: 6 }, () => busy.post("customer/bulk", { customers: [] }));
	await waiting;
	end();
	expect((await Promise.all(refused)).map(({ status }) => status)).toEqual(refused.map(() => 400));
	const next = await busy.post("customer/bulk", { customers: [{ email: "jim@acme.com" }] });
	expect(next.status).toBe(202);
});

/** Tells of each transaction that saves submissions, before it begins. */
function watchedSaves(
	database: Database,
	beforeSave: (siteId: string, submissions: number) => Promise<void>,
): Database {
	return {
		...database,
		inSite: (siteId, work, limits) =>
			database.inSite(
				siteId,
				(transaction) =>
					work({
						...transaction,
						query: async (statement, values) => {
							const [, submissions] = /^accept-tasks-(\d+)$/.exec(statement.name) ?? [];
							if (submissions !== undefined) await beforeSave(siteId, Number(submissions));
							return transaction.query(statement, values);
						},
					}),
				limits,
			),
	};
}
