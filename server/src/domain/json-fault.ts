/** What may come next in a JSON text. */
type Expected = "value" | "value or ]" | "key" | "key or }" | "colon" | "comma or end" | "nothing";

const numberForm = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const literals = ["true", "false", "null"];

/**
 * Where a text stops being JSON (RFC 8259): the index of the first character that cannot stand there, the text's length
 * where it ends too early, or null where nothing is wrong. JSON.parse says so for some faults only. One pass, no recursion.
 */
export function jsonFaultIndex(text: string): number | null {
	const open: ("{" | "[")[] = [];
	let expected: Expected = "value";
	const afterValue = (): Expected => (open.length === 0 ? "nothing" : "comma or end");
	for (let at = skipBlanks(text, 0); at < text.length; at = skipBlanks(text, at)) {
		const character = text[at];
		const takesValue: boolean = expected === "value" || expected === "value or ]";
		const takesKey: boolean = expected === "key" || expected === "key or }";
		if (character === "{" || character === "[") {
			if (!takesValue) return at;
			open.push(character);
			expected = character === "{" ? "key or }" : "value or ]";
			at += 1;
		} else if (character === "}" || character === "]") {
			const [opener, empty] =
				character === "}" ? (["{", "key or }"] as const) : (["[", "value or ]"] as const);
			if (open.at(-1) !== opener || (expected !== empty && expected !== "comma or end")) return at;
			open.pop();
			expected = afterValue();
			at += 1;
		} else if (character === ",") {
			if (expected !== "comma or end") return at;
			expected = open.at(-1) === "{" ? "key" : "value";
			at += 1;
		} else if (character === ":") {
			if (expected !== "colon") return at;
			expected = "value";
			at += 1;
		} else {
			if (!takesValue && !(takesKey && character === '"')) return at;
			const scalar = character === '"' ? readString(text, at) : readWord(text, at);
			if ("fault" in scalar) return scalar.fault;
			expected = takesKey ? "colon" : afterValue();
			at = scalar.end;
		}
	}
	return expected === "nothing" ? null : text.length;
}

/** The index of the first character from `start` on that is no blank of JSON, or the text's length. */
export function skipBlanks(text: string, start: number): number {
	let at = start;
	while (at < text.length && isBlank(text.charCodeAt(at))) at += 1;
	return at;
}

/** Blank, line feed, carriage return, tab. */
function isBlank(code: number): boolean {
	return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

/** The index behind a scalar, or that of what is wrong in it. */
type Scalar = { readonly end: number } | { readonly fault: number };

function readString(text: string, start: number): Scalar {
	for (let at = start + 1; at < text.length; at += 1) {
		const character = text.charAt(at);
		if (character === '"') return { end: at + 1 };
		if (character < " ") return { fault: at };
		if (character !== "\\") continue;
		at += 1;
		if (at < text.length && !'"\\/bfnrtu'.includes(text.charAt(at))) return { fault: at };
		if (text[at] !== "u") continue;
		for (const end = at + 4; at < end; at += 1) {
			if (at + 1 < text.length && !/[\da-f]/i.test(text.charAt(at + 1))) return { fault: at + 1 };
		}
	}
	return { fault: text.length };
}

function readWord(text: string, start: number): Scalar {
	const character = text.charAt(start);
	if (character === "-" || (character >= "0" && character <= "9")) {
		numberForm.lastIndex = start;
		return numberForm.test(text) ? { end: numberForm.lastIndex } : { fault: start + 1 };
	}
	const literal = literals.find((candidate) => candidate.startsWith(character)) ?? "";
	let length = 0;
	while (length < literal.length && text[start + length] === literal[length]) length += 1;
	return length > 0 && length === literal.length ? { end: start + length } : { fault: start + length };
}
