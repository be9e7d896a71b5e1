import type { Chance } from "./chance.ts";

/** One item, as far as a model has to know it. */
export interface SentItem {
	readonly entity: "customer" | "organization";
	/** EDIT: details alone, of a record that is there. */
	readonly verb: "CREATE" | "UPDATE" | "UPSERT" | "EDIT";
	/** Email or name. */
	readonly address: string;
	readonly displayName?: string;
	/** Detail field to its new value; null clears it. */
	readonly details: Readonly<Record<string, string | null>>;
	/** Names of the organizations that a customer is to be associated with. */
	readonly links: readonly string[];
}

export interface Submission {
	readonly key: string;
	/** After the base of the API. */
	readonly path: string;
	/** As contract/operations.ts names it. */
	readonly operation: string;
	readonly dryRun: boolean;
	readonly items: readonly SentItem[];
	readonly body: string;
}

/** Few, so that every client names them all the time. */
const customersShared = 24;
const organizationsShared = 8;
const itemsMax = 6;

/** A client's submissions: about records that all clients name, and new ones of its own. */
export class Submissions {
	readonly #chance: Chance;
	readonly #client: string;
	#count = 0;

	constructor(chance: Chance, client: string) {
		this.#chance = chance;
		this.#client = client;
	}

	next(): Submission {
		this.#count += 1;
		const key = `${this.#client}-${this.#count}`;
		const dryRun = this.#chance.happens(0.05);
		const count = dryRun ? 1 : 1 + this.#chance.below(itemsMax);
		const make = this.#chance.happens(plainShare) ? plainMaker : this.#chance.pick(makers);
		const { operation, path, list, itemOf } = make;
		const items = Array.from({ length: count }, (_, index) => itemOf(this.#chance, `${key}.${index}`));
		const body = JSON.stringify({ [list]: items.map(wireOf) });
		return { key, path: dryRun ? `${path}?dryRun=true` : path, operation, dryRun, items, body };
	}
}

interface Maker {
	readonly operation: string;
	readonly path: string;
	readonly list: "customers" | "organizations";
	/** @param serial no other item has it */
	itemOf(chance: Chance, serial: string): SentItem;
}

/** How many submissions are such as most of a sync are: the database applies them alone, where no two items name one customer. */
const plainShare = 0.5;

const plainMaker: Maker = {
	operation: "customer.profile",
	path: "customer/profile/bulk",
	list: "customers",
	itemOf: profileItem,
};

const makers: readonly Maker[] = [
	{
		operation: "customer",
		path: "customer/bulk",
		list: "customers",
		itemOf: (chance, serial) => ({
			entity: "customer",
			verb: chance.pick(["CREATE", "UPDATE", "UPSERT"]),
			address: customer(chance, serial),
			displayName: `Customer ${serial}`,
			details: {},
			links: [],
		}),
	},
	{
		operation: "customer.profile",
		path: "customer/profile/bulk",
		list: "customers",
		itemOf: (chance, serial) => ({
			...profileItem(chance, serial),
			links: chance.happens(0.5) ? [organization(chance, serial)] : [],
		}),
	},
	{
		operation: "customer.details",
		path: "customer/details/bulk",
		list: "customers",
		itemOf: (chance, serial) => ({
			entity: "customer",
			verb: "EDIT",
			address: customer(chance, serial),
			details: { tier: `Tier ${chance.below(3)}`, note: chance.happens(0.3) ? null : `Note ${serial}` },
			links: [],
		}),
	},
	{
		operation: "organization.profile",
		path: "organization/profile/bulk",
		list: "organizations",
		itemOf: (chance, serial) => ({
			entity: "organization",
			verb: "UPSERT",
			address: organization(chance, serial),
			details: { industry: `Industry ${serial}` },
			links: [],
		}),
	},
];

function profileItem(chance: Chance, serial: string): SentItem {
	return {
		entity: "customer",
		verb: "UPSERT",
		address: customer(chance, serial),
		displayName: `Customer ${serial}`,
		details: { tier: `Tier ${chance.below(3)}`, note: `Note ${serial}` },
		links: [],
	};
}

/** The address of a customer that every client names. */
export function sharedCustomer(chance: Chance): string {
	return `shared-${chance.below(customersShared)}@crash.test`;
}

function customer(chance: Chance, serial: string): string {
	return chance.happens(0.25) ? `new-${serial}@crash.test` : sharedCustomer(chance);
}

function organization(chance: Chance, serial: string): string {
	return chance.happens(0.1)
		? `New organization ${serial}`
		: `Organization ${chance.below(organizationsShared)}`;
}

/** As it stands in a request. */
function wireOf(item: SentItem): object {
	const named = item.entity === "customer" ? { email: item.address } : { name: item.address };
	switch (item.verb) {
		case "EDIT":
			return {
				...named,
				details: Object.entries(item.details).map(([fieldId, value]) =>
					value === null ? { fieldId, operation: "DELETE" } : { fieldId, operation: "UPDATE", value },
				),
			};
		case "CREATE":
		case "UPDATE":
			return { operationType: item.verb, payload: { ...named, displayName: item.displayName } };
		case "UPSERT":
			return {
				...named,
				...(item.displayName === undefined ? {} : { displayName: item.displayName }),
				...(Object.keys(item.details).length > 0 ? { details: item.details } : {}),
				...(item.links.length > 0 ? { organizations: item.links } : {}),
			};
	}
}
