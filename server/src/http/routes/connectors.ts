import {
	Connector,
	ConnectorProgress,
	ConnectorRun,
	ConnectorStart,
	connectorNameForm,
	connectorScopes,
	connectorStatuses,
	connectorTextMax,
	Type,
} from "@muster/client/contract";

import { type Fault, show } from "../../domain/fault.ts";
import { ItemReader } from "../../domain/item-reader.ts";
import { isJsonObject } from "../../domain/json.ts";
import { uuidForm } from "../../domain/record.ts";
import {
	findConnector,
	holdConnector,
	listConnectorRuns,
	listConnectors,
	type StoredConnector,
	type StoredRun,
	saveConnector,
} from "../../store/connectors.ts";
import type { Transaction } from "../../store/database.ts";
import { refuse } from "../detail-fields.ts";
import { cutPage, pageLimitOf, pageOf, pageParameters } from "../page.ts";
import { notFound, ProblemError } from "../problem-error.ts";
import { readJsonObject, refuseUnknownKeys } from "../read-json.ts";
import type { Call, Reply, Route } from "../route.ts";
import { whilePassing } from "../write-record.ts";

const tag = "Connectors";
const answer = { status: 200, description: "The connector", guide: Connector, reference: Connector } as const;
const query = Type.Object({ ...pageParameters });
const exampleHolder = "5f0c3f1e-2c1b-4a53-9d43-6f1b2f7f0e51";

export const connectorRoutes: readonly Route[] = [
	{
		method: "GET",
		path: "connectors",
		id: "connector.list",
		tag,
		summary: "List connectors by name, each with its last run",
		scope: connectorScopes.read,
		query,
		answers: [{ status: 200, description: "A page", guide: pageOf(Connector), reference: pageOf(Connector) }],
		handle: list,
	},
	{
		method: "POST",
		path: "connectors",
		id: "connector.begin",
		tag,
		summary: "Begin a run of a connector, or take up the one that did not end",
		description:
			"Makes the connector where there is none. It is then held by `holder`, who says so again by each PUT; another one is refused with `connector_held` until it has said nothing for 30 seconds.",
		scope: connectorScopes.write,
		bodies: [{ name: "start", schema: ConnectorStart, example: { name: "hubspot", holder: exampleHolder } }],
		answers: [answer],
		problems: ["connector_held"],
		handle: begin,
	},
	{
		method: "GET",
		path: "connectors/{connector}",
		id: "connector.get",
		tag,
		summary: "Read a connector",
		scope: connectorScopes.read,
		answers: [answer],
		handle: (call) => inSite(call, (transaction) => find(transaction, call)),
	},
	{
		method: "PUT",
		path: "connectors/{connector}",
		id: "connector.save",
		tag,
		summary: "Save how far a connector has come, and hold it on",
		description: "A status other than `RUNNING` ends the hold. Only who holds the connector may.",
		scope: connectorScopes.write,
		bodies: [
			{
				name: "progress",
				schema: ConnectorProgress,
				example: { holder: exampleHolder, state: { step: "contacts", after: "4711" } },
			},
		],
		answers: [answer],
		problems: ["connector_held"],
		handle: save,
	},
	{
		method: "GET",
		path: "connectors/{connector}/runs",
		id: "connector.runs",
		tag,
		summary: "List a connector's runs, newest first; a thousand are kept",
		scope: connectorScopes.read,
		query,
		answers: [
			{ status: 200, description: "A page", guide: pageOf(ConnectorRun), reference: pageOf(ConnectorRun) },
		],
		handle: listRuns,
	},
];

async function list(call: Call): Promise<Reply> {
	const limit = pageLimitOf(call.query);
	const after = call.query.cursor(new RegExp(connectorNameForm));
	const { siteId } = call.principal;
	const found = await call.services.database.inSite(siteId, (transaction) =>
		listConnectors(transaction, siteId, { after, limit: limit + 1 }),
	);
	const { page, more } = cutPage(found, limit, ({ name }) => name);
	return { status: 200, body: { results: page.map(shown), ...more } };
}

