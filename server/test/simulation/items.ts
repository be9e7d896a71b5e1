import type { Entity } from "@muster/client/contract";
import fc from "fast-check";
import type { Edit, Item, Submission } from "./model.ts";

/** A submission whose records are named by their places among those that its client knows of. */
export type Sketch = Omit<Submission, "items"> & { readonly items: readonly SketchedItem[] };

export type SketchedItem = Omit<Item, "id" | "links"> & {
	readonly id?: number;
	readonly links: readonly (string | number)[];
	/** Whether it is sent in the reference's shape; an operationType always is. */
	readonly payload: boolean;
};

// Few values, so that items meet each other; some of each are wrong, and some are one address in other spellings.
const addresses = {
	customer: fc.constantFrom(
		...["ann@acme.com", " Ann@ACME.com", "bob@acme.com", "BOB@acme.com", "cid@acme.com", "dan@acme.com"],
		...["invalid"],
	),
	organization: fc.constantFrom("Acme", " ACME", "Globex", "globex ", "Initech", "Hooli", " "),
};

const operation = fc.constantFrom<Edit["operation"][]>("UPDATE", "PATCH", "PATCH", "DELETE");
const tags = fc.constantFrom<Edit["value"][]>("Red", ["blue", "Green"], ["GREEN", "red"], "Blue", []);
const tier = fc.constantFrom<Edit["value"][]>("Free", "gold", ["Silver"], "");
const anyField = fc.constantFrom("Tags", "TIER", "note", "Third one", "third-one", "fourth", "Level");
const anyValue = fc.oneof(tags, tier, fc.constantFrom<Edit["value"][]>("x", 5, null));

const edit: fc.Arbitrary<Edit> = fc.oneof(
	fc.record({ field: fc.constantFrom("Tags", " tags"), operation, value: tags }),
	fc.record({ field: fc.constantFrom("Tier", "tier"), operation, value: tier }),
	fc.record({ field: anyField, operation, value: anyValue }),
);

function item(entity: Entity, scope: Submission["scope"]): fc.Arbitrary<SketchedItem> {
	const named = fc.oneof(
		{ weight: 5, arbitrary: fc.record({ address: addresses[entity] }) },
		{ weight: 3, arbitrary: fc.record({ id: fc.nat(5), address: addresses[entity] }) },
		{ weight: 2, arbitrary: fc.record({ id: fc.nat(5) }) },
		{ weight: 1, arbitrary: fc.constant({}) },
	);
	const isDetails = scope === "details";
	const flaws = ["is null", "has an unknown key", ...(isDetails ? [] : ["has an unknown operationType"])];
	const flaw = fc.constantFrom(...(flaws as NonNullable<Item["flaw"]>[]));
	const link = fc.oneof(addresses[entity === "customer" ? "organization" : "customer"], fc.nat(4));
	return fc
		.record({
			named,
			operationType: isDetails
				? fc.constant<Item["operationType"]>("UPSERT")
				: fc.constantFrom<Item["operationType"][]>("UPSERT", "UPSERT", "UPSERT", "CREATE", "UPDATE"),
			displayName:
				entity === "customer" && !isDetails
					? fc.constantFrom(undefined, "", "One", "Two")
					: fc.constant(undefined),
			edits: scope === "account" ? fc.constant([]) : fc.array(edit, { maxLength: 3 }),
			links: scope === "profile" ? fc.array(link, { maxLength: 2 }) : fc.constant([]),
			payload: fc.boolean(),
			flaw: fc.oneof({ weight: 12, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: flaw }),
		})
		.map(({ named, displayName, flaw, ...rest }) => ({
			...named,
			...rest,
			...(displayName === undefined ? {} : { displayName }),
			...(flaw === undefined ? {} : { flaw }),
			// What is sent in its place is no operation, and then it counts as none.
			...(flaw === "has an unknown operationType" ? { operationType: "UPSERT" as const } : {}),
		}));
}

