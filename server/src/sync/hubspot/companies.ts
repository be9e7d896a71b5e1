import type { BulkResult } from "@muster/client";
import type { HubSpotRecord } from "./api.ts";
import { countResult, type Place, recordName, runBulk, type SyncContext, tellLeftOut } from "./context.ts";
import { detailsOf, namesOf, type SyncItem } from "./item.ts";
import type { KnownRecord } from "./known.ts";
import { markMerged } from "./mark-gone.ts";

interface Row {
	readonly item: SyncItem;
	readonly hubspotId: string;
	/** Names that are still to be tried, the present one first. */
	readonly names: readonly string[];
}

/** Rounds of a page: each name may be tried, and then be found to be the company's own. */
const roundsMax = 8;
/** Companies whose organizations are kept in mind: about 20 MB. */
const idsMax = 200_000;

/** Companies become organizations. */
export class Companies {
	readonly #context: SyncContext;
	/** Ids of organizations by those of their companies. */
	readonly #ids: Map<string, string> = new Map();

	constructor(context: SyncContext) {
		this.#context = context;
	}

	/**
	 * Names of companies are not unique, and those of organizations are: so a company that is not known is created, and where
	 * its name is taken by another company's organization, it gets its domain behind it. An organization of that name which is
	 * no company's becomes this one's.
	 */
	async write(records: readonly HubSpotRecord[], { name, mayBeKnown }: Place): Promise<void> {
		const context = this.#context;
		const known: ReadonlyMap<string, KnownRecord> = mayBeKnown
			? await context.known.findOrInherit("organization", records, namesOf)
			: new Map();
		let rows = records.flatMap((record) => this.#rowOf(record, known.get(record.id)?.id));
		const adopted = new Set<string>();
		for (let round = 0; rows.length > 0; round += 1) {
			const again: Row[] = [];
			const results = runBulk(context, "organization.profile", rows, `${name} ${round}`, ({ item }) => item);
			for await (const result of results) {
				const next = round < roundsMax ? await this.#nextTry(result, adopted) : null;
				if (next === null) this.#end(result);
				else again.push(next);
			}
			rows = again;
		}
		if (mayBeKnown) await markMerged(context, "companies", records, known, name);
	}

	/** Organizations of companies, as far as they are here. */
	async idsOf(companyIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
		const missing = [...new Set(companyIds)].filter((id) => !this.#ids.has(id));
		const found = await this.#context.known.find("organization", missing);
		for (const [hubspotId, { id }] of found) this.#note(hubspotId, id);
		return this.#ids;
	}

	#rowOf(record: HubSpotRecord, id: string | undefined): Row[] {
		const [name, ...others] = namesOf(record);
		if (name === undefined) {
			this.#context.tally.add("withoutKey");
			return [];
		}
		const { details, leftOut } = detailsOf(record, this.#context.fields.companies);
		tellLeftOut(this.#context, recordName("companies", record.id), leftOut);
		const item: SyncItem = {
			clientRef: record.id,
			...(id === undefined ? { operationType: "CREATE" } : { id }),
			name,
			details,
			sourceUpdatedAt: record.updatedAt,
		};
		return [{ item, hubspotId: record.id, names: [name, ...others] }];
	}

	/** @returns null where the result stands */
	async #nextTry({ row, outcome, id, errors }: BulkResult<Row>, adopted: Set<string>): Promise<Row | null> {
		const code = outcome === "failed" ? errors?.[0]?.code : undefined;
		if (code !== "already_exists" && code !== "identity_conflict") return null;
		if (code === "already_exists" && id !== undefined && !adopted.has(id)) {
			const owner = await this.#context.known.ownerOf(id);
			if (owner === null || owner === row.hubspotId) {
				adopted.add(id);
				const { operationType: _, ...item } = row.item;
				return { ...row, item: { ...item, id } };
			}
		}
		const [, name, ...others] = row.names;
		return name === undefined ? null : { ...row, names: [name, ...others], item: { ...row.item, name } };
	}

	#end(result: BulkResult<Row>): void {
		countResult(this.#context, "companies", "organization", result);
		if (result.outcome !== "failed" && result.id !== undefined) this.#note(result.row.hubspotId, result.id);
	}

	#note(hubspotId: string, id: string): void {
		if (this.#ids.size >= idsMax) this.#ids.clear();
		this.#ids.set(hubspotId, id);
	}
}
