import type { Entity } from "@muster/client/contract";
import { type HubSpotAnswer, type HubSpotConnection, HubSpotError, objectOf } from "./connection.ts";

export type Kind = "contacts" | "companies";

export const entityOf: Readonly<Record<Kind, Entity>> = { contacts: "customer", companies: "organization" };

/** A property as its account defines it. */
export interface Property {
	readonly name: string;
	readonly label: string;
	/** string, number, date, datetime, enumeration, bool, phone_number, ... */
	readonly type: string;
	/** How it is shown: text, textarea, select, radio, checkbox, booleancheckbox, phonenumber, ... */
	readonly fieldType: string;
	readonly options: readonly { readonly label: string; readonly value: string }[];
	readonly hubspotDefined: boolean;
	readonly hidden: boolean;
}

export interface HubSpotRecord {
	readonly id: string;
	readonly properties: Readonly<Record<string, string | null>>;
	/** ISO 8601, UTC. */
	readonly updatedAt: string;
	/** null where it is not archived. */
	readonly archivedAt: string | null;
}

export interface RecordPage {
	readonly records: readonly HubSpotRecord[];
	/** Where the next page begins; null where this is the last. */
	readonly next: string | null;
}

/** Records of a page: the most that a list gives, and what an operation takes. */
const pageMax = 100;

/** By which property changes are found: https://developers.hubspot.com/docs/api-reference/search/guide */
const modifiedOf: Readonly<Record<Kind, string>> = {
	contacts: "lastmodifieddate",
	companies: "hs_lastmodifieddate",
};

/** The calls of HubSpot's CRM API that a sync needs. */
export class HubSpotApi {
	readonly #connection: HubSpotConnection;
	readonly #paths: Paths;

	/** @param version of the API: a date, such as 2026-03, or v3 */
	constructor(connection: HubSpotConnection, version: string) {
		this.#connection = connection;
		this.#paths = pathsOf(version);
	}

	/** Every property of a kind, and when HubSpot says it is. */
	async properties(
		kind: Kind,
	): Promise<{ readonly properties: readonly Property[]; readonly date: string | null }> {
		const answer = await this.#connection.ask({ path: this.#paths.properties(kind) });
		const results = listOf(answer, "results");
		return { properties: results.map(readProperty), date: answer.date };
	}

	/** A page of all records, or of all that are archived, in the order of their ids. */
	async list(
		kind: Kind,
		properties: readonly string[],
		{ after, archived = false }: { readonly after: string | null; readonly archived?: boolean },
	): Promise<RecordPage> {
		const answer = await this.#connection.ask({
			path: this.#paths.objects(kind),
			query: {
				limit: String(pageMax),
				properties: properties.join(","),
				archived: String(archived),
				...(after === null ? {} : { after }),
			},
		});
		const { next } = objectOf(objectOf(answer.body).paging);
		const cursor = objectOf(next).after;
		return {
			records: listOf(answer, "results").map(readRecord),
			next: typeof cursor === "string" ? cursor : null,
		};
	}

	/**
	 * A page of the records that were changed at a moment or later. A search gives 10,000 results and no more, and pages of it
	 * shift when records change meanwhile; so each page is a search of its own, for the ids behind the last one.
	 */
	async changed(
		kind: Kind,
		properties: readonly string[],
		{ since, after }: { readonly since: string; readonly after: string | null },
	): Promise<RecordPage> {
		const changedSince = { propertyName: modifiedOf[kind], operator: "GTE", value: since };
		const behind = { propertyName: "hs_object_id", operator: "GT", value: after };
		const filters = after === null ? [changedSince] : [changedSince, behind];
		const records = await this.#search(kind, properties, filters);
		return { records, next: records.length < pageMax ? null : (records.at(-1)?.id ?? null) };
	}

	/** Records by their ids, a hundred at most; those that are gone are left out. */
	byIds(kind: Kind, properties: readonly string[], ids: readonly string[]): Promise<HubSpotRecord[]> {
		return this.#search(kind, properties, [{ propertyName: "hs_object_id", operator: "IN", values: ids }]);
	}

	/** Ids of the companies of contacts, by the contact's id. */
	async companiesOf(contactIds: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
		const found = new Map<string, string[]>();
		let inputs: { id: string; after?: string }[] = contactIds.map((id) => ({ id }));
		while (inputs.length > 0) {
			const answer = await this.#connection.ask({ path: this.#paths.associations, body: { inputs } });
			inputs = [];
			// Contacts without a company stand in `errors` and not here; that is no fault.
			for (const each of listOf(answer, "results").map(objectOf)) {
				const id = String(objectOf(each.from).id);
				const to = (Array.isArray(each.to) ? each.to : []).map((one) => String(objectOf(one).toObjectId));
				found.set(id, [...(found.get(id) ?? []), ...to]);
				const { after } = objectOf(objectOf(each.paging).next);
				if (typeof after === "string") inputs.push({ id, after });
			}
		}
		return found;
	}

	async #search(
		kind: Kind,
		properties: readonly string[],
		filters: readonly object[],
	): Promise<HubSpotRecord[]> {
		const answer = await this.#connection.ask({
			path: `${this.#paths.objects(kind)}/search`,
			body: {
				filterGroups: [{ filters }],
				sorts: [{ propertyName: "hs_object_id", direction: "ASCENDING" }],
				properties,
				limit: pageMax,
			},
			isSearch: true,
		});
		return listOf(answer, "results").map(readRecord);
	}
}

interface Paths {
	objects(kind: Kind): string;
	properties(kind: Kind): string;
	readonly associations: string;
}

/**
 * Dated versions and the numbered ones before them spell their addresses otherwise:
 * https://developers.hubspot.com/blog/a-developers-guide-to-hubspots-date-based-api-versioning
 */
function pathsOf(version: string): Paths {
	const isDated = /^\d{4}-\d{2}$/.test(version);
	return {
		objects: (kind) => (isDated ? `/crm/objects/${version}/${kind}` : `/crm/${version}/objects/${kind}`),
		properties: (kind) =>
			isDated ? `/crm/properties/${version}/${kind}` : `/crm/${version}/properties/${kind}`,
		associations: `/crm/${isDated ? `associations/${version}` : "v4/associations"}/contacts/companies/batch/read`,
	};
}

function listOf(answer: HubSpotAnswer, key: string): readonly unknown[] {
	const list = objectOf(answer.body)[key];
	if (Array.isArray(list)) return list;
	throw new HubSpotError(
		"refused",
		`HubSpot answered without \`${key}\`, which its documentation promises. Is the address that of its API?`,
	);
}

function readProperty(value: unknown): Property {
	const { name, label, type, fieldType, options, hubspotDefined, hidden } = objectOf(value);
	return {
		name: String(name),
		label: typeof label === "string" && label.trim() !== "" ? label.trim() : String(name),
		type: String(type),
		fieldType: String(fieldType),
		options: (Array.isArray(options) ? options : []).map(objectOf).map((option) => ({
			label: String(option.label),
			value: String(option.value),
		})),
		hubspotDefined: hubspotDefined === true,
		hidden: hidden === true,
	};
}

function readRecord(value: unknown): HubSpotRecord {
	const { id, properties, updatedAt, archivedAt } = objectOf(value);
	const texts = Object.entries(objectOf(properties)).map(([name, text]) => [
		name,
		text === null || text === undefined ? null : String(text),
	]);
	return {
		id: String(id),
		properties: Object.fromEntries(texts),
		updatedAt: String(updatedAt),
		archivedAt: typeof archivedAt === "string" ? archivedAt : null,
	};
}
