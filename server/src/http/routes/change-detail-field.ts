import type { FieldOwner } from "@muster/client/contract";
import type { DetailField as Field } from "../../domain/detail-value.ts";
import { type Fault, show } from "../../domain/fault.ts";
import { FieldSet } from "../../domain/field-set.ts";
import { type FieldChange, fieldChangeKeys, readFieldChange } from "../../domain/judge-field-change.ts";
import {
	changeDetailField,
	countOptionUse,
	isBeingRenamed,
	orderDetailFields,
} from "../../store/change-detail-field.ts";
import type { Transaction } from "../../store/database.ts";
import { countDetailValues, deleteDetailField } from "../../store/delete-detail-field.ts";
import { listDetailFields } from "../../store/detail-fields.ts";
import { type Change, settleDetailField } from "../../store/settle-detail-fields.ts";
import { answerWith, refuse } from "../detail-fields.ts";
import { notFound, ProblemError } from "../problem-error.ts";
import { readJsonObject, refuseUnknownKeys } from "../read-json.ts";
import type { Call, Reply } from "../route.ts";

/** Renames a field, changes its options or moves it; records keep their values. */
export async function change(call: Call, entity: FieldOwner): Promise<Reply> {
	const body = readJsonObject(call.body);
	const { type: _, ...others } = body;
	refuseUnknownKeys(others, fieldChangeKeys);
	let renamedId: string | null = null;
	const { siteId, settings } = call.principal;
	const reply = await call.services.lanes.alone(siteId, async (transaction) => {
		const fields = await listDetailFields(transaction, siteId, entity);
		const field = fieldNamed(call, fields);
		const faults: Fault[] = [];
		const asked = readFieldChange(field, fields.length, settings.fieldOptionsMax, body, faults);
		refuse("invalid_detail_field", faults);
		refuseTakenName(fields, field.id, asked);
		if (Object.hasOwn(body, "options") || Object.hasOwn(body, "renameOptions")) {
			await refuseUnsettled(transaction, siteId, entity, field);
		}
		if (asked.dropped.length > 0) await refuseUsed(transaction, siteId, entity, field, asked.dropped);
		await changeDetailField(transaction, siteId, entity, field, asked);
		if (asked.renamed.size > 0) renamedId = field.id;
		if (asked.position !== null) {
			const others = fields.map(({ id }) => id).filter((id) => id !== field.id);
			await orderDetailFields(transaction, siteId, entity, others.toSpliced(asked.position, 0, field.id));
		}
		return answerWith(transaction, siteId, entity, field.id);
	});
	if (renamedId !== null) await settle(call, entity, renamedId, "renamed");
	return reply;
}

function refuseTakenName(fields: readonly Field[], id: string, asked: FieldChange): void {
	const others = new FieldSet(fields.filter((field) => field.id !== id));
	const taken = others.find(asked.name);
	if (taken === undefined) return;
	throw new ProblemError(
		"detail_field_exists",
		`The detail field ${show(taken.name)} (id ${show(taken.id)}) answers to the name ${show(asked.name)} already. Nothing was saved.`,
	);
}

/** Records that still have an option under its old name would be taken for those of another one. */
async function refuseUnsettled(
	transaction: Transaction,
	siteId: string,
	entity: FieldOwner,
	field: Field,
): Promise<void> {
	if (!(await isBeingRenamed(transaction, siteId, entity, field.id))) return;
	throw new ProblemError(
		"unavailable",
		`Records are still following the last change of the options of ${show(field.name)}. Nothing was saved; send the same request again later.`,
		{ headers: { "retry-after": "10" } },
	);
}

async function refuseUsed(
	transaction: Transaction,
	siteId: string,
	entity: FieldOwner,
	field: Field,
	dropped: readonly string[],
): Promise<void> {
	const used = await countOptionUse(transaction, siteId, entity, field.id, dropped);
	const faults = used.map(
		({ option, count }): Fault => ({
			code: "invalid_type",
			pointer: "/options",
			message: `The option ${show(option)} of ${show(field.name)} cannot be dropped: ${count} ${count === 1 ? `${entity} has` : `${entity}s have`} it.`,
			hint: "Rename it with renameOptions, or change those records first.",
		}),
	);
	refuse("invalid_detail_field", faults);
}

/** Deletes a field; what records have in it goes only where the caller has said so. */
export async function remove(call: Call, entity: FieldOwner): Promise<Reply> {
	const { database, lanes } = call.services;
	const { siteId } = call.principal;
	if (call.query.flag("confirm") !== true) {
		// Without the lane first, for it may take a while.
		await database.inSite(siteId, async (transaction) => {
			const field = fieldNamed(call, await listDetailFields(transaction, siteId, entity));
			await refuseValues(transaction, siteId, entity, field);
		});
	}
	let deletedId = "";
	await lanes.alone(siteId, async (transaction) => {
		const field = fieldNamed(call, await listDetailFields(transaction, siteId, entity));
		if (call.query.flag("confirm") !== true) await refuseValues(transaction, siteId, entity, field);
		await deleteDetailField(transaction, siteId, entity, field.id);
		deletedId = field.id;
	});
	await settle(call, entity, deletedId, "deleted");
	return { status: 204 };
}

async function refuseValues(
	transaction: Transaction,
	siteId: string,
	entity: FieldOwner,
	field: Field,
): Promise<void> {
	const values = await countDetailValues(transaction, siteId, entity, field.id);
	if (values === 0) return;
	throw new ProblemError(
		"values_at_stake",
		`${values} ${values === 1 ? `${entity} has a value` : `${entity}s have values`} in ${show(field.name)}, which would go with it. Nothing was deleted; send the same request with ?confirm=true if they may go.`,
		{ values },
	);
}

/** How long a request lets the records of a site follow its change, in milliseconds; a worker goes on where that is not enough. */
const settleMs = 2_000;

async function settle(call: Call, entity: FieldOwner, fieldId: string, change: Change): Promise<void> {
	const until = performance.now() + settleMs;
	const goesOn = (): boolean => performance.now() < until;
	const { services, principal } = call;
	const field = { entity, fieldId, change };
	try {
		// What a task is just writing is met again in the next pass.
		while (goesOn() && !(await settleDetailField(services.database, principal.siteId, field, goesOn)));
	} catch {
		// What was asked for is saved, and a worker comes back to it.
	}
}

function fieldNamed(call: Call, fields: readonly Field[]): Field {
	const field = new FieldSet(fields).find(call.params.fieldName ?? "");
	if (field === undefined) throw notFound();
	return field;
}
