import type { Connection } from "./connection.ts";
import type {
	NewWebhook,
	Webhook,
	WebhookChange,
	WebhookDelivery,
	WebhookWithSecret,
} from "./contract/webhook.ts";
import { askPage, type Page, type PageQuery, pagesOf } from "./page.ts";

interface Signal {
	readonly signal?: AbortSignal | undefined;
}

/** Addresses that are told when tasks have ended, and what became of each message. They ask for the scope `admin`. */
export class Webhooks {
	readonly #connection: Connection;

	constructor(connection: Connection) {
		this.#connection = connection;
	}

	/** All of them, the oldest first. */
	async list({ signal }: Signal = {}): Promise<readonly Webhook[]> {
		const { body } = await this.#connection.ask({ method: "GET", path: "webhooks", signal });
		// By the contract, as what follows.
		return (body as { readonly results: readonly Webhook[] }).results;
	}

	get(webhookId: string, { signal }: Signal = {}): Promise<Webhook> {
		return this.#ask("GET", pathOf(webhookId), { signal });
	}

	/** It is told of tasks that are sent from now on. Its secret is told this once, so this is not tried again by itself. */
	create(webhook: NewWebhook, { signal }: Signal = {}): Promise<WebhookWithSecret> {
		return this.#ask("POST", "webhooks", { body: webhook, isOnce: true, signal });
	}

	/** What is left out stays. Switched off, nothing is made for it; what waits goes out when it is switched on. */
	change(webhookId: string, change: WebhookChange, { signal }: Signal = {}): Promise<Webhook> {
		return this.#ask("PUT", pathOf(webhookId), { body: change, signal });
	}

	/** Deletes it with its deliveries. @throws MusterError not_found where it is gone already */
	delete(webhookId: string, { signal }: Signal = {}): Promise<void> {
		return this.#ask("DELETE", pathOf(webhookId), { signal });
	}

	/**
	 * Gives it another secret, told this once; for a day messages carry a signature by the former one too. Twice would end
	 * the one that receivers have, so this is not tried again by itself.
	 */
	rotateSecret(webhookId: string, { signal }: Signal = {}): Promise<WebhookWithSecret> {
		return this.#ask("POST", `${pathOf(webhookId)}/secret`, { isOnce: true, signal });
	}

	/** Every message to it that is kept, the latest first. */
	deliveries(webhookId: string, { signal }: Signal = {}): AsyncGenerator<WebhookDelivery, void> {
		return pagesOf<WebhookDelivery>(this.#connection, `${pathOf(webhookId)}/deliveries`, {}, signal);
	}

	/** The same by the page, as a screen shows them. */
	deliveryPage(webhookId: string, page: PageQuery = {}): Promise<Page<WebhookDelivery>> {
		return askPage(this.#connection, `${pathOf(webhookId)}/deliveries`, {}, page);
	}

	/** Sends a message again under the id that it had, whatever became of it: for a day, as if it were new. */
	resend(deliveryId: string, { signal }: Signal = {}): Promise<WebhookDelivery> {
		return this.#ask("POST", `deliveries/${encodeURIComponent(deliveryId)}/resend`, { signal });
	}

	async #ask<T>(
		method: "GET" | "POST" | "PUT" | "DELETE",
		path: string,
		options: Signal & { readonly body?: unknown; readonly isOnce?: boolean },
	): Promise<T> {
		const { body } = await this.#connection.ask({ method, path, ...options });
		// By the contract.
		return body as T;
	}
}

function pathOf(webhookId: string): string {
	return `webhooks/${encodeURIComponent(webhookId)}`;
}
