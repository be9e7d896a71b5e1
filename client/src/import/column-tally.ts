import type { DetailFieldType } from "../contract/detail-field.ts";
import { meant } from "./edits.ts";
import type { DateOrder } from "./plan.ts";
import { booleans, isEmail, isNumber, isPhone, isUrl, readDay } from "./value.ts";

/** Different values of a column that are counted; one with more has no options. */
const distinctMax = 200;
/** How often a value stands in a column of options on average, at least. */
const repeatsMin = 5;
/** Values that a column of options has at least: ten rows of which five say Gold do not tell that nothing else is to come. */
const optionsFilledMin = 30;
/**
 * Part of a column's values that may stand there once. That part is about how likely the next value is a new one (Good and
 * Turing's estimate): where it is not, the list is closed.
 */
const onceMax = 0.01;
/** Longest option, in UTF-16 units. */
const optionLengthMax = 60;
/** Part of a column's values that a type must fit: exports have mistakes, and a mistake must not make it a text. */
const fitMin = 0.9;

/** Such columns hold digits that nobody counts with. */
const namesNoNumber = /\b(id|code|zip|postal|postcode|plz|number|no|key|ref|reference)\b/i;
/** Columns whose values repeat, and to which new ones come all the same. */
const namesOpenList =
	/\b(city|town|ort|stadt|country|land|state|province|region|county|street|address|name|owner|agent|manager|contact|company|title|position|source|campaign|tags?)\b/i;
const namesPhone = /phone|mobile|\bfax\b|\btel\b|telefon|telephone/i;

/** What the values of a column look like; takes them one by one, and little memory. */
export class ColumnTally {
	filled = 0;
	emails = 0;
	/** Values that begin as ids of Muster's own do. */
	musterIds = 0;
	#numbers = 0;
	#phones = 0;
	#urls = 0;
	#booleans = 0;
	readonly #days = { ymd: 0, dmy: 0, mdy: 0, either: 0 };
	#counted = 0;
	#up = 0;
	#last = 0;
	#distinct: Map<string, number> | null = new Map();
	/** Values that `#distinct` has counted. */
	#counts = 0;

	/** @param text without blanks around it */
	add(text: string): void {
		if (text === "") return;
		this.#addDistinct(text);
		this.filled += 1;
		if (Number(text) === this.#last + 1) this.#counted += 1;
		if (Number(text) > this.#last) this.#up += 1;
		this.#last = Number(text);
		if (isNumber(text)) this.#numbers += 1;
		else if (isEmail(text)) this.emails += 1;
		else if (isUrl(text)) this.#urls += 1;
		else if (text.startsWith("qm:")) this.musterIds += 1;
		if (isPhone(text)) this.#phones += 1;
		if (booleans[text.toLowerCase()] !== undefined && !/^[01]$/.test(text)) this.#booleans += 1;
		this.#addDay(text);
	}

	/** Takes one more value of a column of options: none of them may be missing, however late in the file it comes. */
	addOption(text: string): void {
		if (text !== "") this.#addDistinct(text);
	}

	/** Whether it counts the rows: 1, 2, 3 ... A row that was left out or is there twice does not matter. */
	get isCounter(): boolean {
		return this.#fits(this.#counted);
	}

	/** Whether it counts rows of which some are gone: 12, 37, 57 ... */
	get goesUp(): boolean {
		return this.#fits(this.#up);
	}

	get holdsEmails(): boolean {
		return this.#fits(this.emails);
	}

	/** The type that nearly all of its values fit. */
	type(column: string): DetailFieldType {
		const isName = namesNoNumber.test(column);
		if (this.filled === 0) return "TEXT";
		if (this.#fits(this.#booleans)) return "BOOLEAN";
		if (this.#fits(this.#dayCount)) return "DATE";
		if (namesPhone.test(column) && this.#fits(this.#phones)) return "PHONE";
		if (this.#fits(this.#numbers)) return isName ? "TEXT" : "NUMBER";
		if (this.#fits(this.#urls)) return "URL";
		if (this.#fits(this.emails)) return "EMAIL";
		const isOpen = isName || namesOpenList.test(column);
		return !isOpen && this.options().length > 1 ? "SELECT" : "TEXT";
	}

	/** How its days are written; null where that cannot be told. */
	dates(): DateOrder | null {
		const { ymd, dmy, mdy, either } = this.#days;
		if (ymd > dmy + mdy + either) return "ymd";
		if (dmy > mdy * 9) return "dmy";
		return mdy > dmy * 9 ? "mdy" : null;
	}

	/** Its few values, each many times, where no others are to be expected; what looks like a slip of one of them is none. */
	options(): readonly string[] {
		if (this.#distinct === null || this.#counts < optionsFilledMin) return [];
		if (this.#counts < repeatsMin * this.#distinct.size) return [];
		const often = [...this.#distinct].filter(([, times]) => times > 1).map(([text]) => text);
		const once = [...this.#distinct].filter(([, times]) => times === 1).map(([text]) => text);
		const rare = once.filter((text) => meant(text, often) === null);
		return rare.length <= onceMax * this.#counts ? [...often, ...rare] : [];
	}

	get #dayCount(): number {
		const { ymd, dmy, mdy, either } = this.#days;
		return ymd + dmy + mdy + either;
	}

	#fits(count: number): boolean {
		return this.filled > 0 && count >= fitMin * this.filled;
	}

	#addDay(text: string): void {
		// A time behind the day would be lost, so such a column stays a text.
		if (text.length > 10 || !/^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}$/.test(text)) return;
		if (readDay(text, "ymd") !== null) this.#days.ymd += 1;
		else {
			const isDmy = readDay(text, "dmy") !== null;
			const isMdy = readDay(text, "mdy") !== null;
			// 04.04.2026 is one day in either order, and says nothing.
			if (isDmy && isMdy) this.#days.either += 1;
			else if (isDmy) this.#days.dmy += 1;
			else if (isMdy) this.#days.mdy += 1;
		}
	}

	#addDistinct(text: string): void {
		if (this.#distinct === null) return;
		this.#counts += 1;
		this.#distinct.set(text, (this.#distinct.get(text) ?? 0) + 1);
		if (this.#distinct.size > distinctMax || text.length > optionLengthMax) this.#distinct = null;
	}
}
