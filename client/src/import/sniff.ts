/** How a file is written. */
export type Format =
	| { readonly kind: "csv"; readonly delimiter: string }
	| { readonly kind: "jsonl" }
	/** One JSON list or object over several lines: cannot be read line by line. */
	| { readonly kind: "json" };

const delimiters = [",", ";", "\t", "|"] as const;
/** Lines that are looked at. */
const linesMax = 50;

/** Finds out by the beginning of a text; `isWhole` says that nothing comes behind it. */
export function sniffFormat(text: string, isWhole: boolean): Format {
	const start = text.trimStart();
	if (start.startsWith("[")) return { kind: "json" };
	if (start.startsWith("{")) {
		const [first = ""] = start.split("\n");
		return { kind: isJson(first) ? "jsonl" : "json" };
	}
	const records = countDelimiters(text, isWhole);
	const [header = [0, 0, 0, 0]] = records;
	const fits = delimiters.map((_, place) => {
		const count = header[place] ?? 0;
		return count === 0 ? 0 : (records.filter((record) => record[place] === count).length + 1) * 1_000 + count;
	});
	const best = fits.indexOf(Math.max(...fits));
	return { kind: "csv", delimiter: delimiters[best] ?? "," };
}

function isJson(text: string): boolean {
	try {
		return typeof JSON.parse(text) === "object";
	} catch {
		return false;
	}
}

/** How often each delimiter stands outside quotes, for each of the first records. */
function countDelimiters(text: string, isWhole: boolean): number[][] {
	const records: number[][] = [];
	let counts = [0, 0, 0, 0];
	let isQuoted = false;
	let isEmpty = true;
	for (const character of text) {
		if (character === '"') isQuoted = !isQuoted;
		if (isQuoted) continue;
		if (character === "\n" || character === "\r") {
			if (!isEmpty) records.push(counts);
			[counts, isEmpty] = [[0, 0, 0, 0], true];
			if (records.length >= linesMax) return records;
			continue;
		}
		isEmpty = false;
		const place = (delimiters as readonly string[]).indexOf(character);
		if (place >= 0) counts[place] = (counts[place] ?? 0) + 1;
	}
	// The last record of a beginning is cut.
	if ((isWhole || records.length === 0) && !isEmpty) records.push(counts);
	return records;
}
