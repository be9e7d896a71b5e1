import type { BulkResult, MusterClient, OperationName } from "@muster/client";
import { type Entity, type NewDetailField, operationNamed } from "@muster/client/contract";
import { isDetail, keyOfName } from "@muster/client/import";
import { isOwnColumn, type RunBulk, removeOthers } from "./gone.ts";
import { BadLine, type Message, readMessage } from "./message.ts";
import { columnAt, rowOf, type StreamPlan, type StreamRow } from "./row.ts";

export interface TargetOptions {
	readonly client: MusterClient;
	readonly streams: ReadonlyMap<string, StreamPlan>;
	/** Names this process: what is sent by another one is sent anew, also where it is the same. */
	readonly name: string;
	/** Milliseconds of a clock that never jumps. */
	readonly now: () => number;
	/** No further line is read when it is aborted; what was read is committed first. */
	readonly interrupted: AbortSignal;
	/** A state, as one line of JSON, when every record before it is committed. */
	readonly onState: (text: string) => void;
	/** What is worth knowing, without anything of a person. */
	readonly onTold: (message: string) => void;
	readonly onFailed: (failed: FailedRecord) => void;
}

export interface FailedRecord {
	/** "users:17" */
	readonly ref: string;
	readonly code: string;
	/** The column at fault; null where it is the record itself. */
	readonly column: string | null;
}

/** Records that are kept until they are sent: five requests. */
const rowsMax = 500;
/** Longest time that a record which was read waits for others, when a further line comes; milliseconds. */
const waitMs = 5_000;

/** A line that cannot be used. What stood before it is committed. */
export class MalformedInput extends Error {
	override readonly name = "MalformedInput";
}

export interface TargetCounts {
	readonly records: number;
	readonly failed: number;
	/** Records of streams that the mapping does not have. */
	readonly ignored: number;
	/** Associations with organizations that are not here. */
	readonly unassociated: number;
}

/**
 * Takes the lines of a tap, and tells its states when all records before them are committed: what was told last is where a
 * tap goes on, and nothing before it can be lost. Records are upserts, so those that are sent again change nothing.
 * @throws MalformedInput that names the line
 */
export async function runTarget(lines: AsyncIterable<string>, options: TargetOptions): Promise<TargetCounts> {
	const target = new Target(options);
	let line = 0;
	try {
		for await (const text of lines) {
			line += 1;
			if (text.trim() !== "") await target.take(readMessage(text), line);
			if (options.interrupted.aborted) break;
		}
	} catch (error) {
		if (!(error instanceof BadLine)) throw error;
		await target.flush();
		throw new MalformedInput(
			`line ${line} of the input cannot be used: ${error.message}. What stood before it is saved; nothing behind it was read.`,
		);
	}
	await target.flush();
	return target.counts;
}

class Target {
	readonly #options: TargetOptions;
	readonly #told = new Set<string>();
	/** Organizations that were sent by their names alone. */
	readonly #named = new Set<string>();
	#fieldsMade = false;
	#rows: StreamRow[] = [];
	#since = 0;
	/** The last state that came, and is not told yet. */
	#state: string | null = null;
	#flushes = 0;
	counts = { records: 0, failed: 0, ignored: 0, unassociated: 0 };

	constructor(options: TargetOptions) {
		this.#options = options;
	}

