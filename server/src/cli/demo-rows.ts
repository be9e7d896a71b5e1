import { createReadStream, existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parse } from "csv-parse";

/** What a CRM's export becomes: items of the guide's shape, each with the line it came from as its clientRef. */
export interface Export {
	/** Rows of organizations.csv, then the companies that only customers.csv names. */
	readonly organizations: readonly OrganizationItem[];
	readonly customers: readonly CustomerItem[];
	readonly organizationFields: readonly FieldItem[];
	readonly customerFields: readonly FieldItem[];
}

export interface FieldItem {
	readonly name: string;
	readonly type: { readonly name: string; readonly options?: readonly string[] };
}

export interface CustomerItem {
	readonly clientRef: string;
	readonly email: string;
	readonly displayName: string;
	readonly details: Readonly<Record<string, string>>;
	readonly organizations: readonly string[];
}

export interface OrganizationItem {
	readonly clientRef: string;
	readonly name: string;
	readonly details?: Readonly<Record<string, string>>;
}

/** In the installed package they stand beside the program, in a checkout beside its package. */
const folder =
	["../../examples/", "../../../examples/"]
		.map((path) => new URL(path, import.meta.url))
		.find((url) => existsSync(url)) ?? new URL("../../examples/", import.meta.url);
const organizationsFile = "organizations.csv";
const customersFile = "customers.csv";

export async function readExport(): Promise<Export> {
	if (!existsSync(folder)) {
		throw new Error(`there are no examples at ${fileURLToPath(folder)}; install Muster anew`);
	}
	const definitions: unknown = JSON.parse(await readFile(new URL("detail-fields.json", folder), "utf8"));
	// A file of ours: its form is known.
	const { customers, organizations } = definitions as Record<"customers" | "organizations", FieldItem[]>;
	const organizationRows = await readRows(organizationsFile);
	const customerRows = await readRows(customersFile);
	return {
		organizations: [
			...organizationRows.map(organizationOf),
			...companiesOf(customerRows, new Set(organizationRows.map(({ cells }) => cells.Name))),
		],
		customers: customerRows.map(customerOf),
		organizationFields: organizations,
		customerFields: customers,
	};
}

interface Row {
	/** "customers.csv:13": the file and its line. */
	readonly place: string;
	readonly cells: Readonly<Record<string, string>>;
}

async function readRows(file: string): Promise<Row[]> {
	const rows: Row[] = [];
	const parser = createReadStream(new URL(file, folder)).pipe(parse({ columns: true, info: true }));
	for await (const { record, info } of parser) {
		rows.push({ place: `${file}:${info.lines}`, cells: record });
	}
	return rows;
}

function organizationOf({ place, cells }: Row): OrganizationItem {
	const { Index: _, Name: name = "", ...details } = cells;
	return { clientRef: place, name, details };
}

function customerOf({ place, cells }: Row): CustomerItem {
	const {
		Index: _,
		"First Name": first,
		"Last Name": last,
		Email: email = "",
		Company: company = "",
		...details
	} = cells;
	return {
		clientRef: place,
		email,
		displayName: `${first} ${last}`,
		details,
		organizations: [company],
	};
}

/** Customers are associated with organizations by name, so these are sent too, each once. */
function companiesOf(
	customerRows: readonly Row[],
	known: ReadonlySet<string | undefined>,
): OrganizationItem[] {
	const companies = new Map<string, OrganizationItem>();
	for (const { place, cells } of customerRows) {
		const name = cells.Company ?? "";
		if (!known.has(name) && !companies.has(name)) companies.set(name, { clientRef: place, name });
	}
	return [...companies.values()];
}
