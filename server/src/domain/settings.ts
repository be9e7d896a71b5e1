/** What a site can be set to. Kept as JSON with only what differs from the default. */
export interface SiteSettings {
	/** A detail for a field that does not exist: make a TEXT field, or fail the item. */
	readonly unknownFields: "create" | "fail";
	/** A key that an item should not have: fail the item, or ignore the key. */
	readonly unknownKeys: "fail" | "ignore";
	/** Most detail fields an entity; 50 by the reference. */
	readonly detailFieldsMax: number;
	/** Most unfinished tasks; the reference's service allows 5. */
	readonly unfinishedTasksMax: number;
	/** Requests a minute, of all its tokens together; 0 is no limit. */
	readonly requestsPerMinute: number;
	/** Days that a task, its results and its key are kept after it ended; the reference's service keeps 3. */
	readonly retentionDays: number;
	/** Whether every request must carry X-ExperimentalApi. */
	readonly requireOptIn: boolean;
}

const defaultSettings: SiteSettings = {
	unknownFields: "create",
	unknownKeys: "fail",
	detailFieldsMax: 50,
	unfinishedTasksMax: 10_000,
	requestsPerMinute: 0,
	retentionDays: 30,
	requireOptIn: false,
};

export function settingsFrom(stored: Partial<SiteSettings>): SiteSettings {
	return { ...defaultSettings, ...stored };
}

/** What each setting takes, for the command line: a list of words, or a range of whole numbers. */
const allowed: Record<
	keyof SiteSettings,
	readonly string[] | { readonly from: number; readonly to: number }
> = {
	unknownFields: ["create", "fail"],
	unknownKeys: ["fail", "ignore"],
	detailFieldsMax: { from: 1, to: 500 },
	unfinishedTasksMax: { from: 1, to: 1_000_000 },
	requestsPerMinute: { from: 0, to: 1_000_000 },
	// One day at least: a key must outlive the retries of its request.
	retentionDays: { from: 1, to: 3_650 },
	requireOptIn: ["true", "false"],
};

/**
 * Reads one setting as written on a command line.
 * @returns the setting, or a sentence that says what is wrong and what is allowed
 */
export function readSetting(name: string, text: string): Partial<SiteSettings> | string {
	if (!Object.hasOwn(allowed, name)) {
		return `There is no setting ${JSON.stringify(name)}. Settings are: ${Object.keys(allowed).join(", ")}.`;
	}
	const key = name as keyof SiteSettings; // Object.hasOwn has just shown it
	const takes = allowed[key];
	if ("from" in takes) {
		const value = Number(text);
		if (/^\d+$/.test(text) && value >= takes.from && value <= takes.to) return { [key]: value };
		return `${name} takes a whole number from ${takes.from} to ${takes.to}, not ${JSON.stringify(text)}.`;
	}
	if (!takes.includes(text)) return `${name} takes ${takes.join(" or ")}, not ${JSON.stringify(text)}.`;
	return { [key]: key === "requireOptIn" ? text === "true" : text };
}
