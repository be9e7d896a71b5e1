import type { HubSpotRecord, Kind, RecordPage } from "./api.ts";
import { Companies } from "./companies.ts";
import { Contacts } from "./contacts.ts";
import type { SyncContext } from "./context.ts";
import { markGone } from "./mark-gone.ts";

/** In their order: contacts are associated with companies, and what is gone is marked when all else has come. */
const steps = ["companies", "contacts", "aside", "archived-companies", "archived-contacts"] as const;
type Step = (typeof steps)[number];

/** One way through what HubSpot has. It is all that is needed to go on after a crash. */
export interface Pass {
	/** Only what was changed since that moment; null: everything. ISO 8601. */
	readonly since: string | null;
	/** When it began, by HubSpot's clock. ISO 8601. */
	readonly startedAt: string;
	/** Whether nothing of HubSpot's was here when it began, so that nothing need be looked for. */
	readonly isFirst: boolean;
	readonly step: Step;
	/** Where the next page of the step begins; null at its beginning. */
	readonly after: string | null;
	/** Ids of contacts that are tried once more. */
	readonly aside: readonly string[];
}

/** What is kept of a connector between its runs, and during one. */
export interface SyncState {
	/** From when on changes are to be asked for; null before the first run has ended. ISO 8601. */
	readonly since: string | null;
	/** The one that is under way. */
	readonly pass: Pass | null;
}

export const firstStep: Step = steps[0];

/** How far before the begin of a run the next one looks: HubSpot's search lags behind, by a few moments as it says. */
const overlapMs = 120_000;

export function stateAfter({ startedAt }: Pass): SyncState {
	return { since: new Date(Date.parse(startedAt) - overlapMs).toISOString(), pass: null };
}

/**
 * Goes on with a pass to its end, page by page. A page's place is saved when every task of it has ended: so nothing is left
 * out, and what is sent again is sent under the keys that it had.
 * @param save keeps a pass as it is to be gone on with; what it throws ends the pass
 */
export async function carryOutPass(
	context: SyncContext,
	begun: Pass,
	save: (pass: Pass) => Promise<void>,
): Promise<void> {
	const companies = new Companies(context);
	const contacts = new Contacts(context, companies);
	let pass = begun;
	// The page before the one that was saved last may have been sent.
	let mayBeKnown = true;
	for (const step of steps.slice(steps.indexOf(pass.step))) {
		for (let isDone = isIdle(step, pass); !isDone; ) {
			const aside = [...pass.aside];
			const name = `${step} ${pass.after ?? "start"}`;
			const place = { name, mayBeKnown: mayBeKnown || !pass.isFirst };
			const { records, next } = await pageOf(context, step, pass);
			if (step === "companies") await companies.write(records, place);
			else if (step === "contacts") await contacts.write(records, place, aside);
			else if (step === "aside") await contacts.write(records, { name, mayBeKnown: true }, null);
			else await markGone(context, kindOf(step), records.filter(isNew(pass)).map(idOf), "archived", name);
			mayBeKnown = false;
			isDone = next === null;
			pass = { ...pass, step: isDone ? after(step) : step, after: next, aside };
			await save(pass);
		}
	}
}

/** Nothing can be archived here that never came; and mostly nothing was put aside. */
function isIdle(step: Step, pass: Pass): boolean {
	return step === "aside" ? pass.aside.length === 0 : step.startsWith("archived") && pass.isFirst;
}

function after(step: Step): Step {
	return steps[steps.indexOf(step) + 1] ?? step;
}

function kindOf(step: Step): Kind {
	return step.endsWith("companies") ? "companies" : "contacts";
}

async function pageOf({ api, fields }: SyncContext, step: Step, pass: Pass): Promise<RecordPage> {
	const kind = kindOf(step);
	const properties = [...ownProperties[kind], ...fields[kind].map(({ property }) => property)];
	const { after, since } = pass;
	if (step === "aside") return asidePage(await api.byIds(kind, properties, asideIds(pass)), pass);
	if (step.startsWith("archived")) return api.list(kind, ownProperties[kind], { after, archived: true });
	return since === null
		? api.list(kind, properties, { after })
		: api.changed(kind, properties, { since: String(Date.parse(since)), after });
}

/** What records themselves are made of, beside their details. */
const ownProperties: Readonly<Record<Kind, readonly string[]>> = {
	contacts: ["email", "firstname", "lastname", "hs_merged_object_ids"],
	companies: ["name", "domain", "hs_merged_object_ids"],
};

/** Most ids of one search. */
const asidePageMax = 100;

function asideIds({ aside, after }: Pass): readonly string[] {
	return aside.slice(Number(after ?? 0), Number(after ?? 0) + asidePageMax);
}

function asidePage(records: readonly HubSpotRecord[], { aside, after }: Pass): RecordPage {
	const next = Number(after ?? 0) + asidePageMax;
	return { records, next: next < aside.length ? String(next) : null };
}

/** Archived ones are listed for ninety days: what was archived before the last run was seen by it. */
function isNew({ since }: Pass): (record: HubSpotRecord) => boolean {
	return ({ archivedAt }) =>
		since === null || archivedAt === null || Date.parse(archivedAt) >= Date.parse(since);
}

function idOf({ id }: HubSpotRecord): string {
	return id;
}
