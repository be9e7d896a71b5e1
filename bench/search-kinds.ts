/** One kind of page, as it is asked for in turn `turn`: turns differ where an answer could be remembered. */
export interface SearchKind {
	readonly name: string;
	/** Behind the thousandth page of 50, instead of at the beginning. */
	readonly isDeep?: boolean;
	queryOf(turn: number, size: number): Readonly<Record<string, string | readonly string[]>>;
	/** Asks `search-by-detail-field` instead of the list; such a page is always whole. */
	bodyOf?(turn: number, size: number): unknown;
}

/** From what many customers answer to what none does, which is what costs most. */
export const searchKinds: readonly SearchKind[] = [
	{ name: "all", queryOf: () => ({}) },
	{ name: "all, thousandth page", isDeep: true, queryOf: () => ({}) },
	{ name: "word, 1 in 85", queryOf: (turn) => ({ search: at(["smith", "meyer", "king"], turn) }) },
	{
		name: "word, thousandth page",
		isDeep: true,
		queryOf: (turn) => ({ search: at(["smith", "meyer"], turn) }),
	},
	{ name: "part of a word, 1 in 85", queryOf: (turn) => ({ search: at(["ielso", "mith", "owalsk"], turn) }) },
	{
		name: "two words, 1 in 4,000",
		queryOf: (turn) => ({ search: at(["jane rossi", "petra smi", "hans ferr"], turn) }),
	},
	{ name: "part of one email", queryOf: (turn, size) => ({ search: `${someNumber(turn, size)}@` }) },
	{ name: "word beyond ASCII, 1 in 85", queryOf: () => ({ search: "MÜLLER" }) },
	{ name: "word that nobody has", queryOf: (turn) => ({ search: `qq${at(["x", "y", "z"], turn)}` }) },
	{ name: "the same, all beyond ASCII", queryOf: () => ({ search: "щука" }) },
	{ name: "beginning of many emails", queryOf: () => ({ email: "petra" }) },
	{ name: "beginning of one email", queryOf: (turn) => ({ email: `petra.rossi${turn}` }) },
	{
		name: "beginning of a name, 1 in 4,000",
		queryOf: (turn) => ({ name: at(["jane ross", "zoë smi"], turn) }),
	},
	{ name: "SELECT equal, 1 in 5", queryOf: () => ({ filter: "tier=Gold" }) },
	{
		name: "SELECT one of, and a day",
		queryOf: () => ({ filter: ["tier=Gold", "tier=Premium", "renewal<2021-01-01"] }),
	},
	{
		name: "TEXT equal, one customer",
		queryOf: (turn, size) => ({ filter: `contract=C-${(someNumber(turn, size) * 104_729) % 10_000_019}` }),
	},
	{ name: "MULTISELECT, 1 in 3", queryOf: () => ({ filter: "tags=Blue" }) },
	{ name: "empty, nobody", queryOf: () => ({ filter: "phone=" }) },
	{ name: "NUMBER range, 1 in 10", queryOf: () => ({ filter: "seats>=90000" }) },
	{ name: "NUMBER range, 1 in 10,000", queryOf: () => ({ filter: ["seats>=500", "seats<510"] }) },
	{
		name: "DATE range, 1 in 3,650",
		queryOf: () => ({ filter: ["renewal>=2024-02-29", "renewal<2024-03-01"] }),
	},
	{ name: "members of an organization", queryOf: (turn) => ({ organization: String(1 + turn) }) },
	{ name: "changed since, nobody", queryOf: () => ({ changedSince: "2999-01-01" }) },
	byDetail("SELECT, 1 in 5", 0, () => ({ name: "Tier", values: ["Gold"] })),
	byDetail("SELECT, 3 in 5, thousandth page", 999, () => ({ name: "Tier", values: ["Free"] })),
	byDetail("MULTISELECT, 1 in 3", 0, () => ({ name: "Tags", values: ["Blue"] })),
	byDetail("TEXT, one customer", 0, (turn, size) => ({
		name: "Contract",
		values: [`C-${(someNumber(turn, size) * 104_729) % 10_000_019}`],
	})),
];

function byDetail(name: string, page: number, bodyOf: (turn: number, size: number) => unknown): SearchKind {
	return {
		name: `search-by-detail-field: ${name}`,
		queryOf: () => ({ page: String(page), maxResults: "50" }),
		bodyOf,
	};
}

function at<T>(list: readonly T[], turn: number): T {
	return list[turn % list.length] as T; // the remainder is a place in the list
}

/** A customer's number, anywhere in the site. */
function someNumber(turn: number, size: number): number {
	return (turn * 7_368_787 + 12_345) % size;
}
