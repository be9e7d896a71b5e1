import type { Entity } from "@muster/client/contract";
import { Draft } from "../../../src/domain/draft.ts";
import { FieldSet } from "../../../src/domain/field-set.ts";
import type { RecordSearch } from "../../../src/domain/record-search.ts";
import { settingsFrom } from "../../../src/domain/settings.ts";
import { routes } from "../../../src/http/route-table.ts";
import { acceptTasks } from "../../../src/store/accept-tasks.ts";
import { listAccessTokens, revokeAccessToken } from "../../../src/store/access-tokens.ts";
import { applyPlain, expectPlain } from "../../../src/store/apply-plain.ts";
import { countOptionUse } from "../../../src/store/change-detail-field.ts";
import {
	deleteConsoleSession,
	findConsoleSession,
	redeemConsoleLink,
} from "../../../src/store/console-keys.ts";
import type { Database, Transaction } from "../../../src/store/database.ts";
import { countDetailValues } from "../../../src/store/delete-detail-field.ts";
import { deleteOldImports } from "../../../src/store/delete-old-imports.ts";
import { deleteOldTasks } from "../../../src/store/delete-old-tasks.ts";
import { claimDeliveries, findDueWebhooks } from "../../../src/store/deliveries.ts";
import {
	auditErasure,
	forgetOwnWrites,
	lockPerson,
	rewritePart,
	rewriteTasks,
} from "../../../src/store/erase-person.ts";
import { expectTurn } from "../../../src/store/expect-turn.ts";
import { findAppliedTasks } from "../../../src/store/find-applied-tasks.ts";
import { readTasks } from "../../../src/store/find-mentions.ts";
import { findSiteByName } from "../../../src/store/find-site.ts";
import { findSubmission } from "../../../src/store/find-submission.ts";
import { findTasksByKey } from "../../../src/store/find-tasks-by-key.ts";
import { importDigests } from "../../../src/store/import-digests.ts";
import { pauseInLane, shareLane } from "../../../src/store/lane.ts";
import { listAuditEntries } from "../../../src/store/list-audit-entries.ts";
import { insertEntitled, loadEntitled } from "../../../src/store/load-entitled.ts";
import { loadMemberships, nameRecords } from "../../../src/store/load-links.ts";
import type { PlainClaim } from "../../../src/store/plain-claims.ts";
import { readQueueState } from "../../../src/store/queue-state.ts";
import { readUndone } from "../../../src/store/read-undone.ts";
import { inAnyOrder, inOrder, Scan } from "../../../src/store/scan-records.ts";
import { settleDetailField, settleDetailFields } from "../../../src/store/settle-detail-fields.ts";
import { settleImports } from "../../../src/store/settle-imports.ts";
import { parkKeys, stampRecords, updateRecords } from "../../../src/store/update-records.ts";
import { noteWorkerSeen, readWorkerSeen } from "../../../src/store/worker-seen.ts";
import { writeUndo } from "../../../src/store/write-undo.ts";
import { uploadHeaders } from "../../http/example-upload.ts";
import { routeCases } from "../../http/route-cases.ts";
import type { TestMuster } from "../../muster.ts";

const entities = ["customer", "organization"] as const;
const siteId = "00000000-0000-7000-8000-000000000001";
const pair = { record: "1", other: "2" };

const plainClaim = {
	ground: {
		site: { siteId, name: "", settings: settingsFrom({}), hasWebhooks: false, version: "1" },
		fields: new FieldSet([]),
		fieldsVersion: "",
		readAtMs: 0,
	},
	tasks: [] as unknown as PlainClaim["tasks"],
	last: 1,
	keys: new Set<string>(),
};

const followedTask = {
	operation: "customer",
	idempotencyKey: "1",
	fingerprint: Buffer.alloc(32),
	dryRun: false,
	tokenId: siteId,
	itemCount: 1,
	items: "[]",
	oddNumbers: false,
	traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
};

/** Asks every route as its case does, lets the worker work, and forgets what is past its time. */
export async function askEveryRoute(muster: TestMuster): Promise<void> {
	for (const route of routes) {
		const site = await muster.aSite();
		const good = await routeCases[route.id]?.good({ muster, site, route });
		const path = route.path.replace(/\{(\w+)\}/g, (_, name) =>
			encodeURIComponent(good?.params?.[name] ?? ""),
		);
		const answer = await site.ask(route.method, `${path}${good?.query ?? ""}`, {
			body: good?.body,
			headers: uploadHeaders(route),
		});
		if (answer.status !== good?.status) throw new Error(`${route.id} was answered ${answer.text}`);
		await muster.worker.tick();
	}
	await deleteOldTasks(muster.database);
	await deleteOldImports(muster.database);
	await settleImports(muster.database);
	await settleDetailFields(muster.database, () => true);
	for await (const _ of importDigests(muster.database, siteId, siteId))
		throw new Error("nobody has that import");
}

