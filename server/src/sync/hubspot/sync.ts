import type { MusterClient } from "@muster/client";
import type { DetailField, NewDetailField } from "@muster/client/contract";
import type { Tally } from "../tally.ts";
import { entityOf, type HubSpotApi, type Kind } from "./api.ts";
import type { RecordEnd, SyncContext, SyncSettings } from "./context.ts";
import { type FieldPlan, type FieldsPlan, idField, planFields } from "./fields.ts";
import { KnownRecords } from "./known.ts";
import { carryOutPass, firstStep, type Pass, type SyncState, stateAfter } from "./pass.ts";

export interface SyncOptions {
	readonly client: MusterClient;
	readonly api: HubSpotApi;
	readonly settings: SyncSettings;
	readonly tally: Tally;
	readonly runName: string;
	readonly dryRun: boolean;
	/** Everything anew, and not what was changed alone. */
	readonly full: boolean;
	/** Ends what is under way at once. */
	readonly signal: AbortSignal;
	readonly onEnd: (end: RecordEnd) => void;
	readonly onFields: (kind: Kind, plan: FieldsPlan) => void;
	/** Keeps the state; what it throws ends the run. Not called by a dry run. */
	readonly save: (state: SyncState) => Promise<void>;
}

/** A state as it was saved, or of a connector that never ran. It is of this program's own making. */
export function readState(saved: Readonly<Record<string, unknown>>): SyncState {
	return { since: null, pass: null, ...(saved as Partial<SyncState>) };
}

const kinds = ["companies", "contacts"] as const;

/** Brings what HubSpot has, or what was changed there since the last run, or the rest of a run that was interrupted. */
export async function syncHubSpot(state: SyncState, options: SyncOptions): Promise<void> {
	const { client, api, settings, dryRun } = options;
	const save = async (next: SyncState): Promise<void> => {
		if (!dryRun) await options.save(next);
	};
	const plans: Record<Kind, FieldsPlan | null> = { companies: null, contacts: null };
	let isFirst = true;
	let date: string | null = null;
	for (const kind of kinds) {
		const existing = await client.detailFields(entityOf[kind]);
		const found = await api.properties(kind);
		date ??= found.date;
		plans[kind] = planFields(kind, found.properties, settings.properties[kind], existing);
		if (existing.some(({ name }) => name === idField)) isFirst = false;
		options.onFields(kind, plans[kind]);
	}
	const pass = passOf(state, options, { date, isFirst });
	// Before a field is made, because fields are what tells a first run.
	await save({ ...state, pass });
	for (const kind of kinds) if (!dryRun) await makeFields(options, kind, plans[kind]);
	const context: SyncContext = {
		...options,
		known: await KnownRecords.of(client),
		fields: { companies: fieldsOf(plans.companies, dryRun), contacts: fieldsOf(plans.contacts, dryRun) },
	};
	await carryOutPass(context, pass, (next) => save({ ...state, pass: next }));
	await save(stateAfter(pass));
}

function passOf(
	{ since, pass }: SyncState,
	{ full }: SyncOptions,
	begin: { readonly date: string | null; readonly isFirst: boolean },
): Pass {
	if (pass !== null && !(full && pass.since !== null)) return pass;
	return {
		since: full || begin.isFirst ? null : since,
		// Every answer over HTTP has a date (RFC 9110, 6.6.1).
		startedAt: new Date(begin.date ?? 0).toISOString(),
		isFirst: begin.isFirst,
		step: firstStep,
		after: null,
		aside: [],
	};
}

/** In a dry run, fields that are not there are not made: values of them are texts, and options that are not there are none. */
function fieldsOf(plan: FieldsPlan | null, dryRun: boolean): readonly FieldPlan[] {
	const { fields = [], missing = [], extended = new Map() } = plan ?? {};
	if (!dryRun) return fields;
	const isMissing = ({ field }: FieldPlan): boolean => missing.some(({ name }) => name === field);
	return fields
		.filter(({ field }) => !extended.has(field))
		.map((each) => (isMissing(each) ? { ...each, type: "TEXT" } : each));
}

/** Most fields of one request (reference). */
const fieldsMax = 50;

async function makeFields(
	{ client, signal }: SyncOptions,
	kind: Kind,
	plan: FieldsPlan | null,
): Promise<void> {
	const entity = entityOf[kind];
	const missing = plan?.missing ?? [];
	for (let start = 0; start < missing.length; start += fieldsMax) {
		const part: readonly NewDetailField[] = missing.slice(start, start + fieldsMax);
		const { taskId } = await client.submit(`${entity}.definitions`, part, { signal });
		await client.waitForTask(taskId, { signal });
	}
	for (const [field, options] of plan?.extended ?? []) {
		await client.changeDetailField(entity, field, { options: [...options] } satisfies FieldOptions, {
			signal,
		});
	}
}

type FieldOptions = { readonly options: DetailField["type"]["options"] };
