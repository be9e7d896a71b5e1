import { randomUUID } from "node:crypto";
import type { Entity } from "@muster/client/contract";
import type fc from "fast-check";
import type pg from "pg";
import { expect } from "vitest";
import { Worker } from "../../src/worker/worker.ts";
import type { Answered, TestMuster, TestSite } from "../muster.ts";
import { type Known, modelled, onTheWire, type Sketch, seeds } from "./items.ts";
import { type Expected, Model, type ModelRecord, type Submission } from "./model.ts";
import { Died, type Ending, type Mortal, mortal } from "./mortal.ts";

/** A submission that was accepted. */
interface Sent {
	readonly taskId: string;
	readonly key: string;
	readonly path: string;
	readonly body: unknown;
	readonly submission: Submission;
	/** What was seen of its task when it had ended; it never changes again. */
	ended: unknown;
}

const fieldsMax = 4;
const options = { Tags: ["Red", "Green", "Blue"], Tier: ["Free", "Gold"] };

/** A site with the real server around it, beside the model of it. */
export class World {
	readonly site: TestSite;
	readonly model: Model;
	readonly #muster: TestMuster;
	readonly #admin: pg.Client;
	readonly #scheduler: fc.Scheduler;
	readonly #sent: Map<string, Sent> = new Map();
	/** Records that a client knows of, because a task told of them. */
	readonly #known: Record<Entity, Known[]> = { customer: [], organization: [] };

	static async of(muster: TestMuster, admin: pg.Client, scheduler: fc.Scheduler): Promise<World> {
		const site = await muster.aSite({ detailFieldsMax: fieldsMax });
		const world = new World(muster, admin, scheduler, site);
		for (const entity of ["customer", "organization"] as const) {
			await world.define(entity, "Tags", "MULTISELECT");
			await world.define(entity, "Tier", "SELECT");
		}
		await world.submit(seeds, 1);
		await world.work(null);
		return world;
	}

	private constructor(muster: TestMuster, admin: pg.Client, scheduler: fc.Scheduler, site: TestSite) {
		this.#muster = muster;
		this.#admin = admin;
		this.#scheduler = scheduler;
		this.site = site;
		this.model = new Model(fieldsMax);
	}

	/** Sends each once, or twice at once under the same key. */
	async submit(sketches: readonly Sketch[], times: 1 | 2): Promise<void> {
		await Promise.all(sketches.map((sketch) => this.#submit(sketch, times)));
	}

	async #submit(sketch: Sketch, times: 1 | 2): Promise<void> {
		const name = this.#nameRecord;
		const submission = modelled(sketch, name);
		const { path, body } = onTheWire(sketch, name);
		const key = randomUUID();
		const answers = await Promise.all(
			Array.from({ length: times }, () => this.site.post(path, body, { key })),
		);
		expect(answers.map((answer) => answer.status)).toEqual(answers.map(() => 202));
		expect(new Set(answers.map((answer) => answer.body.taskId)).size).toBe(1);
		expect(answers.filter((answer) => !isReplay(answer))).toHaveLength(1);
		const taskId = answers[0]?.body.taskId;
		this.#sent.set(taskId, { taskId, key, path, body, submission, ended: null });
	}

	/** Sends an earlier submission again: as it was, or with one item more. */
	async retry(place: number, altered: boolean): Promise<void> {
		const { key, path, body, taskId } = this.#sentAt(place);
		const [[list, items = []] = [""]] = Object.entries(body as Record<string, unknown[]>);
		const again = await this.site.post(path, altered ? { [list]: [...items, {}] } : body, { key });
		if (altered) expect(again.status).toBe(422);
		else expect([again.status, again.body.taskId, isReplay(again)]).toEqual([202, taskId, true]);
	}

	/** A worker takes whatever there is, unless it ends before. @returns how many endings came */
	async work(ending: Ending | null): Promise<number> {
		const endings = await this.#run(
			[ending],
			async () => undefined,
			async () => undefined,
		);
		const unfinished = (await this.site.get("tasks?status=PROCESSING")).body.results;
		if (endings === 0) expect(unfinished).toEqual([]);
		return endings;
	}