	async take(message: Message, line: number): Promise<void> {
		const { streams, now } = this.#options;
		switch (message.type) {
			case "SCHEMA":
				this.#checkColumns(message.stream, message.columns);
				break;
			case "RECORD": {
				const stream = streams.get(message.stream);
				if (stream === undefined) {
					this.counts.ignored += 1;
					this.#tellOnce(
						`The mapping has no stream ${JSON.stringify(message.stream)}: its records are left out.`,
					);
					break;
				}
				if (this.#rows.length === 0) this.#since = now();
				this.#rows.push(rowOf(stream, message, `${message.stream}:${line}`));
				break;
			}
			case "STATE":
				this.#state = message.text;
				break;
			case "ACTIVATE_VERSION":
				await this.#activate(message.stream, message.version);
				break;
			case "OTHER":
				break;
		}
		const isDue = this.#rows.length > 0 && now() - this.#since >= waitMs;
		if (this.#rows.length >= rowsMax || isDue || this.#rows.length === 0) await this.flush();
	}

	/** Only what was read before counts as there. */
	async #activate(name: string, version: string | null): Promise<void> {
		const { client, streams, onTold } = this.#options;
		const { plan, gone = null } = streams.get(name) ?? {};
		const shown = JSON.stringify(name);
		if (plan === undefined || gone === null || version === null) {
			this.#tellOnce(
				`Records of ${shown} that the tap no longer has are kept: the mapping has no \`gone: mark\` or \`gone: delete\` for it.`,
			);
			return;
		}
		await this.#commit();
		const run: RunBulk = (...bulk) => this.#run(...bulk);
		const count = await removeOthers(plan.entity, gone, version, { client, run });
		if (count === 0) return;
		const done = gone.way === "mark" ? "marked" : "deleted";
		onTold(`Records of ${shown} that the tap no longer has: ${count} ${done}.`);
	}

	/** Commits what was read, and tells the last state of it. */
	async flush(): Promise<void> {
		await this.#commit();
		if (this.#state !== null) this.#options.onState(this.#state);
		this.#state = null;
	}

	/** Commits what was read, organizations first. */
	async #commit(): Promise<void> {
		const rows = this.#rows;
		if (rows.length === 0) return;
		if (!this.#fieldsMade) await this.#makeFields();
		this.#fieldsMade = true;
		this.#flushes += 1;
		const [organizations, customers] = (["organization", "customer"] as const).map((entity) =>
			rows.filter(({ stream }) => stream.plan.entity === entity),
		);
		await this.#send("organization.profile", organizations ?? []);
		await this.#sendNamed(customers ?? []);
		await this.#send("customer.profile", await this.#associated(customers ?? []));
		this.#rows = [];
	}

	async #send(operation: OperationName, rows: readonly StreamRow[]): Promise<void> {
		const toItem = ({ item }: StreamRow): object => item;
		for await (const result of this.#run(operation, rows, toItem, operation)) {
			this.counts.records += 1;
			if (result.outcome === "failed") this.#fail(result);
		}
	}

	/** Customers name organizations, and those have to be there. */
	async #sendNamed(rows: readonly StreamRow[]): Promise<void> {
		const names = rows
			.flatMap(({ organizations }) => organizations)
			.filter((name) => !this.#named.has(keyOfName(name)) && this.#named.add(keyOfName(name)));
		const toItem = (name: string): object => ({ name });
		// One that fails is told with the customers that name it.
		for await (const _ of this.#run("organization.profile", names, toItem, "named"));
	}

	/** Looks up the organizations that are named by what they are known by elsewhere. */
	async #associated(rows: readonly StreamRow[]): Promise<readonly StreamRow[]> {
		const ids = new Map<string, string>();
		const fields = new Set(rows.flatMap(({ stream }) => stream.organizationBy?.field ?? []));
		for (const field of fields) {
			const keys = new Set(
				rows.flatMap(({ stream, organizationKey }) =>
					stream.organizationBy?.field === field && organizationKey !== null ? [organizationKey] : [],
				),
			);
			for (const [key, id] of await this.#organizationsBy(field, [...keys])) ids.set(`${field}\n${key}`, id);
		}
		return rows.map((row) => {
			const { organizationKey, item, stream } = row;
			if (organizationKey === null) return row;
			const id = ids.get(`${stream.organizationBy?.field}\n${organizationKey}`);
			if (id === undefined) {
				this.counts.unassociated += 1;
				return row;
			}
			const others = Array.isArray(item.organizations) ? item.organizations : [];
			return { ...row, item: { ...item, organizations: [...others, { id }] } };
		});
	}

	async #organizationsBy(field: string, keys: readonly string[]): Promise<ReadonlyMap<string, string>> {
		const { client } = this.#options;
		const found = new Map<string, string>();
		if (keys.length === 0) return found;
		const known = (await client.detailFields("organization")).find(
			({ id, name }) => keyOfName(name) === keyOfName(field) || id === field,
		);
		if (known === undefined) return found;
		for (let start = 0; start < keys.length; start += keysMax) {
			const part = keys.slice(start, start + keysMax);
			for await (const { id, details } of client.findByDetail("organization", field, part)) {
				const key = String(details[known.id]);
				if (!found.has(key)) found.set(key, id);
			}
		}
		return found;
	}

	/** One request at a time: a record may come twice, and the later one must win. */
	#run<Row>(
		operation: OperationName,
		rows: readonly Row[],
		toItem: (row: Row) => object,
		part: string,
	): AsyncGenerator<BulkResult<Row>, void> {
		const { client, name } = this.#options;
		const place = `${name} ${this.#flushes} ${part}`;
		return client.bulk(operation).run(rows, { toItem, name: place, source: "sync-singer", concurrency: 1 });
	}

	#fail({ row, errors = [] }: BulkResult<StreamRow>): void {
		this.counts.failed += 1;
		for (const { code, pointer } of errors) {
			this.#options.onFailed({ ref: row.ref, code, column: columnAt(row, pointer) });
		}
	}

	/** Fields that the mapping names and the site has not. */
	async #makeFields(): Promise<void> {
		const { client, streams } = this.#options;
		for (const entity of ["organization", "customer"] as const) {
			const missing = missingFields(entity, [...streams.values()]);
			const operation = `${entity}.definitions` as const;
			const { itemsMax } = operationNamed(operation);
			for (let start = 0; start < missing.length; start += itemsMax) {
				const { taskId } = await client.submit(operation, missing.slice(start, start + itemsMax));
				await client.waitForTask(taskId);
			}
		}
	}

	#checkColumns(stream: string, columns: readonly string[] | null): void {
		const plan = this.#options.streams.get(stream)?.plan;
		if (plan === undefined || columns === null) return;
		const foreign = plan.columns
			.map(({ column }) => column)
			.filter(
				(column) =>
					!isOwnColumn(column) &&
					!columns.includes(column) &&
					!columns.includes(column.replace(/(\..*)?(\[\])?$/, "")),
			);
		if (foreign.length === 0) return;
		this.#tellOnce(
			`The stream ${JSON.stringify(stream)} has no ${foreign.join(", ")}, which the mapping names. It has ${columns.join(", ")}.`,
		);
	}

	#tellOnce(message: string): void {
		if (this.#told.has(message)) return;
		this.#told.add(message);
		this.#options.onTold(message);
	}
}

/** Most values of one search. */
const keysMax = 100;

function missingFields(entity: Entity, streams: readonly StreamPlan[]): readonly NewDetailField[] {
	const missing = new Map<string, NewDetailField>();
	for (const { plan } of streams.filter((stream) => stream.plan.entity === entity)) {
		for (const { target } of plan.columns) {
			if (!isDetail(target) || target.isKnown) continue;
			const options = target.options.length === 0 ? {} : { options: [...target.options] };
			missing.set(keyOfName(target.detail), { name: target.detail, type: { name: target.type, ...options } });
		}
	}
	return [...missing.values()];
}
