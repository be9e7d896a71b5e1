import { Group, Paper, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { searchOf } from "../failures/kind.ts";
import { count } from "../pieces/count.ts";
import { TextLink } from "../pieces/links.tsx";
import { Loading, Trouble } from "../pieces/states.tsx";
import { service } from "../service.ts";

const shownMax = 5;
const lookMs = 15_000;

/** The causes that most items fail by. */
export function TopFailures() {
	const { data, error, refetch } = useQuery({
		queryKey: ["failures", "groups", "top"],
		queryFn: ({ signal }) => service.failures.groups({ limit: shownMax, signal }),
		refetchInterval: lookMs,
	});
	return (
		<Paper withBorder p="md" component="section" aria-label="What fails most">
			<Group justify="space-between" mb="sm">
				<Title order={2}>What fails most</Title>
				<TextLink to="/failures" size="sm">
					All failures
				</TextLink>
			</Group>
			{error === null ? null : <Trouble error={error} onRetry={() => void refetch()} />}
			{data === undefined && error === null ? <Loading rows={3} /> : null}
			{data?.results.length === 0 ? (
				<Text size="sm" c="dimmed">
					Nothing fails that was not dealt with.
				</Text>
			) : null}
			<Stack component="ol" gap={8} m={0} p={0} style={{ listStyle: "none" }}>
				{data?.results.map((group) => (
					<li key={JSON.stringify([group.code, group.field, group.value])}>
						<Group justify="space-between" wrap="nowrap" gap="sm">
							<Text size="sm" truncate component="div" dir="auto">
								<TextLink to="/failures/items" search={searchOf(group)} fw={500}>
									{group.value === null ? "(no value)" : group.value || "(blank)"}
								</TextLink>{" "}
								<Text span size="sm" c="dimmed">
									in {group.field || "the item"}
								</Text>
							</Text>
							<Text size="sm" fw={600}>
								× {count(group.count)}
							</Text>
						</Group>
					</li>
				))}
			</Stack>
		</Paper>
	);
}