/** Says what no request brings about by itself: forms for the other entity, races, searches by the order that is fastest. */
export async function sayTheRest(transaction: Transaction): Promise<void> {
	const database: Database = {
		inSite: (_siteId, work) => work(transaction),
		inNoSite: (work) => work(transaction),
		close: async () => undefined,
	};
	await listAccessTokens(transaction, siteId);
	await revokeAccessToken(transaction, siteId, siteId);
	for (const ask of [findConsoleSession, redeemConsoleLink, deleteConsoleSession]) {
		await ask(transaction, Buffer.alloc(32));
	}
	await listAuditEntries(transaction, siteId, 1);
	await findSiteByName(transaction, "acme");
	await findTasksByKey(transaction, siteId, [{ operation: "customer", idempotencyKey: "1" }]);
	await pauseInLane(transaction, 1);
	await readQueueState(transaction, 1);
	await noteWorkerSeen(transaction);
	await readWorkerSeen(transaction);
	await findSubmission(transaction, siteId, siteId);
	await findAppliedTasks(transaction, siteId, [siteId]);
	await acceptTasks(transaction, siteId, [followedTask]);
	await sayOfPersons(transaction);
	await findDueWebhooks(transaction);
	await claimDeliveries(transaction, { siteId, webhookId: siteId }, 1);
	await loadMemberships(transaction, siteId, []);
	await transaction.query(inOrder, []);
	await transaction.query(inAnyOrder, []);
	for (const entity of entities) {
		await sayOfRecords(transaction, entity);
		await saySearches(transaction, entity);
	}
	for (const entity of [...entities, "entitlement"] as const) {
		await countOptionUse(transaction, siteId, entity, "plan", ["Free"]);
		await countDetailValues(transaction, siteId, entity, "plan");
		for (const change of ["deleted", "renamed"] as const) {
			await settleDetailField(database, siteId, { entity, fieldId: "plan", change }, () => true);
		}
	}
}

/** What erasing one writes. */
async function sayOfPersons(transaction: Transaction): Promise<void> {
	await lockPerson(transaction, siteId, siteId);
	await rewriteTasks(transaction, siteId, [{ number: 1, results: null, failedItems: null, images: null }]);
	await rewritePart(transaction, siteId, { importId: siteId, part: 1, lines: "", unreadable: null });
	await forgetOwnWrites(transaction, siteId, siteId);
	await auditErasure(transaction, siteId, { customerId: siteId, tasks: 0 });
	await readTasks(transaction, siteId, [1]);
}

async function sayOfRecords(transaction: Transaction, entity: Entity): Promise<void> {
	await shareLane(transaction, siteId, { isBehind: true, isAlone: false });
	for (const isAlone of [true, false]) await shareLane(transaction, siteId, { isBehind: false, isAlone });
	await expectPlain(transaction, siteId, plainClaim, null);
	await applyPlain(transaction, siteId, plainClaim);
	const turn = { first: 1, entity, fieldsVersion: "", behind: "1" };
	await expectTurn(transaction, siteId, turn);
	await nameRecords(transaction, siteId, entity, { ids: [], keys: [] });
	await loadEntitled(transaction, siteId, entity, [pair]);
	await insertEntitled(transaction, siteId, entity, [pair]);
	// Each takes the key of the other.
	const drafts = [aDraft("1", "a", "b"), aDraft("2", "b", "a")];
	await parkKeys(transaction, siteId, entity, drafts);
	await updateRecords(transaction, siteId, entity, drafts);
	await stampRecords(transaction, siteId, entity, drafts);
	const results = [{ outcome: "updated", id: "1" }] as const;
	await readUndone(transaction, siteId, entity, 1, { results, images: new Map() });
	await writeUndo(transaction, siteId, entity, {
		results,
		images: new Map(),
		drafts,
		deleted: drafts,
		unlinked: [pair],
		unentitled: ["1"],
	});
}

async function saySearches(transaction: Transaction, entity: Entity): Promise<void> {
	const field = { id: "seats", name: "Seats", type: "NUMBER", options: [] } as const;
	const search: RecordSearch = {
		words: ["jane"],
		keyPrefix: "jane",
		...(entity === "customer" ? { displayNamePrefix: "jan\u00e9" } : {}),
		changedSince: new Date(0),
		conditions: [
			{ field, kind: "oneOf", values: ["1", null] },
			{ field, kind: "not", value: "2" },
			{ field, kind: "range", operator: ">", value: "3" },
		],
	};
	const searches = [search, { ...search, organizationId: "1" }, { words: ["jane"], conditions: [] }];
	for (const each of searches) {
		const scan = new Scan(transaction, siteId, entity, each);
		for (const after of [null, siteId]) {
			await scan.judged(after, 1, 1);
			await scan.placeBehind(after, 1);
		}
		for (const end of [null, siteId]) await scan.swept(siteId, end, 1);
		await scan.counted({ offset: 0, limit: 1 });
		await scan.among([siteId], 1);
		await scan.narrowed(siteId);
	}
}

/** A stored record that is to have another key. */
function aDraft(id: string, key: string, nextKey: string): Draft {
	const draft = Draft.of({
		id,
		version: "1",
		address: key,
		key,
		displayName: key,
		details: {},
		sourceUpdatedAt: null,
		lastChange: null,
	});
	draft.state = { ...draft.state, address: { text: nextKey, key: nextKey } };
	return draft;
}
