import type { FastifyInstance } from "fastify";
import type { Route, Services } from "./route.ts";

export async function openApiRoutes(
	_app: FastifyInstance,
	_options: { readonly routes: readonly Route[]; readonly services: Services },
): Promise<void> {}
