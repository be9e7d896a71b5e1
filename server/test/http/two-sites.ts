import { randomInt, randomUUID } from "node:crypto";
import { referenceSiteBase, scopes } from "@muster/client/contract";
import type { Route } from "../../src/http/route.ts";
import {
	type Answered,
	type Ask,
	guideBase,
	referenceBase,
	type TestMuster,
	type TestSite,
} from "../muster.ts";
import { uploadHeaders } from "./example-upload.ts";

/** A site with something behind every address, and a mark in everything that it has. */
export interface MarkedSite {
	readonly site: TestSite;
	/** A word that stands in no other site. */
	readonly mark: string;
	/** What of it nobody else may see: the mark, and the ids that Muster gave. */
	readonly secrets: readonly string[];
	/** Real values of the parameters of paths and queries. */
	readonly values: Values;
}

/** By the parameter's name; several where there is more than one kind or spelling. */
type Values = Readonly<Record<string, readonly string[]>>;

/** Query parameters that name nothing of a site. */
const namesNothing = [
	"status",
	"operation",
	"hasFailures",
	"withFailures",
	"limit",
	"wait",
	"outcome",
	"dryRun",
	"page",
	"maxResults",
	"format",
	"confirm",
	"erase",
	"changedSince",
	// Columns of the file that is sent with them.
	"column",
	"dates",
	"preset",
	"code",
	"field",
	"noValue",
	"period",
	// One does not go without the other; what they name is named by customerId and organizationId too.
	"entityType",
	"entityId",
];

export async function aMarkedSite(muster: TestMuster): Promise<MarkedSite> {
	const site = await muster.aSite();
	const mark = aMark();
	const field = `${mark}-plan`;
	for (const entity of ["customer", "organization"]) {
		await site.post(`${entity}/details/definitions/bulk`, {
			detailFields: [{ name: field, type: { name: "SELECT", options: ["Free", `${mark}-gold`] } }],
		});
	}
	await site.post("entitlement/details", { name: field });
	const { body: product } = await site.post("product", { name: `${mark} product` });
	await site.run("organization/profile/bulk", {
		organizations: [{ name: `${mark} 1`, details: { [field]: "Free" } }],
	});
	await skipOrganizationIds(muster, site);
	const organizations = await site.run("organization/bulk", { organizations: [{ name: `${mark} 2` }] });
	const [organization] = await site.results(organizations.taskId);
	const task = await site.run(
		"customer/profile/bulk",
		{
			customers: [
				{ email: `${mark}@acme.com`, details: { [field]: `${mark}-gold` }, organizations: [`${mark} 2`] },
				{ email: `${mark}-2@acme.com`, displayName: mark },
				{ email: mark },
			],
		},
		{ key: `${mark}-key` },
	);
	const [first] = await site.results(task.taskId);
	await site.ask("PUT", `customer/account/${first.id}`, { body: { displayName: `${mark} one` } });
	const { body: entitlement } = await site.post(`customer/${first.id}/entitlement`, {
		productId: product.id,
		details: { [field]: mark },
	});
	await site.post(`organization/${organization.id}/entitlement`, { productId: product.id });
	const file = await site.ask("POST", "imports?operation=customer.profile", {
		body: `email,${field}\n${mark}-3@acme.com,Free\n${mark},Free\n`,
		key: `${mark}-key`,
		headers: { "content-type": "text/csv" },
	});
	const { body: webhook } = await site.post("webhooks", { url: `https://${mark}.example.com/` });
	await site.run("customer/bulk", { customers: [{ email: `${mark}-4@acme.com` }] });
	const deliveries = await site.get(`webhooks/${webhook.webhookId}/deliveries`);
	const [{ deliveryId }] = deliveries.body.results;
	await muster.worker.tick();
	const connector = mark;
	const holder = randomUUID();
	await site.post("connectors", { name: connector, holder });
	await site.ask("PUT", `connectors/${connector}`, { body: { holder, report: { mark } } });
	const cursors = await Promise.all(
		["customers", "tasks"].map(async (list) => (await site.get(`${list}?limit=1`)).body.nextCursor),
	);
	const { body: tokens } = await site.get("tokens");
	return {
		site,
		mark,
		secrets: [
			mark,
			site.siteId,
			task.taskId,
			first.id,
			organization.id,
			product.id,
			entitlement.id,
			file.body.importId,
			webhook.webhookId,
			deliveryId,
		],
		values: {
			taskId: [task.taskId],
			tokenId: [tokens.results[0].tokenId],
			value: [mark],
			customerId: [first.id],
			organizationId: [organization.id],
			fieldName: [field],
			productId: [product.id],
			product: [product.id],
			entitlementId: [entitlement.id],
			importId: [file.body.importId],
			webhookId: [webhook.webhookId],
			deliveryId: [deliveryId],
			connector: [connector],
			idempotencyKey: [`${mark}-key`],
			email: [mark],
			name: [mark],
			search: [mark],
			filter: [`${field}=Free`],
			organization: [organization.id],
			cursor: cursors,
		},
	};
}

