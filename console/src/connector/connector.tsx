import { Paper, Stack, Text, Title } from "@mantine/core";
import type { ConnectorRun } from "@muster/client";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { Fact, Facts } from "../pieces/facts.tsx";
import { TextLink } from "../pieces/links.tsx";
import { type Column, ListTable } from "../pieces/list-table.tsx";
import { Screen } from "../pieces/screen.tsx";
import { Loading, Trouble } from "../pieces/states.tsx";
import { Time } from "../pieces/time.tsx";
import { service } from "../service.ts";
import { countsText, NextRun, RunMark } from "./run-words.tsx";

const route = getRouteApi("/shell/settings/connectors/$name");
const lookMs = 5_000;
/** Runs that are shown: weeks of a connector that runs every hour. */
const runsMax = 500;

/** One connector: whether it runs, when it does next, and what became of the records of each run. */
export function Connector() {
	const { name } = route.useParams();
	const { data, error, refetch } = useQuery({
		queryKey: ["connectors", name],
		queryFn: async ({ signal }) => {
			const runs: ConnectorRun[] = [];
			const connector = await service.connectors.get(name, { signal });
			for await (const run of service.connectors.runs(name, { signal }))
				if (runs.push(run) === runsMax) break;
			return { connector, runs };
		},
		refetchInterval: lookMs,
	});
	const above = (
		<TextLink to="/settings" search={{ tab: "connectors" }} underline="always">
			Connectors
		</TextLink>
	);
	if (data === undefined) {
		return (
			<Screen title={name} about={above}>
				{error === null ? <Loading /> : <Trouble error={error} onRetry={() => void refetch()} />}
			</Screen>
		);
	}
	const { connector, runs } = data;
	const isHeld = connector.heldSeconds > 0;
	const rows = runs.map((run, place) => ({ run, isHeld: isHeld && place === 0 }));
	return (
		<Screen title={name} about={above}>
			{error === null ? null : <Trouble error={error} onRetry={() => void refetch()} />}
			<Paper withBorder p="md">
				<Facts>
					<Fact term="State">
						<RunMark run={connector.run} isHeld={isHeld} />
					</Fact>
					<Fact term="Last run">
						<Time iso={connector.run?.startedDate} none="Never" />
					</Fact>
					<Fact term="Next run">
						<NextRun connector={connector} />
					</Fact>
				</Facts>
			</Paper>
			<Stack component="section" gap="sm" aria-label="Runs">
				<Title order={2}>Runs</Title>
				<ListTable
					label="Runs"
					one="run"
					columns={columns}
					rows={rows}
					keyOf={({ run }) => run.runId}
					minWidth="18rem"
					wideMinWidth="62rem"
					note={({ run }) => countsText(run, "customers")}
				/>
			</Stack>
			<Faults run={connector.run} />
		</Screen>
	);
}

interface Row {
	readonly run: ConnectorRun;
	readonly isHeld: boolean;
}

const columns: readonly Column<Row>[] = [
	{ name: "begun", title: "Begun", width: "12rem", cell: ({ run }) => <Time iso={run.startedDate} /> },
	{
		name: "state",
		title: "State",
		width: "8rem",
		cell: ({ run, isHeld }) => <RunMark run={run} isHeld={isHeld} />,
	},
	{
		name: "heard",
		title: "Last heard of",
		width: "12rem",
		isWide: true,
		cell: ({ run }) => <Time iso={run.updatedDate} />,
	},
	{
		name: "customers",
		title: "Customers",
		isWide: true,
		cell: ({ run }) => <Counts run={run} records="customers" />,
	},
	{
		name: "organizations",
		title: "Organizations",
		isWide: true,
		cell: ({ run }) => <Counts run={run} records="organizations" />,
	},
];

function Counts({
	run,
	records,
}: {
	readonly run: ConnectorRun;
	readonly records: "customers" | "organizations";
}) {
	const text = countsText(run, records);
	return <span title={text}>{text}</span>;
}

interface Fault {
	readonly record: string;
	readonly code: string;
	readonly field: string | null;
}

/** What of the last run's records was wrong, named by their ids in the program that they come from. */
function Faults({ run }: { readonly run: ConnectorRun | undefined }) {
	const sent = run?.report.faults;
	const faults = Array.isArray(sent) ? sent.filter(isFault) : [];
	if (faults.length === 0) return null;
	return (
		<Stack component="section" gap="sm" aria-label="Faults">
			<Title order={2}>Faults of the last run</Title>
			<Text size="sm" c="dimmed">
				Records are named by their ids in the program that they come from.
			</Text>
			<ListTable
				label="Faults"
				one="fault"
				columns={faultColumns}
				rows={faults}
				keyOf={(fault) => `${faults.indexOf(fault)}`}
			/>
		</Stack>
	);
}

function isFault(fault: unknown): fault is Fault {
	return typeof fault === "object" && fault !== null && "record" in fault && "code" in fault;
}

const faultColumns: readonly Column<Fault>[] = [
	{ name: "record", title: "Record", cell: ({ record }) => <span title={record}>{record}</span> },
	{
		name: "field",
		title: "Field",
		cell: ({ field }) => <span title={field ?? ""}>{field ?? "(the record)"}</span>,
	},
	{ name: "code", title: "What is wrong", cell: ({ code }) => <span title={code}>{code}</span> },
];
