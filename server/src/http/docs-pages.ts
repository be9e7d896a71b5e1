import type { FastifyInstance } from "fastify";

export async function docsPages(_app: FastifyInstance): Promise<void> {}
