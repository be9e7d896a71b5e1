import {
	createRootRoute,
	createRoute,
	createRouter,
	lazyRouteComponent,
	Outlet,
	redirect,
} from "@tanstack/react-router";
import { RouteFault } from "./pieces/route-fault.tsx";
import { queries } from "./queries.ts";
import { lists, parseSearch, stringifySearch, texts } from "./search-texts.ts";
import { sessionQuery } from "./session.ts";
import { Shell } from "./shell/shell.tsx";

// Each screen is a folder of its own, whose code is loaded when it is opened. What a screen can be asked for by its address
// is declared here, so that links to it are checked by the compiler.

const root = createRootRoute({
	component: Outlet,
	errorComponent: RouteFault,
	notFoundComponent: () => <RouteFault />,
});

const signIn = createRoute({
	getParentRoute: () => root,
	path: "/sign-in",
	validateSearch: texts("next"),
	component: lazyRouteComponent(() => import("./sign-in/sign-in.tsx"), "SignIn"),
});

const shell = createRoute({
	getParentRoute: () => root,
	id: "shell",
	beforeLoad: async ({ location }) => {
		if ((await queries.ensureQueryData(sessionQuery)) !== null) return;
		throw redirect({
			to: "/sign-in",
			search: location.href === "/" ? {} : { next: location.href },
			replace: true,
		});
	},
	component: Shell,
});

const overview = createRoute({
	getParentRoute: () => shell,
	path: "/",
	validateSearch: texts("period"),
	component: lazyRouteComponent(() => import("./overview/overview.tsx"), "Overview"),
});

const tasks = createRoute({
	getParentRoute: () => shell,
	path: "/tasks",
	validateSearch: texts("status", "operation", "failures", "key"),
	component: lazyRouteComponent(() => import("./tasks/tasks.tsx"), "Tasks"),
});

const task = createRoute({
	getParentRoute: () => shell,
	path: "/tasks/$taskId",
	validateSearch: texts("tab", "outcome"),
	component: lazyRouteComponent(() => import("./task/task.tsx"), "Task"),
});

const failures = createRoute({
	getParentRoute: () => shell,
	path: "/failures",
	component: lazyRouteComponent(() => import("./failures/failures.tsx"), "Failures"),
});

const failedItems = createRoute({
	getParentRoute: () => shell,
	path: "/failures/items",
	validateSearch: texts("code", "field", "value", "none"),
	component: lazyRouteComponent(() => import("./failures/failed-items.tsx"), "FailedItems"),
});

const recordSearch = (search: Record<string, unknown>) => ({
	...texts("search", "organization")(search),
	...lists("filter", "columns")(search),
});

const customers = createRoute({
	getParentRoute: () => shell,
	path: "/customers",
	validateSearch: recordSearch,
	component: lazyRouteComponent(() => import("./records/customers.tsx"), "Customers"),
});

const customer = createRoute({
	getParentRoute: () => shell,
	path: "/customers/$id",
	component: lazyRouteComponent(() => import("./record/customer.tsx"), "Customer"),
});

const organizations = createRoute({
	getParentRoute: () => shell,
	path: "/organizations",
	validateSearch: recordSearch,
	component: lazyRouteComponent(() => import("./records/organizations.tsx"), "Organizations"),
});

const organization = createRoute({
	getParentRoute: () => shell,
	path: "/organizations/$id",
	component: lazyRouteComponent(() => import("./record/organization.tsx"), "Organization"),
});

const fields = createRoute({
	getParentRoute: () => shell,
	path: "/fields",
	validateSearch: texts("of"),
	component: lazyRouteComponent(() => import("./fields/fields.tsx"), "Fields"),
});

const importing = createRoute({
	getParentRoute: () => shell,
	path: "/import",
	component: lazyRouteComponent(() => import("./import/import.tsx"), "Import"),
});

const settings = createRoute({
	getParentRoute: () => shell,
	path: "/settings",
	validateSearch: texts("tab"),
	component: lazyRouteComponent(() => import("./settings/settings.tsx"), "Settings"),
});

const webhook = createRoute({
	getParentRoute: () => shell,
	path: "/settings/webhooks/$webhookId",
	component: lazyRouteComponent(() => import("./webhook/webhook.tsx"), "Webhook"),
});

const connector = createRoute({
	getParentRoute: () => shell,
	path: "/settings/connectors/$name",
	component: lazyRouteComponent(() => import("./connector/connector.tsx"), "Connector"),
});

export const router = createRouter({
	routeTree: root.addChildren([
		signIn,
		shell.addChildren([
			overview,
			tasks,
			task,
			failures,
			failedItems,
			customers,
			customer,
			organizations,
			organization,
			fields,
			importing,
			settings,
			webhook,
			connector,
		]),
	]),
	// The page's own address may lie under a path that a proxy adds.
	basepath: new URL(document.baseURI).pathname,
	parseSearch,
	stringifySearch,
	defaultPreload: "intent",
	defaultErrorComponent: RouteFault,
	scrollRestoration: true,
});

declare module "@tanstack/react-router" {
	interface Register {
		router: typeof router;
	}
}
