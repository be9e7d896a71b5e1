const dayMs = 24 * 60 * 60 * 1_000;

/** A date alone, or a time with its zone: one without would mean another moment on every machine. */
const isoForm = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/;

/**
 * Reads when a token expires: a number of days from now (`30d`), or a date or time of ISO 8601 that is still to come.
 * @param nowMs milliseconds since 1970 by the clock that will judge the token: the database's
 * @returns the moment, or a sentence that says what is wrong and what is allowed
 */
export function readExpiry(text: string, nowMs: number): Date | string {
	const days = /^([1-9]\d{0,4})d$/.exec(text)?.[1];
	if (days !== undefined) return new Date(nowMs + Number(days) * dayMs);
	const at = isoForm.test(text) && isDay(text.slice(0, 10)) ? new Date(text) : null;
	if (at === null || Number.isNaN(at.getTime())) {
		return `${JSON.stringify(text)} is not a time; days such as 30d, a date such as 2027-01-31 or a time such as 2027-01-31T18:00:00Z are expected.`;
	}
	return at.getTime() > nowMs ? at : `${JSON.stringify(text)} has passed.`;
}

/** February has no 30th, which Date would read as the 2nd of March. */
function isDay(date: string): boolean {
	const read = new Date(date);
	return !Number.isNaN(read.getTime()) && read.toISOString().startsWith(date);
}
