import { Button, Group, NativeSelect, Switch, TextInput } from "@mantine/core";
import { type Task, type TaskOperationName, type TaskStatus, taskOperationNames } from "@muster/client";
import { getRouteApi } from "@tanstack/react-router";
import { useMemo } from "react";
import { operationWord, operationWords } from "../operation-words.ts";
import { count, counted } from "../pieces/count.ts";
import { TextLink } from "../pieces/links.tsx";
import { type Column, ListTable } from "../pieces/list-table.tsx";
import { TaskMark } from "../pieces/outcome.tsx";
import { OutcomeBar } from "../pieces/outcome-bar.tsx";
import { Screen } from "../pieces/screen.tsx";
import { Empty, Loading, Trouble } from "../pieces/states.tsx";
import { durationBetween, Time } from "../pieces/time.tsx";
import { sourceText } from "../task/source.tsx";
import { useTaskList } from "./task-list.ts";

const route = getRouteApi("/shell/tasks");
const statuses: readonly { readonly value: TaskStatus; readonly label: string }[] = [
	{ value: "processing", label: "Waiting" },
	{ value: "completed", label: "Completed" },
	{ value: "failed", label: "Failed" },
];

/** What was sent, newest first, and what became of it; the list keeps itself up to date. */
export function Tasks() {
	const search = route.useSearch();
	const navigate = route.useNavigate();
	const filter = useMemo(() => filterOf(search), [search]);
	const list = useTaskList(filter);
	const set = (change: Partial<typeof search>): void => {
		void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
	};
	const isFiltered = Object.values(search).some((value) => value !== undefined);
	return (
		<Screen
			title="Tasks"
			about="Each list that was sent is a task. Tasks take effect in the order of their acceptance."
		>
			<Group gap="sm" align="flex-end">
				<NativeSelect
					label="Status"
					value={search.status ?? ""}
					onChange={(event) => set({ status: event.currentTarget.value })}
					data={[{ value: "", label: "Any" }, ...statuses]}
				/>
				<NativeSelect
					label="Operation"
					value={search.operation ?? ""}
					onChange={(event) => set({ operation: event.currentTarget.value })}
					data={[
						{ value: "", label: "Any" },
						...taskOperationNames.map((name) => ({ value: name, label: operationWords[name] })),
					]}
				/>
				<TextInput
					label="Idempotency key"
					placeholder="The whole key"
					value={search.key ?? ""}
					onChange={(event) => set({ key: event.currentTarget.value })}
				/>
				<Switch
					label="With failures"
					checked={search.failures === "yes"}
					onChange={(event) => set({ failures: event.currentTarget.checked ? "yes" : "" })}
					pb={8}
				/>
				{isFiltered ? (
					<Button variant="subtle" onClick={() => void navigate({ search: {}, replace: true })}>
						Clear filters
					</Button>
				) : null}
			</Group>
			<List list={list} isFiltered={isFiltered} />
		</Screen>
	);
}

function List({
	list,
	isFiltered,
}: {
	readonly list: ReturnType<typeof useTaskList>;
	readonly isFiltered: boolean;
}) {
	if (list.error !== null && list.tasks === null) return <Trouble error={list.error} onRetry={list.retry} />;
	if (list.tasks === null) return <Loading label="Loading tasks" />;
	if (list.tasks.length === 0 && isFiltered) {
		return (
			<Empty icon="search" title="No task is like that">
				Take a filter away, and look again.
			</Empty>
		);
	}
	if (list.tasks.length === 0) {
		return (
			<Empty icon="tasks" title="Nothing was sent yet">
				Send a list by the API, or a file with <code>npx muster import</code>, and it is here at once.
			</Empty>
		);
	}
	return (
		<>
			{list.error === null ? null : <Trouble error={list.error} onRetry={list.retry} />}
			<ListTable
				label="Tasks"
				one="task"
				columns={columns}
				rows={list.tasks}
				keyOf={({ taskId }) => taskId}
				hasMore={list.hasMore}
				isLoadingMore={list.isLoadingMore}
				onMore={list.more}
				minWidth="18rem"
				wideMinWidth="60rem"
				note={({ createdDate, summary }) => (
					<>
						<Time iso={createdDate} />
						{summary === null ? "" : `, ${counted(summary.total, "item")}`}
					</>
				)}
			/>
		</>
	);
}

const columns: readonly Column<Task>[] = [
	{
		name: "operation",
		title: "Operation",
		width: "12rem",
		cell: ({ taskId, operation, dryRun }) => (
			<TextLink
				to="/tasks/$taskId"
				params={{ taskId }}
				size="sm"
				fw={500}
				// Of many alike, each is told by its id.
				aria-label={`${operationWord(operation)}, task ${taskId}`}
			>
				{operationWord(operation)}
				{dryRun ? " (dry run)" : ""}
			</TextLink>
		),
	},
	{
		name: "status",
		title: "Status",
		width: "8.5rem",
		cell: ({ status, summary }) => <TaskMark status={status} failures={summary?.failed ?? 0} />,
	},
	{
		name: "source",
		title: "Source",
		width: "7.5rem",
		isWide: true,
		cell: (task) => <span title={`Idempotency-Key: ${task.idempotencyKey}`}>{sourceText(task)}</span>,
	},
	{
		name: "items",
		title: "Items",
		width: "4.5rem",
		isWide: true,
		atEnd: true,
		cell: ({ summary }) => (summary === null ? "–" : count(summary.total)),
	},
	{
		name: "outcome",
		title: "Outcome",
		isWide: true,
		cell: ({ summary, status }) =>
			summary === null ? "–" : <OutcomeBar summary={summary} isEnded={status !== "processing"} />,
	},
	{
		name: "failed",
		title: "Failed",
		width: "4.75rem",
		isWide: true,
		atEnd: true,
		cell: ({ summary }) => (summary === null ? "–" : count(summary.failed)),
	},
	{
		name: "accepted",
		title: "Accepted",
		width: "11.5rem",
		isWide: true,
		cell: ({ createdDate }) => <Time iso={createdDate} />,
	},
	{
		name: "took",
		title: "Took",
		width: "5rem",
		isWide: true,
		atEnd: true,
		cell: ({ createdDate, completedDate }) =>
			completedDate === null ? "–" : durationBetween(createdDate, completedDate, 0),
	},
];

/** The filter that an address holds; what it does not know of is as if it were not there. */
function filterOf(search: { status?: string; operation?: string; failures?: string; key?: string }) {
	const status = statuses.find(({ value }) => value === search.status)?.value;
	const operation: TaskOperationName | undefined = taskOperationNames.find(
		(name) => name === search.operation,
	);
	return {
		status,
		operation,
		// A thousand failures say no more here than their number.
		withFailures: false,
		hasFailures: search.failures === "yes" ? true : undefined,
		idempotencyKey: search.key,
	};
}
