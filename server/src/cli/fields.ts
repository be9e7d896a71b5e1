import {
	type DetailField,
	type DetailFieldType,
	type FieldOwner,
	MusterError,
	type NewDetailField,
} from "@muster/client";
import { detailFieldTypes, fieldOwners } from "@muster/client/contract";
import { Argument, type Command, Option } from "commander";
import { nearest } from "../domain/nearest.ts";
import { addListOptions, type ListOptions, printList } from "./print-list.ts";
import { askYesNo, canAsk } from "./questions.ts";
import { count } from "./screen.ts";
import { type Column, printPairs } from "./table.ts";
import { UserError } from "./user-error.ts";
import { type ServiceOptions, serviceCommand, withService } from "./with-service.ts";

/** The detail fields of a site, and what may be done to them while records have values in them. */
export function addFields(program: Command): void {
	const fields = program
		.command("fields")
		.description("Show, make, rename and delete detail fields")
		.addHelpText("after", "\nExample:\n  muster fields list customers");
	addListOptions(serviceCommand(fields, "list").addArgument(ownerArgument().argOptional()), 200)
		.description("List the detail fields, those of every kind of record if none is named")
		.addHelpText("after", "\nExample:\n  muster fields list customers")
		.action(list);
	serviceCommand(fields, "show")
		.addArgument(ownerArgument())
		.argument("<field>", "its name or id")
		.description("Show a field with its options")
		.option("--json", "print JSON")
		.addHelpText("after", "\nExample:\n  muster fields show customers tier")
		.action(show);
	serviceCommand(fields, "create")
		.addArgument(ownerArgument())
		.argument("<name>")
		.description("Make a field")
		.addOption(new Option("--type <type>", "what its values are").choices(detailFieldTypes).default("TEXT"))
		.option("--option <option...>", "what a SELECT or MULTISELECT takes")
		.option("--json", "print JSON")
		.addHelpText(
			"after",
			'\nExample:\n  muster fields create customers "Support tier" --type SELECT --option Free Premium',
		)
		.action(create);
	serviceCommand(fields, "rename")
		.addArgument(ownerArgument())
		.argument("<field>", "its name or id")
		.argument("<newName>")
		.description("Give a field another name; its id stays, and records keep their values")
		.option("--json", "print JSON")
		.addHelpText("after", '\nExample:\n  muster fields rename customers "Support tier" Tier')
		.action(rename);
	serviceCommand(fields, "delete")
		.addArgument(ownerArgument())
		.argument("<field>", "its name or id")
		.description("Delete a field; where records have values in it, only if you say that they may go")
		.option("--yes", "its values may go, without being asked")
		.addHelpText("after", "\nExample:\n  muster fields delete customers Tier")
		.action(remove);
}

type Kind = `${FieldOwner}s`;

function ownerArgument(): Argument {
	return new Argument("<records>", "whose field it is").choices(
		fieldOwners.map((owner): Kind => `${owner}s`),
	);
}

function ownerOf(kind: Kind): FieldOwner {
	// The argument takes these words alone.
	return kind.slice(0, -1) as FieldOwner;
}

interface OwnedField extends DetailField {
	readonly of: FieldOwner;
}

const columns: readonly Column<OwnedField>[] = [
	{ title: "of", cell: ({ of }) => of },
	{ title: "id", cell: ({ id }) => id },
	{ title: "name", cell: ({ name }) => name },
	{ title: "type", cell: ({ type }) => type.name },
	{ title: "options", cell: ({ type }) => shortOptions(type.options ?? []) },
];

/** Options that a list shows of a field; `show` has all. */
const optionsShown = 6;

function shortOptions(options: readonly string[]): string {
	const more = options.length - optionsShown;
	return options.slice(0, optionsShown).join(", ") + (more > 0 ? ` ... and ${count(more)} more` : "");
}

function list(kind: Kind | undefined, options: ServiceOptions & Omit<ListOptions, "json">): Promise<void> {
	const owners = kind === undefined ? fieldOwners : [ownerOf(kind)];
	return withService(options, (client) => {
		async function* all(): AsyncGenerator<OwnedField, void> {
			for (const of of owners) for (const field of await client.detailFields(of)) yield { of, ...field };
		}
		return printList(all(), columns, "detail fields", options);
	});
}

function show(kind: Kind, named: string, options: ServiceOptions): Promise<void> {
	return withService(options, async (client) => {
		const fields = await client.detailFields(ownerOf(kind));
		const same = (text: string): boolean => text.trim().toLowerCase() === named.trim().toLowerCase();
		const found = fields.find(({ name }) => same(name)) ?? fields.find(({ id }) => same(id));
		if (found === undefined) {
			const names = fields.map(({ name }) => name);
			const near = nearest(named, names);
			throw new UserError(noField(kind, named, near === null ? "" : ` Did you mean ${near}?`));
		}
		printField(found, options);
	});
}

function noField(kind: Kind, named: string, hint = ""): string {
	return `${kind} have no detail field ${JSON.stringify(named)}.${hint} \`muster fields list ${kind}\` shows them.`;
}

function printField(field: DetailField, { json }: ServiceOptions): void {
	if (json) {
		console.log(JSON.stringify(field));
		return;
	}
	const { id, name, type, configuration } = field;
	printPairs([
		["name", name],
		["id", id],
		["type", type.name],
		["place", String(configuration.position)],
		...(type.options ?? []).map((option, place) => [place === 0 ? "options" : "", option] as const),
	]);
}

interface CreateOptions extends ServiceOptions {
	readonly type: DetailFieldType;
	readonly option?: readonly string[];
}

function create(kind: Kind, name: string, options: CreateOptions): Promise<void> {
	const { type, option } = options;
	const field: NewDetailField = {
		name,
		type: { name: type, ...(option === undefined ? {} : { options: [...option] }) },
	};
	return withService(options, async (client) =>
		printField(await client.createDetailField(ownerOf(kind), field), options),
	);
}

function rename(kind: Kind, named: string, name: string, options: ServiceOptions): Promise<void> {
	return withService(
		options,
		async (client) => printField(await client.changeDetailField(ownerOf(kind), named, { name }), options),
		noField(kind, named),
	);
}

function remove(kind: Kind, named: string, options: ServiceOptions & { readonly yes?: true }): Promise<void> {
	const owner = ownerOf(kind);
	return withService(
		options,
		async (client) => {
			try {
				await client.deleteDetailField(owner, named, { confirm: options.yes === true });
			} catch (error) {
				if (!(error instanceof MusterError) || error.code !== "values_at_stake") throw error;
				const values = error.problem?.values ?? 0;
				const stake = `${count(values)} ${values === 1 ? owner : kind} ${values === 1 ? "has a value" : "have values"} in ${named}`;
				if (!canAsk()) throw new UserError(`${stake}. Nothing was deleted; say --yes if they may go.`);
				if (!(await askYesNo(`${stake}. Delete it with them?`))) {
					throw new UserError("nothing was deleted.");
				}
				await client.deleteDetailField(owner, named, { confirm: true });
			}
			console.error(`The detail field ${named} of ${kind} is deleted.`);
		},
		noField(kind, named),
	);
}
