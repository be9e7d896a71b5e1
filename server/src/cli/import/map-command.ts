import { type DateOrder, dateOrders, type Preset, presets } from "@muster/client/import";
import { type Command, Option } from "commander";
import { connect } from "../connect.ts";
import { UserError } from "../user-error.ts";
import { planFile, readColumns } from "./analyse.ts";
import type { FieldsOf } from "./prepare.ts";
import { openSource } from "./source.ts";

interface MapOptions {
	readonly records?: "customers" | "organizations";
	readonly preset?: Preset;
	readonly dates?: DateOrder;
	readonly to?: string;
}

export function addMap(program: Command): void {
	program
		.command("map")
		.argument("<file>", "CSV, TSV or JSONL")
		.description("Write what the columns of a file become, as a mapping (YAML) to edit")
		.addOption(recordsOption())
		.addOption(presetOption())
		.addOption(datesOption())
		.option("--to <url>", "the service whose detail fields are looked up; MUSTER_URL if left out")
		.addHelpText(
			"after",
			"\nExample:\n  muster map contacts.csv > contacts.yaml\n  muster import contacts.csv --map contacts.yaml",
		)
		.action(run);
}

export function recordsOption(): Option {
	return new Option("--records <kind>", "what the file holds, where its columns do not tell").choices([
		"customers",
		"organizations",
	]);
}

export function presetOption(): Option {
	return new Option("--preset <crm>", "the program that the file was exported from").choices(presets);
}

export function datesOption(): Option {
	return new Option("--dates <order>", "how days are written, where that cannot be told").choices(dateOrders);
}

async function run(path: string, options: MapOptions): Promise<void> {
	const source = await openSource(path);
	const plan = planFile(source, await readColumns(source), {
		entity:
			options.records === undefined
				? undefined
				: options.records === "customers"
					? "customer"
					: "organization",
		preset: options.preset,
		dates: options.dates,
		createFields: true,
		fields: await fieldsOf(options.to),
	});
	const { writeMap } = await import("./map-file.ts");
	process.stdout.write(writeMap(source.name, plan));
}

/** A mapping can be written without a service; then every field is a new one. */
async function fieldsOf(to: string | undefined): Promise<FieldsOf> {
	try {
		const { client } = await connect({ to });
		return {
			customer: await client.detailFields("customer"),
			organization: await client.detailFields("organization"),
		};
	} catch (error) {
		if (to !== undefined) throw error;
		const why = error instanceof UserError || error instanceof Error ? error.message : String(error);
		console.error(`muster: the site's fields were not looked up: ${why}`);
		return { customer: [], organization: [] };
	}
}
