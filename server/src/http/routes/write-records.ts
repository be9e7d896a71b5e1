import { type Entity, type Operation, operations, Type } from "@muster/client/contract";

import { show } from "../../domain/fault.ts";
import { words } from "../../domain/record.ts";
import { deleteRecord } from "../../store/delete-record.ts";
import { authorize } from "../authenticate.ts";
import { accountOf } from "../dialects/guide.ts";
import { eraseCustomer } from "../erase-customer.ts";
import { notFound, ProblemError } from "../problem-error.ts";
import { readJsonObject } from "../read-json.ts";
import { idOfPath } from "../read-record.ts";
import { changeBody, newRecordBodies, recordSchemas } from "../record-schemas.ts";
import type { Call, Reply, Route } from "../route.ts";
import { type Written, whilePassing, writeRecord } from "../write-record.ts";

const eraseNote =
	"With `?erase=true` everything that names the customer goes too: in results, failed items, history and imports, under former emails as well. That asks for the scope `admin` besides, finds customers that were deleted before, and is a 409 while a task that names them waits.";
const eraseQuery = Type.Object({
	erase: Type.Optional(Type.Boolean({ description: "Erase everything that names the customer" })),
});

/** Writing customers and organizations one by one: the same set of routes for both. */
export const writeRecordRoutes: readonly Route[] = (["customer", "organization"] as const).flatMap(routesFor);

function routesFor(entity: Entity): readonly Route[] {
	const tag = entity === "customer" ? "Customers" : "Organizations";
	const { account, guide, reference } = recordSchemas[entity];
	const isCustomer = entity === "customer";
	const one = isCustomer ? "customer/account/{customerId}" : "organization/{organizationId}";
	const what = isCustomer ? "customer's account" : "organization";
	const ofAccount = operationOf(entity, "account");
	const ofProfile = operationOf(entity, "profile");
	return [
		{
			method: "POST",
			path: entity,
			id: `${entity}.create`,
			tag,
			summary: `Create ${isCustomer ? "a customer" : "an organization"}`,
			description: `At once, beside the queue. ${conflictNote(entity)}`,
			scope: ofAccount.writeScope,
			bodies: newRecordBodies(entity, "account"),
			answers: [{ status: 200, description: `The new ${entity}`, guide: account, reference: account }],
			problems: ["conflict"],
			handle: (call) => create(call, ofAccount),
		},
		{
			method: "POST",
			path: `${entity}/profile`,
			id: `${entity}.profile.create`,
			tag,
			summary: isCustomer
				? "Create a customer with details and organizations"
				: "Create an organization with details and members",
			description: `At once, beside the queue. ${conflictNote(entity)} Details and associations are taken as in the bulk operation, in either shape.`,
			scope: ofProfile.writeScope,
			bodies: newRecordBodies(entity, "profile"),
			answers: [{ status: 200, description: `The new ${entity}`, guide, reference }],
			problems: ["conflict"],
			handle: (call) => create(call, ofProfile),
		},
		{
			method: "PUT",
			path: one,
			id: `${entity}.update`,
			tag,
			summary: `Change ${isCustomer ? "a customer's account" : "an organization's name"}`,
			description: `At once, beside the queue. What is left out stays as it is; so do details and associations. The body may repeat the id of the path, as what was read does. ${conflictNote(entity)}`,
			scope: ofAccount.writeScope,
			bodies: [changeBody(entity)],
			answers: [
				{ status: 200, description: `The ${entity} as it is now`, guide: account, reference: account },
			],
			problems: ["conflict", "stale"],
			handle: (call) => change(call, ofAccount),
		},
		{
			method: "DELETE",
			path: one,
			id: `${entity}.delete`,
			tag,
			summary: `Delete ${isCustomer ? "a customer" : "an organization"}`,
			description: `At once, beside the queue, with its ${isCustomer ? "details and memberships" : "details; its customers stay"}. What tasks tell of it stays as long as they do.${isCustomer ? ` ${eraseNote}` : ""}`,
			scope: ofAccount.writeScope,
			...(isCustomer ? { query: eraseQuery, problems: ["task_unfinished"] as const } : {}),
			answers: [{ status: 204, description: `The ${what} is gone` }],
			handle: (call) =>
				isCustomer && call.query.flag("erase") === true ? erase(call) : remove(call, entity),
		},
	];
}

function conflictNote(entity: Entity): string {
	return `${entity === "customer" ? "An email that another customer" : "A name that another organization"} has is a 409.`;
}

/** The bulk operation that writes as much of a record. */
export function operationOf(entity: Entity, scope: Operation["scope"]): Operation {
	const found = operations.find((each) => each.entity === entity && each.scope === scope);
	if (found === undefined) throw new Error(`no operation writes the ${scope} of a ${entity}`);
	return found;
}

async function create(call: Call, operation: Operation): Promise<Reply> {
	const fields = readJsonObject(call.body);
	const written = await writeRecord(call, { operation, id: null, fields, pointerOf: asIs });
	return answer(call, operation, written);
}

async function change(call: Call, operation: Operation): Promise<Reply> {
	const { entity } = operation;
	const fields = withoutId(call, entity, readJsonObject(call.body));
	const id = idOfPath(call, entity);
	const written = await writeRecord(call, { operation, id, fields, pointerOf: asIs });
	return answer(call, operation, written);
}

function asIs(pointer: string): string {
	return pointer;
}

/** A body may repeat the id of the path, as what was read does. */
function withoutId(call: Call, entity: Entity, body: Record<string, unknown>): Record<string, unknown> {
	const key = words[entity].idKeys[0];
	const { [key]: named, ...fields } = body;
	if (named === undefined || String(named) === call.params[`${entity}Id`]) return fields;
	const message = `${key} is ${show(named)}, and the path names another ${entity}.`;
	throw new ProblemError("invalid_request", `${message} Nothing was saved.`, {
		errors: [{ code: "identity_conflict", pointer: `/${key}`, message }],
	});
}

function answer(call: Call, { entity, scope }: Operation, { record, fields }: Written): Reply {
	const { siteId } = call.principal;
	return {
		status: 200,
		body:
			scope === "account"
				? accountOf(siteId, entity, record)
				: call.dialect.profile(siteId, entity, record, fields),
	};
}

async function erase(call: Call): Promise<Reply> {
	authorize(call.principal, "admin");
	await eraseCustomer(call, idOfPath(call, "customer"));
	return { status: 204 };
}

async function remove(call: Call, entity: Entity): Promise<Reply> {
	const id = idOfPath(call, entity);
	const { siteId } = call.principal;
	const isGone = await whilePassing(() =>
		call.services.lanes.beside(siteId, `${entity} ${id}`, (transaction) =>
			transaction.commit(() => deleteRecord(transaction, siteId, entity, id)),
		),
	);
	if (!isGone) throw notFound();
	return { status: 204 };
}
