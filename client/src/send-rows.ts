import type { BulkResult } from "./bulk.ts";
import type { MusterClient } from "./client.ts";
import type { NewDetailField } from "./contract/detail-field.ts";
import type { Entity, OperationName } from "./contract/operations.ts";
import type { Change } from "./contract/task.ts";
import { tooManyCells } from "./import/check-row.ts";
import { FaultGroups } from "./import/fault-groups.ts";
import { cellOf, itemOfRow, keyOfName, organizationsOf } from "./import/item-of-row.ts";
import { type FilePlan, placeOf } from "./import/plan.ts";
import { faultOfError, type RowFault } from "./import/row-fault.ts";
import type { RowFile } from "./import/row-file.ts";
import { SeenKeys } from "./import/seen-keys.ts";

/** One file of an import: how it is read, what its columns become, and where its failed rows go. */
export interface FileToSend {
	readonly file: RowFile;
	readonly plan: FilePlan;
	readonly rows: number;
	/** Takes rows that failed, in their order; null where nobody wants them. */
	readonly failed: FailedRows | null;
}

export interface FailedRows {
	add(line: number, cells: readonly string[], faults: readonly RowFault[]): Promise<void> | void;
}

/** All that is sent under one name: sent again, it takes effect once. */
export interface ImportRun {
	readonly run: string;
	readonly files: readonly FileToSend[];
	/** Organizations that customers name and no file has. */
	readonly companies: number;
	readonly newFields: Readonly<Record<Entity, readonly NewDetailField[]>>;
}

export type Counts = Record<BulkResult<never>["outcome"], number>;

/** Rows of one file, or the organizations that customers name. */
export interface Stage {
	readonly label: string;
	/** The file's; null where the rows come of a column. */
	readonly fileName: string | null;
	readonly total: number;
	readonly counts: Counts;
}

export interface Sent {
	readonly stages: readonly Stage[];
	readonly faults: FaultGroups;
	/** Customers that could not be associated, because the service does not tell organizations' ids. */
	readonly unassociated: number;
	/** Of a dry run: organizations that are not there yet, so that associating with them could not be tried. */
	readonly absent: number;
}

/** One row's end, for whoever wants to hear of each. */
export interface RowEnd {
	readonly file: string;
	readonly line: number;
	readonly outcome: keyof Counts;
	readonly id?: string;
	readonly key?: string;
	readonly faults?: readonly RowFault[];
	readonly changes?: readonly Change[];
}

export interface Sending {
	readonly client: Pick<MusterClient, "dialect" | "bulk" | "submit" | "waitForTask">;
	readonly dryRun: boolean;
	/** No further rows are taken when it is aborted; what is under way ends first. */
	readonly interrupted: AbortSignal;
	readonly onStage: (stage: Stage) => void;
	/** Called for each row, after its stage has counted it. */
	readonly onRow: (stage: Stage, end: RowEnd) => void;
	readonly onStageEnd: (stage: Stage) => void;
}

/** The user wants no more; what was accepted will be carried out, and the rest by the same run again. */
export class Interrupted extends Error {
	override readonly name = "Interrupted";
}

/** Defines the new fields, then sends organizations, then the ones that customers name, then customers. */
export async function sendRows(run: ImportRun, sending: Sending): Promise<Sent> {
	if (!sending.dryRun) await defineFields(run, sending.client);
	return new Run(run, sending).carryOut();
}

async function defineFields({ run, newFields }: ImportRun, client: Sending["client"]): Promise<void> {
	for (const entity of ["organization", "customer"] as const) {
		const fields = newFields[entity];
		const operation = `${entity}.definitions` as const;
		for (let start = 0; start < fields.length; start += fieldsMax) {
			const part = fields.slice(start, start + fieldsMax);
			const { taskId } = await client.submit(operation, part, {
				idempotencyKey: `${run}-fields-${entity}-${start}`,
			});
			await client.waitForTask(taskId);
		}
	}
}

/** Most fields of one request (reference). */
const fieldsMax = 50;

interface SentRow {
	readonly line: number;
	readonly cells: readonly string[];
	readonly item: object;
	/** Of an organization. */
	readonly name: string;
}

class Run {
	readonly #importRun: ImportRun;
	readonly #sending: Sending;
	readonly #stages: Stage[] = [];
	readonly #faults = new FaultGroups();
	/** Names of organizations that were sent. */
	readonly #names = new SeenKeys();
	/** Of a dry run: those that it would make. */
	readonly #absent = new SeenKeys();
	readonly #organizationIds = new Map<string, string>();
	#unassociated = 0;

	constructor(importRun: ImportRun, sending: Sending) {
		this.#importRun = importRun;
		this.#sending = sending;
	}

	async carryOut(): Promise<Sent> {
		const { files } = this.#importRun;
		const [organizations, customers] = (["organization", "customer"] as const).map((entity) =>
			files.filter(({ plan }) => plan.entity === entity),
		);
		for (const file of organizations ?? []) await this.#sendFile(file);
		await this.#sendCompanies(customers ?? []);
		for (const file of customers ?? []) await this.#sendFile(file);
		return {
			stages: this.#stages,
			faults: this.#faults,
			unassociated: this.#unassociated,
			absent: this.#absent.size,
		};
	}

