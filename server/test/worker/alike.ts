/** What was seen of a site as another one would show it: customers numbered in the order of their appearance, products by name alone, no dates. */
export function alike(siteId: string, seen: unknown): unknown {
	const numbers = new Map<string, string>();
	const text = JSON.stringify(seen)
		.replaceAll(siteId, "site")
		.replaceAll(/qm:site:[0-9a-f-]{36}/g, (id) => {
			if (!numbers.has(id)) numbers.set(id, `customer ${numbers.size}`);
			return numbers.get(id) ?? "";
		})
		.replaceAll(/"id":"[0-9a-f]{8}-[0-9a-f-]{27}","name"/g, '"name"')
		.replaceAll(/"(createdDate|updatedDate)":"[^"]*"/g, '"$1":"-"');
	return JSON.parse(text);
}

export function byEmail(one: { email: string }, other: { email: string }): number {
	return one.email < other.email ? -1 : 1;
}
