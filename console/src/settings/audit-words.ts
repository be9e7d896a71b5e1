/** What was done, in words, from the JSON that the database kept of it: "events task.failed, origin https://example.com". */
export function auditText(details: unknown): string {
	if (typeof details !== "object" || details === null) return String(details ?? "");
	return Object.entries(details)
		.filter(([, value]) => value !== null && value !== "")
		.map(([name, value]) => `${wordsOf(name)}: ${valueText(value)}`)
		.join(", ");
}

/** "secretChanged" as "secret changed". */
function wordsOf(name: string): string {
	return name.replace(
		/([a-z])([A-Z])/g,
		(_, last: string, first: string) => `${last} ${first.toLowerCase()}`,
	);
}

function valueText(value: unknown): string {
	if (Array.isArray(value)) return value.map(valueText).join(" ");
	if (typeof value === "boolean") return value ? "yes" : "no";
	return typeof value === "object" ? JSON.stringify(value) : String(value);
}