	async #sendFile(sent: FileToSend): Promise<void> {
		const { file, plan, rows } = sent;
		const stage = this.#begin(`${plan.entity}s`, file.name, rows);
		const fail = async (line: number, cells: readonly string[], faults: readonly RowFault[]) => {
			for (const fault of faults) this.#faults.add({ file: file.name, line }, fault);
			if (!this.#sending.dryRun) await sent.failed?.add(line, cells, faults);
			this.#count(stage, { file: file.name, line, outcome: "failed", faults });
		};
		const operation = `${plan.entity}.profile` as const;
		for await (const result of this.#run(operation, this.#rowsOfFile(sent, fail), file.name)) {
			const { line, cells, item, name } = result.row;
			if (plan.entity === "organization") this.#note(name, result);
			if (result.outcome === "failed") await fail(line, cells, faultsOf(plan, cells, item, result));
			else this.#count(stage, endOf(file.name, line, result));
		}
		this.#sending.onStageEnd(stage);
	}

	/** Customers are associated with organizations by name, so those that no file has are sent too, each once. */
	async #sendCompanies(files: readonly FileToSend[]): Promise<void> {
		if (this.#importRun.companies === 0) return;
		const stage = this.#begin("companies", null, this.#importRun.companies);
		for (const { file, plan } of files) {
			const rows = this.#companiesOf(file, plan);
			for await (const result of this.#run("organization.profile", rows, `companies of ${file.name}`)) {
				const { line, name, cells } = result.row;
				this.#note(name, result);
				// Its customers fail with it, and stand in their file; here it is told why.
				if (result.outcome === "failed") {
					const place = placeOf(plan, "organization");
					const column = plan.columns[place]?.column ?? null;
					for (const { code, message, hint } of result.errors ?? []) {
						const fault = { code, column, value: cellOf(cells, place), message, ...(hint && { hint }) };
						this.#faults.add({ file: file.name, line }, fault);
					}
				}
				this.#count(stage, endOf(file.name, line, result));
			}
		}
		this.#sending.onStageEnd(stage);
	}

	async *#rowsOfFile(
		{ file, plan }: FileToSend,
		fail: (line: number, cells: readonly string[], faults: readonly RowFault[]) => Promise<void>,
	): AsyncGenerator<SentRow, void> {
		const columns = plan.columns.map(({ column }) => column);
		const namePlace = placeOf(plan, "name");
		for await (const { line, cells, fault } of file.rows(columns)) {
			if (this.#sending.interrupted.aborted) throw new Interrupted();
			const unreadable = fault ?? (cells.length > columns.length ? tooManyCells(plan, cells) : undefined);
			if (unreadable !== undefined) {
				await fail(line, cells, [unreadable]);
				continue;
			}
			const name = plan.entity === "organization" ? cellOf(cells, namePlace) : "";
			if (name !== "") this.#names.add(name);
			yield { line, cells, name, item: this.#itemOf(plan, cells, `${file.name}:${line}`) };
		}
	}

	async *#companiesOf(file: RowFile, plan: FilePlan): AsyncGenerator<SentRow, void> {
		const columns = plan.columns.map(({ column }) => column);
		const { dialect } = this.#sending.client;
		for await (const { line, cells } of file.rows(columns)) {
			if (this.#sending.interrupted.aborted) throw new Interrupted();
			for (const name of organizationsOf(plan, cells)) {
				if (!this.#names.add(name)) continue;
				const item = dialect === "reference" ? { operationType: "UPSERT", payload: { name } } : { name };
				yield { line, cells, name, item };
			}
		}
	}

	#itemOf(plan: FilePlan, cells: readonly string[], ref: string): object {
		const { client, dryRun } = this.#sending;
		const organizationIds = this.#organizationIds;
		if (client.dialect === "reference" && plan.entity === "customer") {
			const names = organizationsOf(plan, cells);
			if (names.some((name) => !organizationIds.has(keyOfName(name)))) this.#unassociated += 1;
		}
		const isAbsent = (name: string): boolean => this.#absent.has(name);
		return itemOfRow(plan, cells, {
			dialect: client.dialect,
			ref,
			organizationIds,
			...(dryRun ? { isAbsent } : {}),
		});
	}

	#run(operation: OperationName, rows: AsyncIterable<SentRow>, part: string) {
		const { client, dryRun } = this.#sending;
		// The reference associates by id, so those of organizations are asked for.
		const withIds = client.dialect === "reference" && operation === "organization.profile";
		const name = `${this.#importRun.run} ${part}`;
		return client.bulk(operation).run(rows, { toItem: ({ item }) => item, name, dryRun, withIds });
	}

	#note(name: string, { outcome, id }: BulkResult<SentRow>): void {
		if (this.#sending.dryRun && outcome === "created") this.#absent.add(name);
		if (id !== undefined && this.#sending.client.dialect === "reference")
			this.#organizationIds.set(keyOfName(name), id);
	}

	#begin(label: string, fileName: string | null, total: number): Stage {
		const counts = { created: 0, updated: 0, unchanged: 0, skipped: 0, failed: 0, succeeded: 0 };
		const stage = { label, fileName, total, counts };
		this.#stages.push(stage);
		this.#sending.onStage(stage);
		return stage;
	}

	#count(stage: Stage, end: RowEnd): void {
		stage.counts[end.outcome] += 1;
		this.#sending.onRow(stage, end);
	}
}

function faultsOf(
	plan: FilePlan,
	cells: readonly string[],
	item: object,
	{ errors = [] }: BulkResult<SentRow>,
): readonly RowFault[] {
	if (errors.length > 0) return errors.map((error) => faultOfError(plan, cells, item, error));
	return [{ code: "failed", column: null, value: "", message: "The service does not say why." }];
}

function endOf(file: string, line: number, result: BulkResult<SentRow>): RowEnd {
	const { outcome, id, key, changes } = result;
	return { file, line, outcome, ...(id && { id }), ...(key && { key }), ...(changes && { changes }) };
}
