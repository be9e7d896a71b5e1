import type { BulkResult } from "./bulk.ts";
import type { OperationName } from "./contract/operations.ts";
import { tooManyCells } from "./import/check-row.ts";
import { FaultGroups } from "./import/fault-groups.ts";
import { cellOf, itemOfRow, keyOfName, organizationsOf } from "./import/item-of-row.ts";
import { type FilePlan, placeOf } from "./import/plan.ts";
import { faultOfError, type RowFault } from "./import/row-fault.ts";
import type { RowFile } from "./import/row-file.ts";
import { SeenKeys } from "./import/seen-keys.ts";
import type { FileToSend, ImportRun, RowEnd, Sending, Sent, Stage } from "./import-run.ts";
import { Interrupted } from "./interrupted.ts";
import { OrganizationIds } from "./organization-ids.ts";

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

/** Most organizations of unknown id that are told of by name. */
const unknownMax = 10;

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
	/** Names of organizations that rows of customers have had. */
	readonly #companies = new SeenKeys();
	/** Of a dry run: those that it would make. */
	readonly #absent = new SeenKeys();
	readonly #organizationIds: OrganizationIds;
	/** Names by `keyOfName`. */
	readonly #unknown = new Map<string, string>();
	#unassociated = 0;

	constructor(importRun: ImportRun, sending: Sending) {
		this.#importRun = importRun;
		this.#sending = sending;
		this.#organizationIds = new OrganizationIds(importRun.organizationIds ?? null);
	}

	async carryOut(): Promise<Sent> {
		const { files } = this.#importRun;
		const organizations = files.filter(({ plan }) => plan.entity === "organization");
		const customers = files.filter(({ plan }) => plan.entity === "customer");
		if (this.#sending.client.dialect === "reference") await this.#findIds(organizations, customers);
		for (const file of organizations) await this.#sendFile(file);
		await this.#sendCompanies(customers);
		for (const file of customers) await this.#sendFile(file);
		return {
			stages: this.#stages,
			faults: this.#faults,
			unassociated: this.#unassociated,
			unknownOrganizations: [...this.#unknown.values()],
			absent: this.#absent.size,
		};
	}

	/** Its stage is seen while it goes on, and in no report: the same organizations are rows of those behind it. */
	async #findIds(organizations: readonly FileToSend[], customers: readonly FileToSend[]): Promise<void> {
		const { client, dryRun, interrupted, onStage, onProgress, onStageEnd } = this.#sending;
		// A dry run makes none; it learns the ids of those that are there by its results.
		if (dryRun) return;
		let stage = stageOf("ids", null, 0);
		await this.#organizationIds.find(organizations, customers, {
			client,
			interrupted,
			onBegin: (total) => {
				stage = stageOf("ids", null, total);
				onStage(stage);
			},
			onName: () => {
				stage.counts.succeeded += 1;
				onProgress?.(stage);
			},
		});
		if (stage.total > 0) onStageEnd(stage);
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
		for await (const results of this.#run(operation, this.#rowsOfFile(sent, fail), file.name)) {
			for (const result of results) {
				const { line, cells, item, name } = result.row;
				if (plan.entity === "organization") this.#note(name, result);
				if (result.outcome === "failed") await fail(line, cells, faultsOf(plan, cells, item, result));
				else this.#count(stage, endOf(file.name, line, result));
			}
		}
		this.#sending.onStageEnd(stage);
	}

	/** Customers are associated with organizations by name, so those that no file has are sent too, each once. */
	async #sendCompanies(files: readonly FileToSend[]): Promise<void> {
		if (this.#importRun.companies === 0) return;
		const stage = this.#begin("companies", null, this.#importRun.companies);
		for (const { file, plan } of files) {
			const rows = this.#companiesOf(file, plan);
			for await (const results of this.#run("organization.profile", rows, `companies of ${file.name}`)) {
				for (const result of results) this.#endCompany(stage, file, plan, result);
			}
		}
		this.#sending.onStageEnd(stage);
	}

	#endCompany(stage: Stage, file: RowFile, plan: FilePlan, result: BulkResult<SentRow>): void {
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

	async *#rowsOfFile(
		{ file, plan }: FileToSend,
		fail: (line: number, cells: readonly string[], faults: readonly RowFault[]) => Promise<void>,
	): AsyncGenerator<readonly SentRow[], void> {
		const columns = plan.columns.map(({ column }) => column);
		const namePlace = placeOf(plan, "name");
		for await (const piece of file.rows(columns)) {
			if (this.#sending.interrupted.aborted) throw new Interrupted();
			const rows: SentRow[] = [];
			for (const { line, cells, fault } of piece) {
				const unreadable = fault ?? (cells.length > columns.length ? tooManyCells(plan, cells) : undefined);
				if (unreadable !== undefined) {
					await fail(line, cells, [unreadable]);
					continue;
				}
				const name = plan.entity === "organization" ? cellOf(cells, namePlace) : "";
				if (name !== "") this.#names.add(name);
				rows.push({ line, cells, name, item: this.#itemOf(plan, cells, `${file.name}:${line}`) });
			}
			yield rows;
		}
	}

	async *#companiesOf(file: RowFile, plan: FilePlan): AsyncGenerator<readonly SentRow[], void> {
		const columns = plan.columns.map(({ column }) => column);
		const { dialect } = this.#sending.client;
		for await (const piece of file.rows(columns)) {
			if (this.#sending.interrupted.aborted) throw new Interrupted();
			// In most files the first rows name all of them, and the others need not be read for that.
			if (this.#companies.size === this.#importRun.companies && !this.#companies.isFull) return;
			const rows: SentRow[] = [];
			for (const { line, cells } of piece) {
				for (const name of organizationsOf(plan, cells)) {
					this.#companies.add(name);
					if (!this.#names.add(name)) continue;
					const item = dialect === "reference" ? { operationType: "UPSERT", payload: { name } } : { name };
					rows.push({ line, cells, name, item });
				}
			}
			yield rows;
		}
	}

	#itemOf(plan: FilePlan, cells: readonly string[], ref: string): object {
		const { client, dryRun } = this.#sending;
		const organizationIds = this.#organizationIds.ids;
		if (client.dialect === "reference" && plan.entity === "customer") {
			const names = organizationsOf(plan, cells).filter((name) => !this.#organizationIds.has(name));
			if (names.length > 0) this.#unassociated += 1;
			for (const name of names) if (this.#unknown.size < unknownMax) this.#unknown.set(keyOfName(name), name);
		}
		const isAbsent = (name: string): boolean => this.#absent.has(name);
		return itemOfRow(plan, cells, {
			dialect: client.dialect,
			ref,
			organizationIds,
			...(dryRun ? { isAbsent } : {}),
		});
	}

	#run(operation: OperationName, rows: AsyncIterable<readonly SentRow[]>, part: string) {
		const { client, dryRun } = this.#sending;
		// The reference associates by id, so those of organizations are asked for.
		const withIds = client.dialect === "reference" && operation === "organization.profile";
		const name = `${this.#importRun.run} ${part}`;
		return client.bulk(operation).runPieces(rows, { toItem: ({ item }) => item, name, dryRun, withIds });
	}

	#note(name: string, { outcome, id }: BulkResult<SentRow>): void {
		if (this.#sending.dryRun && outcome === "created") this.#absent.add(name);
		if (id !== undefined && this.#sending.client.dialect === "reference")
			this.#organizationIds.note(name, id);
	}

	#begin(label: string, fileName: string | null, total: number): Stage {
		const stage = stageOf(label, fileName, total);
		this.#stages.push(stage);
		this.#sending.onStage(stage);
		return stage;
	}

	#count(stage: Stage, end: RowEnd): void {
		stage.counts[end.outcome] += 1;
		this.#sending.onRow(stage, end);
	}
}

function stageOf(label: string, fileName: string | null, total: number): Stage {
	const counts = { created: 0, updated: 0, unchanged: 0, skipped: 0, failed: 0, succeeded: 0 };
	return { label, fileName, total, counts };
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
