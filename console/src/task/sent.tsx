import { Stack } from "@mantine/core";
import type { Task } from "@muster/client";
import { bulkOperation } from "../operation-words.ts";
import { CodeBlock } from "../pieces/code-block.tsx";
import { Loading, Trouble } from "../pieces/states.tsx";
import { useFailedItems } from "./failed-items.ts";

/** The failed items as they were sent, as a request to correct, and the command that sends it. */
export function Sent({ task }: { readonly task: Task }) {
	const { data: items, error, refetch } = useFailedItems(task);
	if (items === undefined) {
		return error === null ? <Loading /> : <Trouble error={error} onRetry={() => void refetch()} />;
	}
	const operation = bulkOperation(task.operation);
	const body = JSON.stringify({ [operation?.itemsKeys[0] ?? "items"]: items }, null, 2);
	const url = `${new URL("api/v1", document.baseURI).href}/${operation?.path ?? ""}`;
	return (
		<Stack>
			<CodeBlock label="Items" text={body} />
			<CodeBlock label="Send them" text={curlOf(url, body)} />
		</Stack>
	);
}

/** The body stands in single quotes, where a shell reads nothing in it but the quote itself. */
export function curlOf(url: string, body: string): string {
	return [
		`curl '${url}'`,
		'-H "Authorization: Bearer $MUSTER_TOKEN"',
		"-H 'Content-Type: application/json'",
		'-H "Idempotency-Key: $(uuidgen)"',
		`-d '${body.replaceAll("'", "'\\''")}'`,
	].join(" \\\n  ");
}