/** Ids of organizations count up from 1 in every site; from here on this one has ids that no other site will get. */
async function skipOrganizationIds(muster: TestMuster, { siteId }: TestSite): Promise<void> {
	const statement = {
		name: "skip-organization-ids",
		text: "update muster.organization_counter set last_id = $2 where site_id = $1",
	};
	await muster.database.inSite(siteId, (transaction) =>
		transaction.execute(statement, [siteId, randomInt(1e12, 9e12)]),
	);
}

/** Letters alone, so that it can stand in an email, a name and a slug. */
function aMark(): string {
	return `mark${randomUUID().replace(/[^a-f]/g, "")}${randomUUID().replace(/[^a-f]/g, "")}`.slice(0, 24);
}

/** A base and a token that `other` asks with. */
export interface Way {
	readonly base: string;
	readonly token: string;
	/** Whether it leads to what is behind the door; where it does not, nothing but the path is looked at. */
	readonly leadsIn: boolean;
}

/** Every base, those with the owner's and an unknown site's id among them, by tokens with all, just the one, and no scope. */
export async function everyWay(other: TestSite, owner: TestSite, route: Route): Promise<readonly Way[]> {
	const ofSite = (id: string): string => referenceSiteBase.replace("{cloudId}", id);
	const bases = [guideBase, referenceBase, ofSite(other.siteId), ofSite(owner.siteId)];
	const tokens = [
		{ token: other.token, may: true },
		{ token: await other.aToken([route.scope ?? "admin"]), may: true },
		{
			token: await other.aToken(scopes.filter((scope) => scope !== "*" && scope !== route.scope)),
			may: route.scope === null,
		},
	];
	return bases.flatMap((base) =>
		tokens.map(({ token, may }) => ({ base, token, leadsIn: may && !base.includes(owner.siteId) })),
	);
}

export interface Swept {
	readonly cells: number;
	/** What `other` learned of the owner, in words; empty where sites are apart. */
	readonly leaks: readonly string[];
}

/**
 * Asks as `other`, at one address, for all that the owner has, and for the like that nobody has: the answers must be the
 * same to the byte, but for the value that was asked for, and hold nothing of the owner's.
 */
export async function sweep(
	muster: TestMuster,
	other: TestSite,
	owner: MarkedSite,
	route: Route,
	ways: readonly Way[],
): Promise<Swept> {
	const leaks: string[] = [];
	let cells = 0;
	for (const way of ways) {
		// One is enough of what is refused in front of the door.
		for (const named of namings(owner, other, route).slice(0, way.leadsIn ? undefined : 1)) {
			cells += 1;
			const theirs = await asked(muster, other, route, named.theirs, way);
			const nobodys = await asked(muster, other, route, named.nobodys, unknownSite(way, owner.site));
			const cell = `${route.method} ${way.base}/${named.theirs.path} ${text(named.theirs)}`;
			const held = owner.secrets.filter((secret) => theirs.includes(secret));
			if (held.length > 0) leaks.push(`${cell} tells ${held}: ${theirs}`);
			const namesOwner = way.base.includes(owner.site.siteId) || route.path.includes("{");
			if (namesOwner && !/^\[4\d\d,/.test(theirs)) leaks.push(`${cell} is found: ${theirs}`);
			// A request that names nothing is the same twice, and finds the second time what it made the first time.
			const isSame = named.theirs.path === named.nobodys.path && text(named.theirs) === text(named.nobodys);
			if (theirs !== nobodys && !isSame) leaks.push(`${cell} answers ${theirs} and not ${nobodys}`);
		}
	}
	return { cells, leaks };
}

function text({ body }: Named): string {
	return JSON.stringify(body) ?? "";
}

/** Where the path names the owner's site, the like of it names a site that is none. */
function unknownSite({ base, ...way }: Way, owner: TestSite): Way {
	return { ...way, base: base.replace(owner.siteId, unknownSiteId) };
}

const unknownSiteId = "01890000-0000-7000-8000-000000000000";

interface Named {
	readonly path: string;
	readonly body: unknown;
	/** What was asked for, and is echoed: it is taken out of the answers before they are compared. */
	readonly sent: readonly string[];
}

/** Each way to name what the owner has at an address, beside the same with values that nobody has. */
function namings(
	{ site, values }: MarkedSite,
	other: TestSite,
	route: Route,
): readonly { readonly theirs: Named; readonly nobodys: Named }[] {
	const uuid = randomUUID();
	const customers: readonly (readonly [string, string])[] = [
		[String(values.customerId?.[0]), `qm:${site.siteId}:${uuid}`],
		// The owner's UUID as if it were one's own.
		[String(values.customerId?.[0]).replace(site.siteId, other.siteId), `qm:${other.siteId}:${uuid}`],
	];
	const pairs: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
		...Object.fromEntries(
			Object.entries(values).map(([name, known]) => [
				name,
				known.map((value) => [value, unlike(value)] as const),
			]),
		),
		customerId: customers,
		taskId: [[String(values.taskId?.[0]), uuid]],
		productId: [[String(values.productId?.[0]), uuid]],
		product: [[String(values.productId?.[0]), uuid]],
		entitlementId: [[String(values.entitlementId?.[0]), uuid]],
		importId: [[String(values.importId?.[0]), uuid]],
		webhookId: [[String(values.webhookId?.[0]), uuid]],
		deliveryId: [[String(values.deliveryId?.[0]), uuid]],
		organizationId: [[String(values.organizationId?.[0]), String(randomInt(1e12, 9e12))]],
		organization: [[String(values.organizationId?.[0]), String(randomInt(1e12, 9e12))]],
	};
	const [, inPath] = /\{(\w+)\}/.exec(route.path) ?? [];
	const pathsBy = inPath === undefined ? [["", ""] as const] : pairsOf(pairs, inPath);
	const bodies =
		route.uploads === undefined
			? (route.bodies ?? [{ example: undefined }]).map(({ example }) => example)
			: [Object.values(route.uploads)[0]];
	const queries = Object.keys(route.query?.properties ?? {}).filter((name) => !namesNothing.includes(name));
	const named = (
		place: 0 | 1,
		path: readonly [string, string],
		query: string,
		body: unknown,
		customer: number,
	): Named => {
		const value = query === "" ? "" : (pairsOf(pairs, query)[0]?.[place] ?? "");
		const customerId = customers[customer]?.[place] ?? "";
		const organizationId = pairs.organizationId?.[0]?.[place] ?? "";
		return {
			path: `${route.path.replace(/\{\w+\}/, encodeURIComponent(path[place]))}${query === "" ? "" : `?${query}=${encodeURIComponent(value)}`}`,
			body: typeof body !== "object" ? body : naming(body, route, customerId, organizationId),
			sent: [
				path[place],
				value,
				// The field that a filter names is told once more by itself.
				...(query === "filter" ? [value.replace(/=.*/, "")] : []),
				...(body === undefined ? [] : [customerId, organizationId]),
			].filter((each) => each !== ""),
		};
	};
	return pathsBy.flatMap((path) =>
		["", ...queries].flatMap((query) =>
			bodies.flatMap((body) =>
				(body === undefined ? [0] : [0, 1]).map((customer) => ({
					theirs: named(0, path, query, body, customer),
					nobodys: named(1, path, query, body, customer),
				})),
			),
		),
	);
}

