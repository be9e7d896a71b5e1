import {
	Import,
	importFormats,
	importOperations,
	operationNamed,
	ReferenceImport,
	readScopes,
	Type,
} from "@muster/client/contract";
import { dateOrders, presets } from "@muster/client/import";

import { uuidForm } from "../../domain/record.ts";
import { cancelImport, findImport, listImports, type StoredImport } from "../../store/imports.ts";
import { authorize } from "../authenticate.ts";
import { formatOf } from "../imports/format-of.ts";
import { showImport } from "../imports/show-import.ts";
import { goOn, upload } from "../imports/upload.ts";
import { cutPage, pageLimitOf, pageOf, pageParameters } from "../page.ts";
import { notFound, ProblemError } from "../problem-error.ts";
import { readIdempotencyKey } from "../read-submission.ts";
import type { Call, Reply, Route, UploadCall } from "../route.ts";

/** An example of a file by its media type. */
const uploads = {
	[importFormats.jsonl]: '{"email":"jane.smith@acme.com","details":{"support-tier":"Premium"}}\n',
	[importFormats.csv]: "email,displayName,Support tier\njane.smith@acme.com,Jane Smith,Premium\n",
};

const uploadProblems = [
	"empty_items",
	"invalid_encoding",
	"invalid_json",
	"unusable_columns",
	"upload_conflict",
	"request_timeout",
] as const;

/** Files of any size, carried out as tasks while they arrive. */
export const importRoutes: readonly Route[] = [
	{
		method: "POST",
		path: "imports",
		id: "import.create",
		tag: "Imports",
		summary: "Send a file of any size for a bulk operation",
		description:
			"The answer comes when the whole file is saved; its tasks are carried out from its first lines on. What is wrong with a line is a failure of that line. An upload that broke off is taken up by the same request again, under the same key: what is saved already is compared and skipped. The token needs the write scope of the operation too.",
		scope: readScopes.task,
		query: Type.Object({
			operation: Type.Enum([...importOperations]),
			dryRun: Type.Optional(Type.Boolean({ description: "Say what would change, and change nothing" })),
			column: Type.Optional(
				Type.Array(Type.String(), {
					description:
						"Of a CSV: what a column is, where its header does not tell, as `Header=target`; targets are those that an import's `columns` show",
				}),
			),
			dates: Type.Optional(
				Type.Enum([...dateOrders], {
					description: "Of a CSV: how days are written in it, where they do not tell",
				}),
			),
			preset: Type.Optional(Type.Enum([...presets], { description: "Of a CSV: the CRM whose export it is" })),
		}),
		uploads,
		idempotent: "required",
		answers: [
			{ status: 202, description: "The whole file is saved.", guide: Import, reference: ReferenceImport },
		],
		problems: uploadProblems,
		handle: (call) => create(uploadOf(call)),
	},
	{
		method: "GET",
		path: "imports",
		id: "import.list",
		tag: "Imports",
		summary: "List the site's imports, newest first",
		scope: readScopes.task,
		query: Type.Object({ idempotencyKey: Type.Optional(Type.String()), ...pageParameters }),
		answers: [
			{
				status: 200,
				description: "A page of imports",
				guide: pageOf(Import),
				reference: pageOf(ReferenceImport),
			},
		],
		handle: list,
	},
	{
		method: "GET",
		path: "imports/{importId}",
		id: "import.get",
		tag: "Imports",
		summary: "Look at an import: how far it is, how fast, and when it will end",
		scope: readScopes.task,
		answers: [{ status: 200, description: "The import", guide: Import, reference: ReferenceImport }],
		handle: async (call) => ({ status: 200, body: await showImport(call, await importOf(call)) }),
	},
	{
		method: "PATCH",
		path: "imports/{importId}",
		id: "import.resume",
		tag: "Imports",
		summary: "Send the rest of a file whose upload broke off",
		description:
			"The header Upload-Offset says how many bytes of the file the body leaves out: `receivedBytes` of the import. The body's end is the file's end. The token needs the write scope of the operation too.",
		scope: readScopes.task,
		uploads,
		answers: [
			{ status: 202, description: "The whole file is saved.", guide: Import, reference: ReferenceImport },
		],
		problems: uploadProblems,
		handle: (call) => resume(uploadOf(call)),
	},
	{
		method: "DELETE",
		path: "imports/{importId}",
		id: "import.cancel",
		tag: "Imports",
		summary: "Take nothing more of an import's file",
		description:
			"What was received is carried out all the same, and the import stays to be looked at. One whose file is whole stays as it is. The token needs the write scope of the operation too.",
		scope: readScopes.task,
		answers: [{ status: 204, description: "Nothing more is taken of it." }],
		handle: cancel,
	},
];