async function begin(call: Call): Promise<Reply> {
	const body = readJsonObject(call.body);
	refuseUnknownKeys(body, ["name", "holder"]);
	const faults: Fault[] = [];
	const reader = ItemReader.of(body);
	const name = reader?.text("name") ?? "";
	if (!new RegExp(connectorNameForm).test(name)) {
		const allowed = "small letters, digits and hyphens are allowed, 50 at most, a letter or digit first";
		faults.push({ code: "invalid_name", pointer: "/name", message: `name is ${show(name)}; ${allowed}.` });
	}
	const holder = readHolder(body.holder, faults);
	refuse("invalid_request", faults);
	const { siteId } = call.principal;
	return inSite(call, async (transaction) => {
		const isHeld = await holdConnector(transaction, siteId, name, holder);
		const connector = await findConnector(transaction, siteId, name);
		if (connector === null) throw new Error("a connector that was just made is gone");
		if (isHeld) return connector;
		throw new ProblemError(
			"connector_held",
			`Another process carries out the connector ${show(name)}. Its hold runs out in ${connector.heldSeconds} s, if it does not say so again. Nothing was saved.`,
		);
	});
}

async function save(call: Call): Promise<Reply> {
	const body = readJsonObject(call.body);
	refuseUnknownKeys(body, ["holder", "state", "report", "status"]);
	const faults: Fault[] = [];
	const holder = readHolder(body.holder, faults);
	const [state, report] = ["state", "report"].map((key) => readText(key, body[key], faults));
	const status = connectorStatuses.find((known) => known === body.status) ?? null;
	if (body.status !== undefined && status === null) {
		const message = `status is ${show(body.status)}; ${connectorStatuses.join(", ")} are allowed.`;
		faults.push({ code: "invalid_type", pointer: "/status", message });
	}
	refuse("invalid_request", faults);
	const { siteId } = call.principal;
	return inSite(call, async (transaction) => {
		const { name } = await find(transaction, call);
		const progress = { holder, state: state ?? null, report: report ?? null, status };
		if (await saveConnector(transaction, siteId, name, progress)) return find(transaction, call);
		throw new ProblemError(
			"connector_held",
			`The connector ${show(name)} is not held by ${show(holder)}: another process has begun or gone on with it. Nothing was saved.`,
		);
	});
}

async function listRuns(call: Call): Promise<Reply> {
	const limit = pageLimitOf(call.query);
	const before = call.query.cursor(uuidForm);
	const { siteId } = call.principal;
	const found = await call.services.database.inSite(siteId, async (transaction) => {
		const { name } = await find(transaction, call);
		return listConnectorRuns(transaction, siteId, name, { before, limit: limit + 1 });
	});
	const { page, more } = cutPage(found, limit, ({ runId }) => runId);
	return { status: 200, body: { results: page.map(shownRun), ...more } };
}

async function inSite(
	call: Call,
	work: (transaction: Transaction) => Promise<StoredConnector>,
): Promise<Reply> {
	const { database } = call.services;
	const connector = await whilePassing(() => database.inSite(call.principal.siteId, work));
	return { status: 200, body: shown(connector) };
}

/** The connector of the path. @throws ProblemError not_found */
async function find(transaction: Transaction, call: Call): Promise<StoredConnector> {
	const { connector: name = "" } = call.params;
	const isName = new RegExp(connectorNameForm).test(name);
	const found = isName ? await findConnector(transaction, call.principal.siteId, name) : null;
	if (found === null) throw notFound();
	return found;
}

function readHolder(value: unknown, faults: Fault[]): string {
	if (typeof value === "string" && uuidForm.test(value)) return value;
	faults.push({
		code: "invalid_type",
		pointer: "/holder",
		message: `holder is ${show(value)}; a UUID is expected.`,
	});
	return "";
}

/** A state or a report as it is kept. Numbers keep their digits. */
function readText(key: string, value: unknown, faults: Fault[]): string | null {
	if (value === undefined) return null;
	const text = JSON.stringify(value);
	if (!isJsonObject(value)) {
		const message = `${key} is ${show(value)}; an object is expected.`;
		faults.push({ code: "invalid_type", pointer: `/${key}`, message });
	} else if (text.length > connectorTextMax) {
		const message = `${key} is ${text.length} characters of JSON; ${connectorTextMax} are allowed.`;
		faults.push({ code: "text_too_long", pointer: `/${key}`, message });
	}
	return text;
}

function shown({ run, state, ...connector }: StoredConnector): unknown {
	return { ...connector, state: JSON.parse(state), ...(run === null ? {} : { run: shownRun(run) }) };
}

function shownRun({ report, ...run }: StoredRun): unknown {
	return { ...run, report: JSON.parse(report) };
}
