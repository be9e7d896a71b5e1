import { DetailUsage, type Entity, readScopes, Statistics, Type } from "@muster/client/contract";

import { listDetailFields } from "../../store/detail-fields.ts";
import {
	type Bucket,
	countDetailUsage,
	countItemsLately,
	countRecords,
	countWaiting,
} from "../../store/read-statistics.ts";
import type { Call, Reply, Route } from "../route.ts";

const periods = ["hour", "day"] as const;
/** Spans of a minute over an hour, and of half an hour over a day. */
const spansOf = { hour: { seconds: 60, spans: 60 }, day: { seconds: 1_800, spans: 48 } } as const;

/** What a first screen shows: how much there is, and how much was done lately. */
export const statisticsRoutes: readonly Route[] = [
	{
		method: "GET",
		path: "statistics",
		id: "statistics.get",
		tag: "Statistics",
		summary: "Count records, waiting tasks, and items by when their task ended",
		description:
			"Records are counted up to a million, and items of the 20,000 newest tasks; dry runs are left out. Customers and organizations are told of to tokens that may read them.",
		scope: readScopes.task,
		query: Type.Object({
			period: Type.Optional(
				Type.Enum([...periods], {
					default: "hour",
					description: "An hour by the minute, a day by the half hour",
				}),
			),
		}),
		answers: [{ status: 200, description: "The counts", guide: Statistics, reference: Statistics }],
		handle: statistics,
	},
	...(["customer", "organization"] as const).map(
		(entity): Route => ({
			method: "GET",
			path: `statistics/${entity}/details`,
			id: `statistics.${entity}Details`,
			tag: "Statistics",
			summary: `Count the ${entity}s that have a value of each detail field`,
			description: "The 100,000 oldest are looked at.",
			scope: readScopes[entity],
			answers: [{ status: 200, description: "The counts", guide: DetailUsage, reference: DetailUsage }],
			handle: (call) => usage(call, entity),
		}),
	),
];

async function statistics(call: Call): Promise<Reply> {
	const { seconds, spans } = spansOf[call.query.word("period", periods) ?? "hour"];
	const { siteId, scopes } = call.principal;
	const mayRead = (entity: Entity): boolean => scopes.includes("*") || scopes.includes(readScopes[entity]);
	const body = await call.services.database.inSite(
		siteId,
		async (transaction): Promise<Statistics> => {
			const counted = async (entity: Entity) =>
				mayRead(entity) ? { [`${entity}s`]: await countRecords(transaction, siteId, entity) } : {};
			const counts = { ...(await counted("customer")), ...(await counted("organization")) };
			const { oldest, ...waiting } = await countWaiting(transaction, siteId);
			const { buckets, isPartial } = await countItemsLately(transaction, siteId, seconds, spans);
			return {
				...counts,
				waiting: { ...waiting, oldestDate: oldest?.toISOString() ?? null },
				from: buckets[0]?.from.toISOString() ?? "",
				bucketSeconds: seconds,
				buckets: buckets.map(shown),
				isPartial,
			};
		},
		{ readOnly: true },
	);
	return { status: 200, body };
}

function shown({ from, ...counts }: Bucket): Statistics["buckets"][number] {
	return { from: from.toISOString(), ...counts };
}

async function usage(call: Call, entity: Entity): Promise<Reply> {
	const { siteId } = call.principal;
	const body = await call.services.database.inSite(
		siteId,
		async (transaction): Promise<DetailUsage> => {
			const fields = await listDetailFields(transaction, siteId, entity);
			const { fields: used, records } = await countDetailUsage(transaction, siteId, entity);
			const byField = new Map(used.map((each) => [each.fieldId, each.records]));
			return {
				results: fields.map(({ id }) => ({ fieldId: id, records: byField.get(id) ?? 0 })),
				records: records.count,
				isPartial: records.isMore,
			};
		},
		{ readOnly: true },
	);
	return { status: 200, body };
}
