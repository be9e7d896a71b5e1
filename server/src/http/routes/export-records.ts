import { addAbortSignal, Readable } from "node:stream";
import { type Entity, readScopes, Type } from "@muster/client/contract";

import type { RecordSearch } from "../../domain/record-search.ts";
import { listProducts } from "../../store/products.ts";
import { columnsOf, headerOf, rowsOf } from "../export-csv.ts";
import { readSearch, searchParameters } from "../record-query.ts";
import type { Call, Reply, Route } from "../route.ts";
import { findPage, type SearchPage } from "../search-page.ts";

const formats = ["csv", "jsonl"] as const;

const mediaTypes = { csv: "text/csv", jsonl: "application/x-ndjson" } as const;

/** Records that an export holds at a time: as many as the largest page of a list. */
const pageRecords = 100;

/** All customers or organizations, or those that are sought, as one file. */
export const exportRoutes: readonly Route[] = (["customer", "organization"] as const).map(exportRoute);

function exportRoute(entity: Entity): Route {
	const isCustomer = entity === "customer";
	return {
		method: "GET",
		path: `${entity}s/export`,
		id: `${entity}.export`,
		tag: isCustomer ? "Customers" : "Organizations",
		summary: `Export ${entity}s as CSV or JSON lines`,
		description: `The ${entity}s that the same parameters would list, oldest first, as one file that is written while it is read. Records that change meanwhile are exported as they are when their turn comes. A file that ends without an end of the transfer is not whole.

\`csv\`: a column for each detail field and one for products where the site has any, named as the value stands in an item (\`details.tier\`); a name that ends in \`[]\` is of a list, with semicolons between its texts and a backslash before one inside. A cell that begins with \`=\`, \`+\`, \`-\`, \`@\`, a tab or a carriage return has an apostrophe before it, which is taken off on the way back in.

\`jsonl\`: a line for each record, in the shape that lists have. Without \`createdDate\` and \`updatedDate\` a line of the guide's dialect is an item of \`${entity}/profile/bulk\`.`,
		scope: readScopes[entity],
		query: Type.Object({
			format: Type.Optional(Type.Enum([...formats], { default: "csv" })),
			...searchParameters(entity),
		}),
		answers: [
			{
				status: 200,
				description: `The ${entity}s`,
				texts: {
					[mediaTypes.csv]: isCustomer
						? "customerId,email,displayName,organizations[],details.tier,createdDate,updatedDate,sourceUpdatedAt\r\n"
						: "id,name,details.industry,createdDate,updatedDate,sourceUpdatedAt\r\n",
					[mediaTypes.jsonl]: isCustomer
						? '{"customerId":"qm:...","email":"jane.smith@acme.com", ...}\n'
						: '{"id":"1","name":"Acme Corporation", ...}\n',
				},
			},
		],
		handle: (call) => answerExport(call, entity),
	};
}

async function answerExport(call: Call, entity: Entity): Promise<Reply> {
	const format = call.query.word("format", formats) ?? "csv";
	const pages = pagesOf(call, entity);
	// Ahead of the status: what is wrong with the request, or with the database, is answered as everywhere.
	const first = await pages.next();
	const columns = format === "csv" ? await readColumns(call, entity, first.value ?? null) : null;
	const texts = textsOf(call, entity, columns, first.value ?? null, pages);
	return {
		status: 200,
		headers: {
			"content-type": `${mediaTypes[format]}; charset=utf-8`,
			"content-disposition": `attachment; filename="${entity}s.${format}"`,
		},
		// Nothing is read ahead of a slow client but one page; one that goes away ends the reading, and so does a stop.
		stream: addAbortSignal(call.signal, Readable.from(texts, { highWaterMark: 1 })),
	};
}

/** Every page of a search. Each is a transaction of its own, so that a slow client holds none. */
async function* pagesOf(call: Call, entity: Entity): AsyncGenerator<SearchPage, undefined> {
	const { services, principal, query } = call;
	let search: RecordSearch | undefined;
	let after: string | null = null;
	do {
		const page: SearchPage = await findPage(
			services.database,
			principal.siteId,
			entity,
			(fields) => {
				search ??= readSearch(query, entity, fields);
				return search;
			},
			{ after, limit: pageRecords },
		);
		yield page;
		after = page.place;
	} while (after !== null);
}

/** The columns of a CSV. A field or the first product that is made meanwhile has none. */
async function readColumns(call: Call, entity: Entity, first: SearchPage | null) {
	const { siteId } = call.principal;
	const products = await call.services.database.inSite(
		siteId,
		(transaction) => listProducts(transaction, siteId, { after: undefined, limit: 1 }),
		{ readOnly: true },
	);
	return columnsOf(siteId, entity, { fields: first?.fields ?? [], hasProducts: products.length > 0 });
}

/** What of the file each page is. @param columns of a CSV; null for JSON lines */
async function* textsOf(
	call: Call,
	entity: Entity,
	columns: ReturnType<typeof columnsOf> | null,
	first: SearchPage | null,
	others: AsyncGenerator<SearchPage, undefined>,
): AsyncGenerator<string, void> {
	const { siteId } = call.principal;
	if (columns !== null) yield headerOf(columns);
	for (let page = first; page !== null; page = (await others.next()).value ?? null) {
		const { records, fields } = page;
		if (records.length === 0) continue;
		yield columns !== null
			? rowsOf(columns, records)
			: records
					.map((record) => `${JSON.stringify(call.dialect.profile(siteId, entity, record, fields))}\n`)
					.join("");
	}
}
