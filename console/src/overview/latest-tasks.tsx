import { Group, Paper, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { operationWord } from "../operation-words.ts";
import { counted } from "../pieces/count.ts";
import { TextLink } from "../pieces/links.tsx";
import { TaskMark } from "../pieces/outcome.tsx";
import { Loading, Trouble } from "../pieces/states.tsx";
import { Time } from "../pieces/time.tsx";
import { service } from "../service.ts";

const shownMax = 6;
const lookMs = 4_000;

/** The tasks that were accepted last. */
export function LatestTasks() {
	const { data, error, refetch } = useQuery({
		queryKey: ["tasks", "latest"],
		queryFn: ({ signal }) => service.tasks.page({ withFailures: false }, { limit: shownMax, signal }),
		refetchInterval: lookMs,
	});
	return (
		<Paper withBorder p="md" component="section" aria-label="Latest tasks">
			<Group justify="space-between" mb="sm">
				<Title order={2}>Latest tasks</Title>
				<TextLink to="/tasks" size="sm">
					All tasks
				</TextLink>
			</Group>
			{error === null ? null : <Trouble error={error} onRetry={() => void refetch()} />}
			{data === undefined && error === null ? <Loading rows={3} /> : null}
			{data?.results.length === 0 ? (
				<Text size="sm" c="dimmed">
					Nothing was sent yet.
				</Text>
			) : null}
			<Stack component="ol" gap={8} m={0} p={0} style={{ listStyle: "none" }}>
				{data?.results.map(({ taskId, operation, status, summary, createdDate }) => (
					<li key={taskId}>
						<Group justify="space-between" gap="xs">
							<Text size="sm" component="div">
								<TextLink to="/tasks/$taskId" params={{ taskId }} fw={500}>
									{operationWord(operation)}
								</TextLink>{" "}
								<Text span size="sm" c="dimmed">
									{summary === null ? "" : `${counted(summary.total, "item")}, `}
									<Time iso={createdDate} />
								</Text>
							</Text>
							<Text size="sm" component="div">
								<TaskMark status={status} failures={summary?.failed ?? 0} />
							</Text>
						</Group>
					</li>
				))}
			</Stack>
		</Paper>
	);
}
