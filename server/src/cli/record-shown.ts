import type { CustomerProfile, DetailField, OrganizationProfile } from "@muster/client";
import { Screen } from "./screen.ts";
import { type Column, printPairs } from "./table.ts";
import { visible } from "./visible.ts";

export const customerColumns: readonly Column<CustomerProfile>[] = [
	{ title: "email", cell: ({ email }) => email },
	{ title: "name", cell: ({ displayName }) => displayName },
	{ title: "organizations", cell: ({ organizations }) => organizations.map(({ name }) => name).join(", ") },
	{ title: "changed", isLesser: true, cell: ({ updatedDate }) => updatedDate.slice(0, 10) },
	{ title: "details", isLesser: true, cell: ({ details }) => detailsOf(details) },
];

export const organizationColumns: readonly Column<OrganizationProfile>[] = [
	{ title: "id", isNumber: true, cell: ({ id }) => id },
	{ title: "name", cell: ({ name }) => name },
	{ title: "changed", isLesser: true, cell: ({ updatedDate }) => updatedDate.slice(0, 10) },
	{ title: "details", isLesser: true, cell: ({ details }) => detailsOf(details) },
];

type Details = CustomerProfile["details"];

function detailsOf(details: Details): string {
	return Object.entries(details)
		.map(([id, value]) => `${id}=${[value].flat().join(";")}`)
		.join(", ");
}

/** A record by its parts, its details by the names and in the order of their fields. */
export function showRecord(
	record: CustomerProfile | OrganizationProfile,
	fields: readonly DetailField[],
): void {
	const screen = new Screen(process.stdout);
	const isCustomer = "customerId" in record;
	process.stdout.write(`${screen.style("bold", visible(isCustomer ? record.displayName : record.name))}\n`);
	const { details, products = [] } = record;
	printPairs([
		...(isCustomer
			? ([
					["email", record.email],
					["id", record.customerId],
				] as const)
			: ([["id", record.id]] as const)),
		...(isCustomer
			? record.organizations.map(({ name, id }) => ["organization", `${name} (${id})`] as const)
			: []),
		...products.map(({ name }) => ["product", name] as const),
		["created", record.createdDate],
		["changed", record.updatedDate],
	]);
	const shown = fields.flatMap(({ id, name }) => {
		const value = details[id];
		return value === undefined ? [] : [[name, [value].flat().join(", ")] as const];
	});
	if (shown.length === 0) return;
	process.stdout.write(`\n${screen.style("bold", "Details")}\n`);
	printPairs(shown);
}
