import { type MusterClient, MusterError } from "@muster/client";
import type { Command } from "commander";
import { connect } from "./connect.ts";
import { UserError } from "./user-error.ts";

/** What every command has that asks a service. */
export interface ServiceOptions {
	readonly to?: string;
	readonly json?: true;
}

/** A command that asks the service; see `connect` for how it is found. */
export function serviceCommand(parent: Command, name: string): Command {
	return parent
		.command(name)
		.option("--to <url>", "the service; MUSTER_URL if left out, else the server of this folder");
}

/** What a request names and the service does not have or take: for the user to mend. */
const mendable: readonly number[] = [400, 404, 409, 422];

/**
 * @param missing what is told where the service has nothing under the address that was asked
 * @throws UserError where the service says that what was asked for is wrong
 */
export async function withService<T>(
	{ to }: ServiceOptions,
	work: (client: MusterClient) => Promise<T>,
	missing?: string,
): Promise<T> {
	const { client } = await connect({ to });
	try {
		return await work(client);
	} catch (error) {
		if (!(error instanceof MusterError) || !mendable.includes(error.status)) throw error;
		throw new UserError(error.status === 404 && missing !== undefined ? missing : error.message);
	}
}
