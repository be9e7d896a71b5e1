/** What webhooks are told of. */
export const webhookEvents = ["task.completed", "task.failed", "records.changed"] as const;
export type WebhookEvent = (typeof webhookEvents)[number];
