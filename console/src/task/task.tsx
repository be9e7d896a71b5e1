import { Anchor, Box, Code, Paper, Stack, Tabs, Text } from "@mantine/core";
import type { Task as TaskData } from "@muster/client";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { operationWord } from "../operation-words.ts";
import { count } from "../pieces/count.ts";
import { LiveNote } from "../pieces/live-note.tsx";
import { TaskMark } from "../pieces/outcome.tsx";
import { Screen } from "../pieces/screen.tsx";
import { Loading, Trouble } from "../pieces/states.tsx";
import { TabList } from "../pieces/tab-list.tsx";
import { service } from "../service.ts";
import { Counts } from "./counts.tsx";
import { Failures } from "./failures.tsx";
import { Results } from "./results.tsx";
import { Sent } from "./sent.tsx";
import { TaskActions } from "./task-actions.tsx";
import { TaskTimeline } from "./task-timeline.tsx";

const route = getRouteApi("/shell/tasks/$taskId");
/** How often a task that waits is looked at, in milliseconds. */
const lookMs = 700;

/** One task: what became of it, what failed and why, and what can be done about that. */
export function Task() {
	const { taskId } = route.useParams();
	const { data, error, refetch } = useQuery({
		queryKey: ["task", taskId],
		queryFn: ({ signal }) => service.getTask(taskId, { signal }),
		refetchInterval: ({ state }) => (state.data?.status === "processing" ? lookMs : false),
	});
	if (data === undefined) {
		return (
			<Screen title="Task" about={<Code>{taskId}</Code>}>
				{error === null ? (
					<Loading label="Loading the task" />
				) : (
					<Trouble error={error} onRetry={() => void refetch()} />
				)}
			</Screen>
		);
	}
	return (
		<Screen
			title={`${operationWord(data.operation)}${data.dryRun ? ", dry run" : ""}`}
			about={
				<>
					<TaskMark status={data.status} failures={data.summary?.failed ?? 0} /> · task <Code>{taskId}</Code>
				</>
			}
			actions={<TaskActions task={data} />}
		>
			{error === null ? null : <Trouble error={error} onRetry={() => void refetch()} />}
			<LiveNote>
				{data.status === "processing" ? (
					<Text c="dimmed">This task waits for its turn. This page shows the outcome when it is there.</Text>
				) : null}
			</LiveNote>
			<Box
				style={{
					display: "grid",
					gap: "1rem",
					gridTemplateColumns: "repeat(auto-fit, minmax(min(100%, 20rem), 1fr))",
				}}
			>
				<Paper withBorder p="md">
					<Counts task={data} />
				</Paper>
				<Paper withBorder p="md">
					<TaskTimeline task={data} />
				</Paper>
			</Box>
			{data.status === "processing" ? null : <Details task={data} />}
		</Screen>
	);
}

function Details({ task }: { readonly task: TaskData }) {
	const { tab, outcome } = route.useSearch();
	const navigate = route.useNavigate();
	const failed = task.failures.length;
	const usual = failed > 0 ? "failures" : "results";
	const shown = tab ?? usual;
	return (
		<Tabs
			value={shown}
			onChange={(value) =>
				void navigate({ search: value === usual ? {} : { tab: value ?? usual }, replace: true })
			}
			keepMounted={false}
		>
			<TabList chosen={shown}>
				<Tabs.Tab value="failures" disabled={failed === 0}>
					Failures ({count(failed)})
				</Tabs.Tab>
				<Tabs.Tab value="results">All items</Tabs.Tab>
				<Tabs.Tab value="sent" disabled={failed === 0}>
					Failed items as sent
				</Tabs.Tab>
			</TabList>
			<Tabs.Panel value="failures">
				<Failures task={task} />
			</Tabs.Panel>
			<Tabs.Panel value="results">
				<Results
					taskId={task.taskId}
					outcome={outcome}
					onOutcome={(chosen) =>
						void navigate({ search: (before) => ({ ...before, outcome: chosen }), replace: true })
					}
				/>
			</Tabs.Panel>
			<Tabs.Panel value="sent">
				<Stack>
					<Text size="sm">
						Correct these, and send them under a new Idempotency-Key.{" "}
						<Anchor href="docs/errors" underline="always">
							What codes mean
						</Anchor>
					</Text>
					<Sent task={task} />
				</Stack>
			</Tabs.Panel>
		</Tabs>
	);
}
