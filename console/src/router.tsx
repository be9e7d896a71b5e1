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
import { parseSearch, stringifySearch, texts } from "./search-texts.ts";
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

const home = createRoute({
	getParentRoute: () => shell,
	path: "/",
	beforeLoad: () => {
		throw redirect({ to: "/tasks", replace: true });
	},
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

export const router = createRouter({
	routeTree: root.addChildren([signIn, shell.addChildren([home, tasks, task])]),
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
