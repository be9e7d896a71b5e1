import type { Connection } from "./connection.ts";
import type { CustomerExport, ReferenceCustomerExport } from "./contract/person.ts";
import { MusterError } from "./errors.ts";

interface Signal {
	readonly signal?: AbortSignal | undefined;
}

/**
 * The two things that a person may ask of who keeps their data (docs/guides/privacy.md). Both ask for the scope `admin`
 * besides, and take as long as reading all that is kept of the site's tasks.
 */
export class People {
	readonly #connection: Connection;

	constructor(connection: Connection) {
		this.#connection = connection;
	}

	/** Everything that is known of a customer, as one document, records in the shape of the dialect. */
	async handOver(
		customerId: string,
		{ signal }: Signal = {},
	): Promise<CustomerExport | ReferenceCustomerExport> {
		const path = `customer/${encodeURIComponent(customerId)}/export`;
		// By the contract.
		return (await this.#connection.ask({ method: "GET", path, signal })).body as CustomerExport;
	}

	/**
	 * Erases a customer with everything that names them, in one transaction, for ever.
	 * @returns whether anything was there
	 * @throws MusterError task_unfinished while a task that names them waits; nothing is erased then
	 */
	async erase(customerId: string, { signal }: Signal = {}): Promise<boolean> {
		const path = `customer/account/${encodeURIComponent(customerId)}`;
		try {
			await this.#connection.ask({ method: "DELETE", path, query: { erase: true }, signal });
			return true;
		} catch (error) {
			if (error instanceof MusterError && error.status === 404) return false;
			throw error;
		}
	}
}