function pairsOf(
	pairs: Readonly<Record<string, readonly (readonly [string, string])[]>>,
	name: string,
): readonly (readonly [string, string])[] {
	const known = pairs[name];
	if (known === undefined) {
		throw new Error(
			`${name} may name something of a site: give aMarkedSite a value for it, or list it in namesNothing`,
		);
	}
	return known;
}

/** The same form with other letters; a cursor stays, for it names a place and nothing there. */
function unlike(value: string): string {
	return value.replace(/^mark\w+/, (mark) => `${mark.slice(0, 4)}${[...mark.slice(4)].reverse().join("")}`);
}

/** A body whose every item and list names these two by their ids. */
function naming(body: unknown, route: Route, customerId: string, organizationId: string): unknown {
	const isItem = (value: Readonly<Record<string, unknown>>): boolean =>
		!route.path.startsWith("product") &&
		("email" in value || ("name" in value && !("values" in value || "type" in value || "options" in value)));
	const idKey = route.path.startsWith("customer") ? "customerId" : "id";
	const id = idKey === "id" ? organizationId : customerId;
	return JSON.parse(JSON.stringify(body), (key, value) => {
		if (key === "customerId" || key === "organizationId") return id;
		if (key === "customerIds") return [customerId];
		if (key === "organizationIds") return [organizationId];
		if (Array.isArray(value) && value.length === 0) return [{ id: organizationId }];
		return typeof value === "object" && value !== null && isItem(value) ? { ...value, [idKey]: id } : value;
	});
}

/** All of an answer that its sender sees, and of a task its results; what was sent and what is ever new is taken out. */
async function asked(
	muster: TestMuster,
	site: TestSite,
	route: Route,
	named: Named,
	{ base, token }: Way,
): Promise<string> {
	const ask: Ask = {
		base,
		token,
		body: named.body,
		headers: { "x-request-id": "request", ...uploadHeaders(route) },
	};
	const answer = await site.ask(route.method, named.path, ask);
	let text = shown(answer);
	if (answer.status === 202) {
		await muster.worker.tick();
		const { taskId = answer.body.id } = answer.body;
		text = JSON.stringify([answer.status, await site.results(taskId)]);
	}
	// Messages show the first 60 characters of what was sent.
	for (const value of named.sent.flatMap((whole) => [whole, `${whole.slice(0, 57)}...`])) {
		text = text.replaceAll(encodeURIComponent(value), "(sent)").replaceAll(value, "(sent)");
	}
	return text.replaceAll(base, "(base)");
}

function shown({ status, headers, text }: Answered): string {
	const names = [...headers].filter(
		([name]) => name !== "date" && name !== "content-length" && name !== "keep-alive",
	);
	return JSON.stringify([status, names, text]);
}
