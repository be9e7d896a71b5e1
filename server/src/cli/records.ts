import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type {
	CustomerProfile,
	CustomerQuery,
	Entity,
	MusterClient,
	OrganizationProfile,
} from "@muster/client";
import { type Command, Option } from "commander";
import { addListOptions, type ListOptions, printList } from "./print-list.ts";
import { customerColumns, organizationColumns, showRecord } from "./record-shown.ts";
import { UserError } from "./user-error.ts";
import { type ServiceOptions, serviceCommand, withService } from "./with-service.ts";

/** `muster customers` and `muster organizations`: found, looked at and exported by the same words. */
export function addRecords(program: Command, entity: Entity): void {
	const kind = `${entity}s`;
	const isCustomer = entity === "customer";
	const key = isCustomer ? "email" : "name";
	const records = program
		.command(kind)
		.description(`Find ${kind}, look at them and export them`)
		.addHelpText("after", `\nExample:\n  muster ${kind} export --output ${kind}.csv`);
	addListOptions(addSearchOptions(serviceCommand(records, "list"), entity), 50)
		.description(`List ${kind}, oldest first: all of them, or those that are sought`)
		.addHelpText(
			"after",
			`\n${filterHelp}\n\nExample:\n  muster ${kind} list --search "${isCustomer ? "jane smi" : "acme"}" --filter tier=Gold`,
		)
		.action((options: RecordListOptions) => list(entity, options));
	serviceCommand(records, "show")
		.argument(`<${key}OrId>`, `the ${entity}'s ${key} or id`)
		.description(`Show ${entity === "organization" ? "an" : "a"} ${entity} with its details`)
		.option("--json", "print JSON")
		.addHelpText(
			"after",
			`\nExample:\n  muster ${kind} show ${isCustomer ? "jane.smith@acme.com" : '"Acme Corporation"'}`,
		)
		.action((named: string, options: ServiceOptions) => show(entity, named, options));
	addSearchOptions(serviceCommand(records, "export"), entity)
		.description(`Export ${kind} to a file or to standard output; \`muster import\` takes it back`)
		.addOption(
			new Option("--format <format>", "how the file is written").choices(["csv", "jsonl"]).default("csv"),
		)
		.option("--output <file>", "written when all is there; standard output if left out")
		.addHelpText(
			"after",
			`\n${filterHelp}\n\nExample:\n  muster ${kind} export --filter tier=Gold --output ${kind}.csv`,
		)
		.action((options: ExportOptions) => exportAll(entity, options));
}

const filterHelp = `A filter is a detail field, an operator and a value: tier=Gold, tier!=Gold, notes= (empty),
notes!= (not empty); of numbers and dates also "seats>=10". Several have to hold all, but several = of one
field are alternatives. Quote what holds < or >.`;

interface SearchOptions {
	readonly search?: string;
	readonly email?: string;
	readonly name?: string;
	readonly organization?: string;
	readonly changedSince?: string;
	readonly filter?: readonly string[];
}

function addSearchOptions(command: Command, entity: Entity): Command {
	const isCustomer = entity === "customer";
	command.option("--search <words>", `words in the ${isCustomer ? "email or name" : "name"}, in any order`);
	if (isCustomer) command.option("--email <beginning>", "what the email begins with");
	command.option("--name <beginning>", "what the name begins with");
	if (isCustomer) command.option("--organization <id>", "those of this organization, by its id");
	return command
		.option("--changed-since <time>", "a date such as 2026-12-31, or a time such as 2026-12-31T09:30:00Z")
		.option("--filter <filter...>", "by a detail, such as tier=Gold");
}

function queryOf(options: SearchOptions): CustomerQuery {
	const { search, email, name, organization, changedSince, filter } = options;
	const given = Object.entries({ search, email, name, organization, changedSince, filter });
	return Object.fromEntries(given.filter(([, value]) => value !== undefined));
}

interface RecordListOptions extends ServiceOptions, Omit<ListOptions, "json">, SearchOptions {}

function list(entity: Entity, options: RecordListOptions): Promise<void> {
	const query = queryOf(options);
	return withService(options, (client) =>
		entity === "customer"
			? printList(client.customers(query), customerColumns, "customers", options)
			: printList(client.organizations(query), organizationColumns, "organizations", options),
	);
}

function show(entity: Entity, named: string, options: ServiceOptions): Promise<void> {
	return withService(
		options,
		async (client) => {
			const record = await recordNamed(client, entity, named);
			if (options.json) console.log(JSON.stringify(record));
			else showRecord(record, await client.detailFields(entity));
		},
		noRecord(entity, named),
	);
}

function noRecord(entity: Entity, named: string): string {
	return `there is no ${entity} ${JSON.stringify(named)}. \`muster ${entity}s list --search ...\` finds by parts of names.`;
}

/** What looks like an id is one; else the record is sought by its key. */
async function recordNamed(
	client: MusterClient,
	entity: Entity,
	named: string,
): Promise<CustomerProfile | OrganizationProfile> {
	const same = (key: string): boolean =>
		key.normalize("NFC").toLowerCase() === named.trim().normalize("NFC").toLowerCase();
	if (entity === "customer") {
		if (named.startsWith("qm:")) return client.getProfile("customer", named);
		for await (const found of client.customers({ email: named })) if (same(found.email)) return found;
	} else {
		if (/^\d+$/.test(named)) return client.getProfile("organization", named);
		for await (const found of client.organizations({ name: named })) if (same(found.name)) return found;
	}
	throw new UserError(noRecord(entity, named));
}

interface ExportOptions extends ServiceOptions, SearchOptions {
	readonly format: "csv" | "jsonl";
	readonly output?: string;
}

/** A file has its name when it is whole, and not before: half an export must not be taken for all of it. */
function exportAll(entity: Entity, options: ExportOptions): Promise<void> {
	const { format, output } = options;
	return withService(options, async (client) => {
		const bytes = Readable.from(client.exportRecords(entity, { ...queryOf(options), format }), {
			objectMode: false,
		});
		if (output === undefined) return pipeline(bytes, process.stdout, { end: false });
		const part = `${output}.part`;
		try {
			await pipeline(bytes, createWriteStream(part));
			await rename(part, output);
		} catch (error) {
			await rm(part, { force: true });
			if (error instanceof Error && "syscall" in error && "path" in error) {
				throw new UserError(`${output} cannot be written: ${error.message}.`);
			}
			throw error;
		}
		console.error(`${output} holds the ${entity}s.`);
	});
}
