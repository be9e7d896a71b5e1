import { show } from "../domain/fault.ts";
import { nearest } from "../domain/nearest.ts";
import { ProblemError } from "./problem-error.ts";

/** Reads query parameters; one that nobody knows, or that came twice and may not, is refused by name. */
export class Query {
	readonly #parameters: URLSearchParams;

	/** @param repeatable those of `known` that may come any number of times */
	constructor(parameters: URLSearchParams, known: readonly string[], repeatable: readonly string[] = []) {
		for (const name of parameters.keys()) {
			if (!known.includes(name)) throw unknownParameter(name, known);
			if (parameters.getAll(name).length > 1 && !repeatable.includes(name))
				throw invalid(`The query parameter ${name} came more than once.`);
		}
		this.#parameters = parameters;
	}

	text(name: string): string | undefined {
		return this.texts(name)[0];
	}

	/** Every value of a parameter that may be repeated. */
	texts(name: string): readonly string[] {
		const values = this.#parameters.getAll(name);
		// PostgreSQL takes no text with it, so nothing can be found by it.
		const zero = values.find((value) => value.includes("\0"));
		if (zero !== undefined) throw invalidParameter(name, zero, "U+0000 is not allowed");
		return values;
	}

	word<Word extends string>(name: string, words: readonly Word[]): Word | undefined {
		const value = this.text(name);
		if (value === undefined) return undefined;
		const word = words.find((candidate) => candidate === value);
		if (word === undefined) throw invalidParameter(name, value, `${words.join(", ")} are allowed`);
		return word;
	}

	flag(name: string): boolean | undefined {
		const word = this.word(name, ["true", "false"]);
		return word === undefined ? undefined : word === "true";
	}

	integer(name: string, from: number, to: number): number | undefined {
		const value = this.text(name);
		if (value === undefined) return undefined;
		const number = Number(value);
		if (/^\d{1,9}$/.test(value) && number >= from && number <= to) return number;
		throw invalidParameter(name, value, `a whole number from ${from} to ${to} is allowed`);
	}

	/** A cursor as an earlier page gave it. @param form what stands in it */
	cursor(form: RegExp): string | undefined {
		const value = this.text("cursor");
		if (value === undefined) return undefined;
		const inner = Buffer.from(value, "base64url").toString("latin1");
		if (form.test(inner) && cursorOf(inner) === value) return inner;
		throw invalidParameter("cursor", value, "take it from nextCursor of the page before");
	}
}

/** What a page gives as nextCursor; clients hand it back unread. */
export function cursorOf(inner: string | number): string {
	return Buffer.from(String(inner), "latin1").toString("base64url");
}

function invalid(detail: string): ProblemError {
	return new ProblemError("invalid_request", detail);
}

/** Refuses a value of a parameter. @param allowed how the sentence goes on behind it */
export function invalidParameter(name: string, value: string, allowed: string): ProblemError {
	return invalid(`The query parameter ${name} is ${show(value)}; ${allowed}.`);
}

function unknownParameter(name: string, known: readonly string[]): ProblemError {
	const near = nearest(name, known);
	const allowed = known.length === 0 ? "none is" : known.join(", ");
	return invalid(
		`The query parameter ${show(name)} is not known here${near === null ? "" : `; did you mean ${near}?`} (known: ${allowed}).`,
	);
}
