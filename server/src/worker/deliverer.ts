import { webhookMessage } from "../domain/webhook-message.ts";
import { signWebhook } from "../domain/webhook-secret.ts";
import type { Database } from "../store/database.ts";
import {
	type ClaimedDelivery,
	claimDeliveries,
	type DueWebhook,
	findDueWebhooks,
	noteDelivery,
} from "../store/deliveries.ts";
import { findTaskWithResults, type StoredTask } from "../store/find-task.ts";
import { isLoss, type OnTrouble } from "./apply-claim.ts";
import { type Post, type SendOptions, sendWebhook } from "./send-webhook.ts";

/** Webhooks that one process sends to side by side: a slow receiver has one of the places, not all. */
const webhooksMax = 4;

/** Messages to one webhook that are sent side by side. */
const messagesMax = 8;

/** How often what is due is looked for, in milliseconds. */
const sweepMs = 1_000;

export interface DelivererOptions extends SendOptions {
	readonly database: Database;
	/** URLs in messages are built from it; without a trailing slash. */
	readonly publicUrl: string;
	readonly onTrouble: OnTrouble;
}

/**
 * Sends what webhooks are to be told, in the background: the tasks are applied without knowing of it. A message is taken
 * for a minute, sent, and what became of it is noted; where a process ends in between, another one sends it again, under
 * the same id. `start` and `stop` are for programs; tests call `tick`.
 */
export class Deliverer {
	readonly #options: DelivererOptions;
	readonly #stopping = new AbortController();
	/** Webhooks that have something due, in the order of their turns. */
	readonly #waiting: Map<string, DueWebhook> = new Map();
	readonly #working: Map<string, Promise<void>> = new Map();
	#sweeping: Promise<void> = Promise.resolve();
	#timer: NodeJS.Timeout | undefined;
	#lost = false;

	constructor(options: DelivererOptions) {
		this.#options = options;
	}

	start(): void {
		if (this.#stopping.signal.aborted) return;
		this.#sweeping = this.#sweep()
			.catch((error: unknown) => this.#trouble("looking for messages to webhooks failed", error))
			.finally(() => {
				if (!this.#stopping.signal.aborted) this.#timer = setTimeout(() => this.start(), sweepMs);
			});
	}

	/** Breaks off what is being sent, which is then due again at once. */
	async stop(): Promise<void> {
		this.#stopping.abort();
		clearTimeout(this.#timer);
		this.#waiting.clear();
		await this.#sweeping;
		await Promise.all(this.#working.values());
	}

	/** Sends all that is due now. @returns how many messages were tried */
	async tick(): Promise<number> {
		let tried = 0;
		for (;;) {
			const due = await this.#options.database.inNoSite(findDueWebhooks);
			if (due.length === 0 || this.#stopping.signal.aborted) return tried;
			for (const webhook of due) tried += await this.#takeTurn(webhook);
		}
	}

	async #sweep(): Promise<void> {
		const due = await this.#options.database.inNoSite(findDueWebhooks);
		for (const webhook of due) this.#waiting.set(webhook.webhookId, webhook);
		this.#lost = false;
		this.#fill();
	}

	#fill(): void {
		for (const [webhookId, webhook] of this.#waiting) {
			if (this.#working.size >= webhooksMax || this.#stopping.signal.aborted) return;
			if (this.#working.has(webhookId)) continue;
			this.#waiting.delete(webhookId);
			const work = this.#work(webhook).finally(() => {
				this.#working.delete(webhookId);
				this.#fill();
			});
			this.#working.set(webhookId, work);
		}
	}

	/** One turn of one webhook; one that may have more goes to the end of the line. */
	async #work(webhook: DueWebhook): Promise<void> {
		try {
			const tried = await this.#takeTurn(webhook);
			if (tried === messagesMax) this.#waiting.set(webhook.webhookId, webhook);
		} catch (error) {
			this.#trouble("messages to a webhook could not be sent", error);
		}
	}

	async #takeTurn(webhook: DueWebhook): Promise<number> {
		const { database } = this.#options;
		const { siteId } = webhook;
		const claimed = await database.inSite(siteId, (transaction) =>
			claimDeliveries(transaction, webhook, messagesMax),
		);
		await Promise.all(claimed.map((delivery) => this.#deliver(siteId, delivery)));
		return claimed.length;
	}

	async #deliver(siteId: string, delivery: ClaimedDelivery): Promise<void> {
		const { database } = this.#options;
		const task = await database.inSite(
			siteId,
			(transaction) => findTaskWithResults(transaction, siteId, delivery.taskId),
			{ readOnly: true },
		);
		// A message goes with its task.
		if (task === null) return;
		const post = this.#postOf(siteId, delivery, task);
		const tried = await sendWebhook(post, this.#options, this.#stopping.signal);
		await database.inSite(siteId, (transaction) => noteDelivery(transaction, siteId, delivery, tried));
	}

	#postOf(siteId: string, delivery: ClaimedDelivery, task: StoredTask): Post {
		const { deliveryId, event, url, secrets, nowSeconds } = delivery;
		const { endedAt, results } = task;
		if (endedAt === null || results === null) throw new Error("a message tells of a task that has not ended");
		const message = webhookMessage(event, { ...task, siteId, endedAt, results }, this.#options.publicUrl);
		const body = JSON.stringify(message);
		return { url, body, headers: signWebhook({ id: deliveryId, timestamp: nowSeconds, body }, secrets) };
	}

	/** A database that is away is said once, not at every sweep. */
	#trouble(what: string, error: unknown): void {
		if (!(isLoss(error) && this.#lost)) this.#options.onTrouble(what, error);
		this.#lost ||= isLoss(error);
	}
}