	/** Two workers and several clients at once; of the workers, the scheduler says whose transaction comes next. */
	async race(endings: readonly (Ending | null)[], sketches: readonly Sketch[]): Promise<number> {
		return this.#run(
			endings,
			() => this.#scheduler.schedule(Promise.resolve()),
			() => this.submit(sketches, 1),
		);
	}

	async #run(
		endings: readonly (Ending | null)[],
		enter: () => Promise<unknown>,
		beside: () => Promise<void>,
	): Promise<number> {
		// As if the time of a lane's rest had passed.
		await this.#admin.query("update muster.lane_note set retry_at = null where site_id = $1", [
			this.site.siteId,
		]);
		const troubles: unknown[] = [];
		const databases = endings.map((ending) => this.#mortal(ending, enter));
		const onTrouble = (_what: string, error: unknown): unknown => troubles.push(error);
		const ticks = databases.map((database, place) => {
			// The first one is of the process that has accepted the tasks.
			const plainTasks = place === 0 ? this.#muster.plainTasks : null;
			return new Worker({ database, plainTasks, onTrouble }).tick();
		});
		const ended = Promise.allSettled([...ticks, beside()]);
		for (const settled of await this.#scheduler.waitFor(ended)) {
			if (settled.status === "rejected" && !(settled.reason instanceof Died)) throw settled.reason;
		}
		const count = databases.filter((database) => database.isEnded()).length;
		if (count === 0) expect(troubles).toEqual([]);
		await this.#follow();
		return count;
	}

	#mortal(ending: Ending | null, enter: () => Promise<unknown>): Mortal {
		const cut = (pid: number): Promise<unknown> =>
			this.#admin.query("select pg_terminate_backend($1, 5000)", [pid]);
		return mortal(this.#muster.database, ending, enter, cut);
	}

	/** The model carries out what the server has carried out meanwhile, in the order of acceptance, and both are compared. */
	async #follow(): Promise<void> {
		const listed = (await this.site.get("tasks?limit=100")).body.results;
		const tasks = listed.toReversed().flatMap((task: { taskId: string; status: string }) => {
			const sent = this.#sent.get(task.taskId);
			return sent === undefined ? [] : [{ ...task, sent }];
		});
		const statuses = tasks.map((task: { status: string }) => task.status);
		const firstUnfinished = statuses.indexOf("PROCESSING");
		const endedCount = firstUnfinished === -1 ? statuses.length : firstUnfinished;
		// Whatever was accepted later has not been begun.
		expect(statuses).toEqual(
			statuses.map((_: string, place: number) => (place < endedCount ? "COMPLETED" : "PROCESSING")),
		);
		for (const { sent } of tasks.slice(0, endedCount)) {
			if (sent.ended === null) await this.#compareTask(sent, this.model.apply(sent.submission));
			else await this.#compareEnded(sent);
		}
	}

	async #compareTask(sent: Sent, expected: readonly Expected[]): Promise<void> {
		const { entity } = sent.submission;
		const seen = await this.#see(sent);
		for (const [index, { number, outcome }] of expected.entries()) {
			const wireId = seen.results[index]?.id;
			if (outcome === "created" && number !== null && wireId !== undefined) {
				this.#known[entity].push({ number, wireId });
			}
		}
		const found = seen.results.map((result) => ({
			outcome: result.outcome,
			number: result.outcome === "failed" ? null : this.#numberOf(entity, result.id),
			address: result.outcome === "failed" ? null : result.key,
			codes: (result.errors ?? []).map((error) => error.code).sort(),
		}));
		expect(found).toEqual(expected);
		const count = (outcome: string): number => expected.filter((one) => one.outcome === outcome).length;
		expect(seen.task.summary).toEqual({
			total: expected.length,
			created: count("created"),
			updated: count("updated"),
			unchanged: count("unchanged"),
			skipped: 0,
			failed: count("failed"),
		});
		sent.ended = seen;
	}

	async #compareEnded(sent: Sent): Promise<void> {
		expect(await this.#see(sent)).toEqual(sent.ended);
	}

	async #see({ taskId }: Sent): Promise<{ readonly task: Seen; readonly results: readonly SeenResult[] }> {
		const { body: task } = await this.site.get(`tasks/${taskId}`);
		return { task, results: await this.site.results(taskId) };
	}

	/** Asks for an earlier task: what has ended stays as it was, what has not is not begun. */
	async poll(place: number): Promise<void> {
		const sent = this.#sentAt(place);
		if (sent.ended !== null) return this.#compareEnded(sent);
		const { body } = await this.site.get(`tasks/${sent.taskId}`);
		expect([body.status, body.completedDate, body.failures]).toEqual(["PROCESSING", undefined, []]);
	}

	/** Compares every record, association and field that there is. */
	async look(): Promise<void> {
		const people = (await this.site.get("customers?limit=100")).body.results;
		const groups = (await this.site.get("organizations?limit=100")).body.results;
		const customers = people.map((one: SeenRecord) => ({
			number: this.#numberOf("customer", one.customerId),
			address: one.email,
			displayName: one.displayName,
			details: one.details,
			links: one.organizations?.map(({ id }) => this.#numberOf("organization", id)).sort(byNumber),
		}));
		const organizations = groups.map((one: SeenRecord) => ({
			number: this.#numberOf("organization", one.id),
			address: one.name,
			details: one.details,
		}));
		expect(customers.sort(byNumberOf)).toEqual(
			this.model.records.customer.map((record) => ({ ...record, links: record.links.toSorted(byNumber) })),
		);
		expect(organizations.sort(byNumberOf)).toEqual(
			this.model.records.organization.map(({ displayName: _, links: __, ...record }) => record),
		);
		for (const entity of ["customer", "organization"] as const) {
			const { results } = (await this.site.get(`${entity}/details`)).body;
			expect(
				results.map(({ id, name, type }: SeenField) => ({
					id,
					name,
					type: type.name,
					options: type.options ?? [],
				})),
			).toEqual(this.model.fields[entity]);
		}
	}

	async define(entity: Entity, name: string, type: "TEXT" | "SELECT" | "MULTISELECT"): Promise<void> {
		const takes = type === "TEXT" ? [] : type === "SELECT" ? options.Tier : options.Tags;
		const field = { name, type: { name: type, ...(takes.length > 0 ? { options: takes } : {}) } };
		const answer = await this.site.post(`${entity}/details/definitions/bulk`, { detailFields: [field] });
		expect(answer.status).toBe(this.model.define(entity, name, type, takes) ? 202 : 400);
	}

	async renameField(entity: Entity, named: string, name: string): Promise<void> {
		const answer = await this.#changeField("PUT", entity, named, { name });
		const field = this.model.field(entity, named);
		const taken = field === undefined ? 404 : this.model.rename(entity, field, name) ? 200 : 400;
		expect(answer.status).toBe(taken);
	}

	async renameOption(entity: Entity, old: string, now: string): Promise<void> {
		const field = this.model.fields[entity].find(({ options: known }) => known.includes(old));
		if (field === undefined || field.options.includes(now)) return;
		const answer = await this.#changeField("PUT", entity, field.name, { renameOptions: { [old]: now } });
		expect(answer.status).toBe(200);
		this.model.renameOption(entity, field, old, now);
	}

	async removeField(entity: Entity, named: string): Promise<void> {
		const answer = await this.#changeField("DELETE", entity, named);
		const field = this.model.field(entity, named);
		expect(answer.status).toBe(field === undefined ? 404 : 204);
		if (field !== undefined) this.model.remove(entity, field);
	}

	#changeField(method: "PUT" | "DELETE", entity: Entity, named: string, body?: unknown): Promise<Answered> {
		// Values that a field has may go with it; a change is asked nothing of the kind.
		const query = method === "DELETE" ? "?confirm=true" : "";
		return this.site.ask(method, `${entity}/details/${encodeURIComponent(named)}${query}`, { body });
	}

	#sentAt(place: number): Sent {
		const all = [...this.#sent.values()];
		const sent = all[place % all.length];
		if (sent === undefined) throw new Error("nothing has been sent");
		return sent;
	}

	readonly #nameRecord = (entity: Entity, place: number): Known => {
		const known = this.#known[entity];
		return known[place % (known.length + 1)] ?? { number: null, wireId: this.#unknownId(entity) };
	};

	#unknownId(entity: Entity): string {
		return entity === "organization"
			? "999999"
			: `qm:${this.site.siteId}:00000000-0000-7000-8000-000000000000`;
	}

	/** @returns undefined for a record that no task has told of */
	#numberOf(entity: Entity, wireId: string | undefined): number | null | undefined {
		if (wireId === undefined) return null;
		return this.#known[entity].find((known) => known.wireId === wireId)?.number;
	}
}

interface Seen {
	readonly summary: unknown;
}

interface SeenResult {
	readonly outcome: string;
	readonly id?: string;
	readonly key?: string;
	readonly errors?: readonly { readonly code: string }[];
}

interface SeenRecord {
	readonly customerId?: string;
	readonly email?: string;
	readonly displayName?: string;
	readonly id?: string;
	readonly name?: string;
	readonly details: ModelRecord["details"];
	readonly organizations?: readonly { readonly id: string }[];
}

interface SeenField {
	readonly id: string;
	readonly name: string;
	readonly type: { readonly name: string; readonly options?: readonly string[] };
}

function isReplay(answer: Answered): boolean {
	return answer.headers.get("idempotency-replayed") === "true";
}

function byNumber(one: number | null | undefined, another: number | null | undefined): number {
	return (one ?? 0) - (another ?? 0);
}

function byNumberOf(one: { number: number }, another: { number: number }): number {
	return one.number - another.number;
}