/** Any of the six bulk operations. */
export const sketch: fc.Arbitrary<Sketch> = fc
	.tuple(
		fc.constantFrom<Entity[]>("customer", "organization"),
		fc.constantFrom<Submission["scope"][]>("account", "profile", "details"),
	)
	.chain(([entity, scope]) =>
		fc.record({
			entity: fc.constant(entity),
			scope: fc.constant(scope),
			dryRun: fc.constantFrom(false, false, false, false, true),
			items: fc.array(item(entity, scope), { minLength: 1, maxLength: 6 }),
		}),
	);

/** What every site begins with, so that there are records to meet. */
export const seeds: readonly Sketch[] = [
	seedsOf("customer", ["ann@acme.com", "bob@acme.com"]),
	seedsOf("organization", ["Acme", "Globex"]),
];

function seedsOf(entity: Entity, known: readonly string[]): Sketch {
	const items = known.map((address) => ({
		address,
		operationType: "CREATE" as const,
		edits: [],
		links: [],
		payload: true,
	}));
	return { entity, scope: "account", dryRun: false, items };
}

/** A record that a client knows of: its number in the model, and its id on the wire. */
export interface Known {
	readonly number: number | null;
	readonly wireId: string;
}

/** A record by its place among the known ones. The last place is of an id that nobody has. */
export type NameRecord = (entity: Entity, place: number) => Known;

/** The submission as the model has it. */
export function modelled({ items, ...rest }: Sketch, name: NameRecord): Submission {
	const other = rest.entity === "customer" ? "organization" : "customer";
	return {
		...rest,
		items: items.map(({ id, links, payload: _, ...item }) => ({
			...item,
			...(id === undefined ? {} : { id: name(rest.entity, id).number }),
			links: links.map((link) => (typeof link === "string" ? link : name(other, link).number)),
		})),
	};
}

/** The submission as a request has it. */
export function onTheWire({ entity, scope, dryRun, items }: Sketch, name: NameRecord) {
	const path = `${entity}${scope === "account" ? "" : `/${scope}`}/bulk${dryRun ? "?dryRun=true" : ""}`;
	const body = { [`${entity}s`]: items.map((item) => wireItem(entity, scope, item, name)) };
	return { path, body };
}

function wireItem(entity: Entity, scope: Submission["scope"], item: SketchedItem, name: NameRecord): unknown {
	if (item.flaw === "is null") return null;
	const isCustomer = entity === "customer";
	const unknownKey = item.flaw === "has an unknown key" ? { nickname: "x" } : {};
	const fields = {
		...(item.id === undefined ? {} : { [isCustomer ? "customerId" : "id"]: name(entity, item.id).wireId }),
		...(item.address === undefined ? {} : { [isCustomer ? "email" : "name"]: item.address }),
		...(item.displayName === undefined ? {} : { displayName: item.displayName }),
	};
	if (scope === "details") return { ...fields, ...unknownKey, ...wireEdits(item) };
	const links = item.links.map((link) => {
		if (typeof link === "string") return link;
		const { wireId } = name(isCustomer ? "organization" : "customer", link);
		return isCustomer ? { id: wireId } : { customerId: wireId };
	});
	const all = {
		...fields,
		...(item.edits.length === 0 ? {} : { details: item.edits.map(guideEdit) }),
		...(links.length === 0 ? {} : { [isCustomer ? "organizations" : "customers"]: links }),
	};
	const operationType = item.flaw === "has an unknown operationType" ? "MERGE" : item.operationType;
	const isPlain = operationType === "UPSERT" && !item.payload;
	return isPlain ? { ...all, ...unknownKey } : { operationType, payload: all, ...unknownKey };
}

function wireEdits({ payload, edits }: SketchedItem): Record<string, unknown> {
	if (!payload) return { details: edits.map(guideEdit) };
	const operations = edits.map(({ field, operation, value }) => ({
		operationType: operation,
		payload: { name: field, values: value === null ? [] : [value].flat() },
	}));
	return { operations };
}

function guideEdit({ field, operation, value }: Edit): unknown {
	return { fieldId: field, operation, value };
}
