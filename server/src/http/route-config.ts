import type { FastifyRequest } from "fastify";

/** What is known of a route of ours while a request is on its way to it. */
export interface RouteConfig {
	/** Whether it reads its body by itself. */
	readonly isUpload: boolean;
	readonly routeId: string;
}

/** Set by addRoutes; other routes have none. */
export function routeConfigOf(request: FastifyRequest): Partial<RouteConfig> {
	return request.routeOptions.config as object;
}
