import { createHmac } from "node:crypto";

const prefix = "whsec_";

/** @param bytes 32 random ones @returns a secret as Standard Webhooks writes it */
export function makeWebhookSecret(bytes: Uint8Array): string {
	return prefix + Buffer.from(bytes).toString("base64");
}

export interface SignedMessage {
	readonly id: string;
	/** Seconds since 1970. */
	readonly timestamp: number;
	readonly body: string;
}

/**
 * The headers that Standard Webhooks asks for, with a signature by each secret: a receiver that has one of them is content.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function signWebhook(
	{ id, timestamp, body }: SignedMessage,
	secrets: readonly string[],
): Readonly<Record<string, string>> {
	const signatures = secrets.map((secret) => {
		const key = Buffer.from(secret.slice(prefix.length), "base64");
		return `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64")}`;
	});
	return {
		"webhook-id": id,
		"webhook-timestamp": String(timestamp),
		"webhook-signature": signatures.join(" "),
	};
}
