import cors from "@fastify/cors";
import type { FastifyInstance } from "fastify";

/** Lets pages of these origins use the API, and read the headers that it answers with. */
export async function allowOrigins(app: FastifyInstance, origins: readonly string[]): Promise<void> {
	await app.register(cors, {
		origin: [...origins],
		methods: ["GET", "POST", "PUT", "DELETE"],
		exposedHeaders: [
			"Location",
			"Retry-After",
			"Idempotency-Replayed",
			"Preference-Applied",
			"WWW-Authenticate",
			"X-RateLimit-Limit",
			"X-RateLimit-Remaining",
			"X-RateLimit-Reset",
		],
	});
}
