import type { Route } from "../../src/http/route.ts";
import type { TestMuster, TestSite } from "../muster.ts";

/** A site with something behind every kind of address. */
export interface World {
	readonly site: TestSite;
	/** The paths of a route with each thing that it can name, and the query that it demands. */
	pathsOf(route: Route): string[];
	/** The examples of a route's bodies, as they are and with an id that this site has; nothing, once, for a route without. */
	bodiesOf(route: Route): unknown[];
	/** Values of parameters of queries by which something is found. */
	readonly queryValues: Readonly<Record<string, readonly string[]>>;
}

export async function aWorld(muster: TestMuster): Promise<World> {
	const site = await muster.aSite();
	const fields = [{ name: "Plan", type: { name: "SELECT", options: ["Free", "Premium"] } }];
	for (const entity of ["customer", "organization"]) {
		await site.post(`${entity}/details/definitions/bulk`, { detailFields: fields });
	}
	await site.post("entitlement/details", fields[0]);
	await site.post("product", { name: "Premium support" });
	const basic = await site.post("product", { name: "Basic support" });
	await site.run("organization/profile/bulk", {
		organizations: [{ name: "Acme Corporation", details: { Plan: "Free", employees: 500 } }],
	});
	const task = await site.run("customer/profile/bulk", {
		customers: [
			{
				email: "jane@acme.com",
				details: { Plan: "Premium" },
				organizations: ["Acme Corporation"],
				products: ["Basic support"],
				clientRef: "1",
			},
			{ email: "invalid-email", details: { Plan: "Gold" }, organizations: [], clientRef: "2" },
		],
	});
	const { body: entitlements } = await site.get("entitlements");
	const [{ id: entitlementId }] = entitlements.results;
	await site.ask("PUT", `entitlement/${entitlementId}/details?fieldName=Plan`, {
		body: { values: ["Free"] },
	});
	const dryRun = await site.run("customer/profile/bulk?dryRun=true", {
		customers: [{ email: "jane@acme.com", details: { Plan: "Free" } }, { email: "joe@acme.com" }],
	});
	const { webhookId } = (await site.post("webhooks", { url: "https://example.com/" })).body;
	await site.run("customer/bulk", { customers: [{ email: "jim@acme.com" }] });
	const deliveries = await site.get(`webhooks/${webhookId}/deliveries`);
	const [jane] = await site.results(task.taskId);
	const file = await site.ask("POST", "imports?operation=customer.profile", {
		body: '{"email":"jane@acme.com"}\n{"email":"none"}\n{',
		headers: { "content-type": "application/x-ndjson" },
	});
	await muster.worker.tick();
	const { body: token } = await site.post("tokens", { scopes: ["admin"] });
	const waiting = await site.post("customer/bulk", { customers: [{ email: "later@acme.com" }] });
	// Held as the document's examples have it, so that they can be sent as they are.
	await site.post("connectors", { name: "hubspot", holder: "5f0c3f1e-2c1b-4a53-9d43-6f1b2f7f0e51" });
	const values: Readonly<Record<string, readonly string[]>> = {
		taskId: [task.taskId, dryRun.taskId, waiting.body.taskId],
		customerId: [jane.id],
		organizationId: ["1"],
		// By its name, and by its id, which stays.
		fieldName: ["Plan", "plan"],
		productId: [basic.body.id],
		entitlementId: [entitlementId],
		importId: [file.body.importId],
		tokenId: [token.tokenId],
		webhookId: [webhookId],
		deliveryId: [deliveries.body.results[0].deliveryId],
		operation: ["customer.profile"],
		connector: ["hubspot"],
	};
	return {
		site,
		queryValues: {
			filter: ["Plan=Premium", "plan!=", "employees>=1"],
			search: ["acme"],
			email: ["jane"],
			name: ["jane", "Acme"],
			organization: ["1"],
			changedSince: ["2026-01-01"],
			fieldName: ["Plan"],
			productId: [basic.body.id],
			customerId: [jane.id],
			organizationId: ["1"],
		},
		pathsOf: (route) => {
			const query = (route.query?.required ?? []).map((name) => `${name}=${values[name]?.[0]}`).join("&");
			const path = query === "" ? route.path : `${route.path}?${query}`;
			const [, name] = /\{(\w+)\}/.exec(path) ?? [];
			if (name === undefined) return [path];
			const known = values[name];
			if (known === undefined) throw new Error(`give ${name} of ${route.path} a value in this test's world`);
			return known.map((value) => path.replace(`{${name}}`, encodeURIComponent(value)));
		},
		bodiesOf: (route) => {
			if (route.bodies === undefined) return [undefined];
			return route.bodies.flatMap(({ example }) => {
				const text = JSON.stringify(example);
				const known = text.replace(/"qm:[^"]*"/g, JSON.stringify(jane.id));
				return known === text ? [example] : [example, JSON.parse(known)];
			});
		},
	};
}
