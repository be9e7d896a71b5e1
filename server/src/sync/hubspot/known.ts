import type { MusterClient } from "@muster/client";
import type { Entity } from "@muster/client/contract";
import { keyOfName } from "@muster/client/import";
import type { HubSpotRecord } from "./api.ts";
import { idField, statusField } from "./fields.ts";
import { mergedIdsOf } from "./item.ts";

/** A record of the service that a record of HubSpot's became. */
export interface KnownRecord {
	readonly id: string;
	/** Its email or name. */
	readonly key: string;
	readonly hubspotId: string;
	readonly status: string;
}

type OwnFields = Readonly<Record<Entity, { readonly id: string; readonly status: string } | null>>;

/** Most values of one search. */
const valuesMax = 100;

/** Finds what records of HubSpot's became, by the detail that holds their id there. */
export class KnownRecords {
	readonly #client: MusterClient;
	/** Ids of the two detail fields; null where the site has none yet, as in a first dry run. */
	readonly #fields: OwnFields;

	static async of(client: MusterClient): Promise<KnownRecords> {
		const fieldsOf = async (entity: Entity) => {
			const fields = await client.detailFields(entity);
			const [id, status] = [idField, statusField].map(
				(name) => fields.find((field) => field.name === name)?.id,
			);
			return id === undefined || status === undefined ? null : { id, status };
		};
		return new KnownRecords(client, {
			customer: await fieldsOf("customer"),
			organization: await fieldsOf("organization"),
		});
	}

	private constructor(client: MusterClient, fields: OwnFields) {
		this.#client = client;
		this.#fields = fields;
	}

	/** Records by the ids that they have in HubSpot. */
	async find(entity: Entity, hubspotIds: readonly string[]): Promise<ReadonlyMap<string, KnownRecord>> {
		const found = new Map<string, KnownRecord>();
		if (this.#fields[entity] === null) return found;
		for (let start = 0; start < hubspotIds.length; start += valuesMax) {
			const values = hubspotIds.slice(start, start + valuesMax);
			const profiles =
				entity === "customer"
					? this.#client.findByDetail("customer", idField, values)
					: this.#client.findByDetail("organization", idField, values);
			for await (const profile of profiles) {
				const [id, key] =
					"customerId" in profile ? [profile.customerId, profile.email] : [profile.id, profile.name];
				const known = this.#read(entity, { id, key }, profile.details);
				// Of two, the elder: the other one was given the same id by hand.
				if (known !== null && !found.has(known.hubspotId)) found.set(known.hubspotId, known);
			}
		}
		return found;
	}

	/**
	 * Records that go on as those of HubSpot, by its ids: what they became themselves, or what one of those became that were
	 * merged into them. Merging makes a new record in HubSpot, with an id of its own:
	 * https://developers.hubspot.com/changelog/updated-merge-functionality-for-contacts-and-companies
	 * @param keysOf emails or names that a record may have here
	 */
	async findOrInherit(
		entity: Entity,
		records: readonly HubSpotRecord[],
		keysOf: (record: HubSpotRecord) => readonly string[],
	): Promise<ReadonlyMap<string, KnownRecord>> {
		const found = await this.find(
			entity,
			records.flatMap((record) => [record.id, ...mergedIdsOf(record)]),
		);
		const going = records.map((record) => {
			const merged = mergedIdsOf(record).flatMap((id) => found.get(id) ?? []);
			const keys = keysOf(record).map(keyOfName);
			const heir =
				merged.find(({ key }) => keys.includes(keyOfName(key))) ??
				merged.find(({ status }) => status !== "merged");
			return [record.id, found.get(record.id) ?? heir] as const;
		});
		return new Map(going.flatMap(([id, known]) => (known === undefined ? [] : [[id, known]])));
	}

	/** Whose record of HubSpot's an organization is; null where it is none. */
	async ownerOf(organizationId: string): Promise<string | null> {
		const { name, details } = await this.#client.getProfile("organization", organizationId);
		return this.#read("organization", { id: organizationId, key: name }, details)?.hubspotId ?? null;
	}

	#read(
		entity: Entity,
		record: { readonly id: string; readonly key: string },
		details: Readonly<Record<string, unknown>>,
	): KnownRecord | null {
		const fields = this.#fields[entity];
		const hubspotId = fields === null ? undefined : details[fields.id];
		if (fields === null || hubspotId === undefined) return null;
		return { ...record, hubspotId: String(hubspotId), status: String(details[fields.status] ?? "") };
	}
}
