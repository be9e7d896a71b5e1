/**
 * What a screen is asked for by its address: texts, and lists of texts where a parameter is repeated. Plain, so that people
 * can read and write such addresses.
 */
export type SearchTexts = Readonly<Record<string, string | readonly string[] | undefined>>;

export function parseSearch(search: string): Record<string, string | string[]> {
	const parameters = new URLSearchParams(search);
	return Object.fromEntries(
		[...new Set(parameters.keys())].map((name) => {
			const all = parameters.getAll(name);
			return [name, all.length > 1 ? all : (all[0] ?? "")];
		}),
	);
}

export function stringifySearch(search: Record<string, unknown>): string {
	const parameters = new URLSearchParams();
	for (const [name, value] of Object.entries(search)) {
		for (const text of [value].flat()) if (text != null && text !== "") parameters.append(name, String(text));
	}
	return parameters.size === 0 ? "" : `?${parameters}`;
}

/** The parameters of a route that hold one text each; others, and blank ones, are left out. */
export function texts<Name extends string>(
	...names: readonly Name[]
): (search: Record<string, unknown>) => { [Key in Name]?: string } {
	return (search) => {
		const found: { [Key in Name]?: string } = {};
		for (const name of names) {
			const text = [search[name]].flat()[0];
			if (typeof text === "string" && text !== "") found[name] = text;
		}
		return found;
	};
}

/** The parameters of a route that hold lists of texts, one or more of each. */
export function lists<Name extends string>(
	...names: readonly Name[]
): (search: Record<string, unknown>) => { [Key in Name]?: readonly string[] } {
	return (search) => {
		const found: { [Key in Name]?: readonly string[] } = {};
		for (const name of names) {
			const all = [search[name]].flat().filter((text) => typeof text === "string" && text !== "");
			if (all.length > 0) found[name] = all as string[];
		}
		return found;
	};
}
