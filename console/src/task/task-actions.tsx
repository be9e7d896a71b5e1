import { Alert, Button, Stack } from "@mantine/core";
import { operationNamed, type Task } from "@muster/client";
import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { csvOf, saveFile } from "../pieces/csv.ts";
import { Icon } from "../pieces/icon.tsx";
import { wordsOf } from "../pieces/states.tsx";
import { queries } from "../queries.ts";
import { service } from "../service.ts";
import { useMay } from "../session.ts";
import { useFailedItems } from "./failed-items.ts";
import { failureRows } from "./failure-rows.ts";

/** What can be done with a task that has failures. */
export function TaskActions({ task }: { readonly task: Task }) {
	const navigate = useNavigate();
	const { data: items } = useFailedItems(task);
	const mayWrite = useMay(task.operation === null ? "*" : operationNamed(task.operation).writeScope);
	const retry = useMutation({
		mutationFn: () => service.retryTask(task.taskId),
		onSuccess: async ({ taskId }) => {
			await queries.invalidateQueries({ queryKey: ["tasks"] });
			await navigate({ to: "/tasks/$taskId", params: { taskId } });
		},
	});
	if (task.failures.length === 0) return null;
	return (
		<Stack gap="xs" align="flex-end">
			<Button.Group>
				<Button
					variant="default"
					leftSection={<Icon name="download" size={16} />}
					disabled={items === undefined}
					onClick={() =>
						saveFile(`failures-${task.taskId}.csv`, "text/csv", [failuresFile(task, items ?? [])])
					}
				>
					Failures as CSV
				</Button>
				{mayWrite ? (
					<Button
						variant="default"
						leftSection={<Icon name="retry" size={16} />}
						loading={retry.isPending}
						onClick={() => retry.mutate()}
						title="Sends the failed items again as they were, as a new task"
					>
						Retry failed
					</Button>
				) : null}
			</Button.Group>
			{retry.isError ? (
				<Alert color="red" variant="outline" role="alert" title={wordsOf(retry.error).title}>
					{wordsOf(retry.error).text}
				</Alert>
			) : null}
		</Stack>
	);
}

export function failuresFile(task: Task, items: readonly unknown[]): string {
	const rows = failureRows(task, items).map((row) => [
		row.index === null ? "" : String(row.index),
		row.clientRef ?? "",
		row.field,
		row.value ?? "",
		row.code,
		row.message,
		row.hint ?? "",
	]);
	return csvOf([["index", "clientRef", "field", "value", "code", "message", "hint"], ...rows]);
}
