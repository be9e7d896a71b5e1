import { CustomerExport, ReferenceCustomerExport, readScopes } from "@muster/client/contract";
import { linesNaming } from "../../domain/erase-lines.ts";
import { mentionsIn } from "../../domain/erase-task.ts";
import { parseJson } from "../../domain/json.ts";
import { isNamedIn, type Person } from "../../domain/person.ts";
import { listDetailFields } from "../../store/detail-fields.ts";
import { listEntitlements } from "../../store/entitlements.ts";
import type { MentioningTask } from "../../store/find-mentions.ts";
import { findRecords } from "../../store/find-records.ts";
import { authorize } from "../authenticate.ts";
import { type FoundPerson, findPerson } from "../find-person.ts";
import { notFound } from "../problem-error.ts";
import { idOfPath } from "../read-record.ts";
import type { Call, Reply, Route } from "../route.ts";

/** What is known of a person, handed over; the other half is DELETE with ?erase=true. */
export const personRoutes: readonly Route[] = [
	{
		method: "GET",
		path: "customer/{customerId}/export",
		id: "customer.handOver",
		tag: "Customers",
		summary: "Hand over everything that is known of a customer",
		description:
			"The record, its entitlements, and what is kept of tasks, single writes and imports that name it, under former emails too: all that `DELETE customer/account/{customerId}?erase=true` erases. The token needs the scope `admin` besides. It takes as long as reading all that is kept of the site's tasks.",
		scope: readScopes.customer,
		answers: [
			{
				status: 200,
				description: "One document",
				guide: CustomerExport,
				reference: ReferenceCustomerExport,
			},
		],
		handle: handOver,
	},
];

type ToldTask = CustomerExport["tasks"][number];

async function handOver(call: Call): Promise<Reply> {
	const id = idOfPath(call, "customer");
	authorize(call.principal, "admin");
	const { siteId } = call.principal;
	const tasks: ToldTask[] = [];
	const found = await findPerson(call.services.database, siteId, id, (task, person) => {
		const items = task.endedAt === null ? waiting(task, person) : ended(task, person);
		if (items.length > 0) tasks.push(toldTask(task, items));
	});
	if (found === null) throw notFound();
	return { status: 200, body: { ...(await records(call, id)), tasks, ...others(found) } };
}

/** The record with its entitlements, in the dialect of the call. */
async function records(call: Call, id: string): Promise<{ customer?: unknown; entitlements: unknown[] }> {
	const { siteId } = call.principal;
	const [[customer], entitlements, fields, entitlementFields] = await call.services.database.inSite(
		siteId,
		(transaction) =>
			Promise.all([
				findRecords(transaction, siteId, "customer", [id]),
				listEntitlements(transaction, siteId, { customerId: id }, Number.MAX_SAFE_INTEGER),
				listDetailFields(transaction, siteId, "customer"),
				listDetailFields(transaction, siteId, "entitlement"),
			]),
		{ readOnly: true },
	);
	return {
		...(customer === undefined
			? {}
			: { customer: call.dialect.profile(siteId, "customer", customer, fields) }),
		entitlements: entitlements.map((each) => call.dialect.entitlement(siteId, each, entitlementFields)),
	};
}

function toldTask({ taskId, operation, endedAt }: MentioningTask, items: ToldTask["items"]): ToldTask {
	return {
		taskId,
		operation,
		...(endedAt === null ? {} : { completedDate: endedAt.toISOString() }),
		items,
	};
}

function waiting({ items }: MentioningTask, person: Person): ToldTask["items"] {
	const sent = parseJson(items ?? "[]") as readonly unknown[];
	return sent.flatMap((item, index) => (isNamedIn(person, item) ? [{ index, sent: item }] : []));
}

function ended(task: MentioningTask, person: Person): ToldTask["items"] {
	return mentionsIn(task, person).map(({ index, result, sent, image }) => ({
		index,
		result: { ...result },
		...(sent === undefined ? {} : { sent }),
		...(image === undefined ? {} : { former: formerOf(image) }),
	}));
}

/** Without the number that only the chain needs. */
function formerOf(image: unknown): Record<string, unknown> {
	const { previous: _, ...former } = image as Record<string, unknown>;
	return former;
}

function others({ person, ownWrites, parts }: FoundPerson): Pick<CustomerExport, "writes" | "imports"> {
	return {
		writes: ownWrites.map(({ writtenAt, image }) => ({
			changedDate: writtenAt.toISOString(),
			...(image === null ? {} : { former: formerOf(parseJson(image)) }),
		})),
		imports: parts.flatMap(({ importId, format, lines }) => {
			const named = linesNaming(format, lines, person);
			return named.length === 0 ? [] : [{ importId, lines: named }];
		}),
	};
}
