import type { Sendable } from "./sending.ts";

export interface Person {
	readonly email: string;
	readonly firstName: string;
	readonly lastName: string;
	readonly company: string;
	readonly phone: string;
	readonly since: string;
	readonly points: number;
}

/** Companies that the people work for; each is made once. */
const companies = 1_000;

export function peopleOf(count: number): readonly Person[] {
	return Array.from({ length: count }, (_, place) => ({
		email: `person-${place}@example.com`,
		firstName: `First ${place % 997}`,
		lastName: `Last ${place % 9_973}`,
		company: `Company ${place % companies}`,
		phone: `+1-555-${String(place % 10_000).padStart(4, "0")}`,
		since: `2026-${String((place % 12) + 1).padStart(2, "0")}-15`,
		points: place,
	}));
}

export function csvOf(people: readonly Person[]): string {
	const lines = people.map(({ email, firstName, lastName, company, phone, since, points }) =>
		[email, firstName, lastName, company, phone, since, points].join(","),
	);
	return `${["Email,First Name,Last Name,Company,Phone,Since,Points", ...lines].join("\n")}\n`;
}

/** The same as requests: what goes first has to have ended before what comes behind it. Their keys are their places. */
export function bodiesOf(people: readonly Person[]): readonly (readonly Sendable[])[] {
	const organizations = Array.from({ length: companies }, (_, place) => ({ name: `Company ${place}` }));
	const customers = people.map(({ email, firstName, lastName, company, phone, since, points }, place) => ({
		clientRef: `people.csv:${place + 2}`,
		email,
		displayName: `${firstName} ${lastName}`,
		details: { Phone: phone, Since: since, Points: String(points) },
		organizations: [company],
	}));
	const fields = [
		{ name: "Phone", type: { name: "PHONE" } },
		{ name: "Since", type: { name: "DATE" } },
		{ name: "Points", type: { name: "NUMBER" } },
	];
	return [
		requestsOf("customer/details/definitions/bulk", "detailFields", fields),
		requestsOf("organization/profile/bulk", "organizations", organizations),
		requestsOf("customer/profile/bulk", "customers", customers),
	];
}

const itemsMax = 100;

function requestsOf(path: string, key: string, items: readonly object[]): Sendable[] {
	return Array.from({ length: Math.ceil(items.length / itemsMax) }, (_, place) => {
		const part = items.slice(place * itemsMax, (place + 1) * itemsMax);
		return {
			path: `/api/v1/${path}`,
			body: Buffer.from(JSON.stringify({ [key]: part })),
			items: part.length,
			headers: { "idempotency-key": `${path}-${place}` },
		};
	});
}
