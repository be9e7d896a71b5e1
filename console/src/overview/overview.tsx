import { Group, Paper, SegmentedControl, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { readScopes, type Statistics } from "@muster/client";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { count } from "../pieces/count.ts";
import { TextLink } from "../pieces/links.tsx";
import { Screen } from "../pieces/screen.tsx";
import { Loading, Trouble } from "../pieces/states.tsx";
import { Time } from "../pieces/time.tsx";
import { service } from "../service.ts";
import { useMay } from "../session.ts";
import { ItemsChart } from "./items-chart.tsx";
import { LatestTasks } from "./latest-tasks.tsx";
import { TopFailures } from "./top-failures.tsx";
import { WaysToStart } from "./ways-to-start.tsx";

const route = getRouteApi("/shell/");
/** How often the numbers are asked for, in milliseconds. */
const lookMs = 5_000;

/** Whether all is well: how much there is, what was done lately, what waits, what fails. */
export function Overview() {
	const mayReadTasks = useMay(readScopes.task);
	const search = route.useSearch();
	const navigate = route.useNavigate();
	const period = search.period === "day" ? "day" : "hour";
	const { data, error, refetch } = useQuery({
		queryKey: ["statistics", period],
		queryFn: ({ signal }) => service.site.statistics(period, { signal }),
		refetchInterval: lookMs,
		placeholderData: (before) => before,
	});
	const isEmpty = data?.customers?.count === 0 && data.organizations?.count === 0;
	return (
		<Screen title="Overview">
			{error === null ? null : <Trouble error={error} onRetry={() => void refetch()} />}
			{data === undefined && error === null ? <Loading label="Loading the overview" /> : null}
			{data === undefined ? null : (
				<>
					<Numbers statistics={data} />
					{isEmpty ? <WaysToStart /> : null}
					<Paper withBorder p="md" component="section" aria-label="Items by outcome">
						<Group justify="space-between" mb="sm">
							<Title order={2}>Items by outcome</Title>
							<SegmentedControl
								size="xs"
								value={period}
								onChange={(chosen) =>
									void navigate({ search: chosen === "day" ? { period: "day" } : {}, replace: true })
								}
								data={[
									{ value: "hour", label: "Last hour" },
									{ value: "day", label: "Last day" },
								]}
								aria-label="Span of time"
							/>
						</Group>
						<ItemsChart statistics={data} />
						{data.isPartial ? (
							<Text size="sm" c="dimmed">
								Of the 20,000 newest tasks; the earliest spans may lack some.
							</Text>
						) : null}
					</Paper>
				</>
			)}
			{mayReadTasks ? (
				<SimpleGrid cols={{ base: 1, lg: 2 }} spacing="lg">
					<TopFailures />
					<LatestTasks />
				</SimpleGrid>
			) : null}
		</Screen>
	);
}

function Numbers({ statistics: { customers, organizations, waiting } }: { readonly statistics: Statistics }) {
	return (
		<Group component="ul" gap="md" align="stretch" m={0} p={0} style={{ listStyle: "none" }}>
			{customers === undefined ? null : (
				<NumberTile title={<TextLink to="/customers">Customers</TextLink>} text={boundedText(customers)} />
			)}
			{organizations === undefined ? null : (
				<NumberTile
					title={<TextLink to="/organizations">Organizations</TextLink>}
					text={boundedText(organizations)}
				/>
			)}
			<NumberTile
				title={
					<TextLink to="/tasks" search={{ status: "processing" }}>
						Waiting tasks
					</TextLink>
				}
				text={boundedText(waiting)}
				below={
					waiting.oldestDate === null ? (
						"Nothing waits"
					) : (
						<>
							The oldest since <Time iso={waiting.oldestDate} />
						</>
					)
				}
			/>
		</Group>
	);
}

function NumberTile({
	title,
	text,
	below,
}: {
	readonly title: React.ReactNode;
	readonly text: string;
	readonly below?: React.ReactNode;
}) {
	return (
		<Paper withBorder p="md" component="li" flex="1 1 8.5rem">
			<Stack gap={2}>
				<Text size="sm" component="div">
					{title}
				</Text>
				<Text fz="1.75rem" fw={650} lh={1.2} style={{ fontVariantNumeric: "tabular-nums" }}>
					{text}
				</Text>
				{below === undefined ? null : (
					<Text size="xs" c="dimmed" component="div">
						{below}
					</Text>
				)}
			</Stack>
		</Paper>
	);
}

function boundedText({
	count: counted,
	isMore,
}: {
	readonly count: number;
	readonly isMore: boolean;
}): string {
	return `${count(counted)}${isMore ? "+" : ""}`;
}