async function create(call: UploadCall): Promise<Reply> {
	const name = call.query.word("operation", importOperations);
	if (name === undefined) {
		throw new ProblemError(
			"invalid_request",
			`The query parameter operation is missing; ${importOperations.join(", ")} are allowed. Nothing was saved.`,
		);
	}
	const operation = operationNamed(name);
	authorize(call.principal, operation.writeScope);
	const { found, replayed } = await upload(call, {
		operation,
		idempotencyKey: readIdempotencyKey(call.headersDistinct["idempotency-key"]),
		format: formatOf(call.headers["content-type"]),
		dryRun: call.query.flag("dryRun") ?? false,
		wishes: {
			columns: call.query.texts("column"),
			dates: call.query.word("dates", dateOrders),
			preset: call.query.word("preset", presets),
		},
	});
	return answerReceived(call, found, replayed);
}

async function resume(call: UploadCall): Promise<Reply> {
	const found = await importOf(call);
	authorize(call.principal, operationNamed(found.operation).writeScope);
	const format = formatOf(call.headers["content-type"]);
	if (format !== found.format) {
		throw new ProblemError(
			"unsupported_media_type",
			`The import began as ${importFormats[found.format]}, and goes on as that. Nothing was saved.`,
		);
	}
	return answerReceived(call, await goOn(call, found, offsetOf(call)), false);
}

async function answerReceived(call: Call, found: StoredImport, replayed: boolean): Promise<Reply> {
	return {
		status: 202,
		headers: {
			location: `${call.base}/imports/${found.importId}`,
			...(replayed ? { "idempotency-replayed": "true" } : {}),
		},
		body: await showImport(call, found),
	};
}

async function list(call: Call): Promise<Reply> {
	const { siteId } = call.principal;
	const pageLimit = pageLimitOf(call.query);
	const before = call.query.cursor(uuidForm);
	const idempotencyKey = call.query.text("idempotencyKey");
	const found = await call.services.database.inSite(
		siteId,
		(transaction) =>
			// One more than asked for tells whether there is a further page.
			listImports(transaction, siteId, { before, idempotencyKey, limit: pageLimit + 1 }),
		{ readOnly: true },
	);
	const { page, more } = cutPage(found, pageLimit, (last) => last.importId);
	const results: unknown[] = [];
	for (const each of page) results.push(await showImport(call, each));
	return { status: 200, body: { results, ...more } };
}

async function cancel(call: Call): Promise<Reply> {
	const { siteId } = call.principal;
	const found = await importOf(call);
	authorize(call.principal, operationNamed(found.operation).writeScope);
	await call.services.database.inSite(siteId, (transaction) =>
		cancelImport(transaction, siteId, found.importId),
	);
	return { status: 204 };
}

/** The import of the path. @throws ProblemError not_found */
export async function importOf(call: Call): Promise<StoredImport> {
	const { siteId } = call.principal;
	const { importId = "" } = call.params;
	// Only what is written as our ids are can be one.
	if (!uuidForm.test(importId)) throw notFound();
	const found = await call.services.database.inSite(
		siteId,
		(transaction) => findImport(transaction, siteId, importId),
		{ readOnly: true },
	);
	if (found === null) throw notFound();
	return found;
}

function offsetOf(call: Call): number {
	const text = call.headers["upload-offset"];
	if (typeof text === "string" && /^\d{1,15}$/.test(text)) return Number(text);
	throw new ProblemError(
		"invalid_request",
		"The header Upload-Offset is missing or is no number of bytes; send `receivedBytes` of the import in it. Nothing was saved.",
	);
}

function uploadOf(call: Call): UploadCall {
	const { upload } = call;
	if (upload === undefined) throw new Error("the route reads its body by itself");
	return { ...call, upload, signal: call.signal };
}
