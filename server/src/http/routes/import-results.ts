import { addAbortSignal, Readable } from "node:stream";
import {
	importFormats,
	type Outcome,
	operationNamed,
	outcomes,
	readScopes,
	Type,
} from "@muster/client/contract";

import { endedParts } from "../../store/import-parts.ts";
import type { StoredImport } from "../../store/imports.ts";
import { lineResults } from "../imports/line-results.ts";
import type { CsvPlan } from "../imports/plan-columns.ts";
import { csvTexts, jsonTexts } from "../imports/result-texts.ts";
import type { Call, Reply, Route } from "../route.ts";
import { shownResults } from "../shown-results.ts";
import { importOf } from "./imports.ts";

/** What became of each line of an import's file, as one file. */
export const importResultRoutes: readonly Route[] = [
	{
		method: "GET",
		path: "imports/{importId}/results",
		id: "import.results",
		tag: "Imports",
		summary: "Get what became of each line of an import, in the format of its file",
		description: `In the order of the file, up to the first line whose task has not ended. It is written while it is read; a file that ends without an end of the transfer is not whole.

A CSV has the columns that were sent, then \`outcome\`, \`id\`, \`line\`, \`code\`, \`error\` and \`hint\`. With \`outcome=failed\` the first two are left out: such a file is corrected and sent again as it is, the last four columns are ignored then. Cells are guarded as in exports.

JSON lines have \`line\`, \`outcome\`, what a task's results have, and \`item\`, as it was sent; a line that could not be read has its \`text\`.`,
		scope: readScopes.task,
		query: Type.Object({ outcome: Type.Optional(Type.Enum([...outcomes])) }),
		answers: [
			{
				status: 200,
				description: "The lines with what became of them",
				texts: {
					[importFormats.jsonl]:
						'{"line":1,"outcome":"created","id":"qm:...","key":"jane.smith@acme.com","item":{"email":"jane.smith@acme.com"}}\n',
					[importFormats.csv]:
						"email,Tier,outcome,id,line,code,error,hint\njane.smith@acme.com,Premium,created,qm:...,2,,,\n",
				},
			},
		],
		handle: answerResults,
	},
];

async function answerResults(call: Call): Promise<Reply> {
	const found = await importOf(call);
	const outcome = call.query.word("outcome", outcomes);
	const { format } = found;
	const name = `${outcome === "failed" ? "failed" : "results"}.${format}`;
	return {
		status: 200,
		headers: {
			"content-type": `${importFormats[format]}; charset=utf-8`,
			"content-disposition": `attachment; filename="${name}"`,
		},
		// As exports: nothing is read ahead of a slow client but one page.
		stream: addAbortSignal(call.signal, Readable.from(textsOf(call, found, outcome), { highWaterMark: 1 })),
	};
}

async function* textsOf(
	call: Call,
	found: StoredImport,
	outcome: Outcome | undefined,
): AsyncGenerator<string, void> {
	const { siteId } = call.principal;
	// Written by upload.ts, of this type; of JSON lines it is null.
	const plan = found.plan as CsvPlan | null;
	const onlyFailed = outcome === "failed";
	const texts = plan === null ? jsonTexts : csvTexts(plan.file, onlyFailed);
	if (texts.head !== "") yield texts.head;
	const operation = operationNamed(found.operation);
	for await (const part of endedParts(call.services.database, siteId, found, onlyFailed)) {
		const lines = lineResults(part, shownResults(siteId, operation, part.results), plan);
		const asked = lines.filter((line) => outcome === undefined || line.outcome === outcome);
		if (asked.length > 0) yield texts.textOf(asked);
	}
}
