import type { Connector } from "@muster/client";
import { useQuery } from "@tanstack/react-query";
import { countsText, NextRun, RunMark } from "../connector/run-words.tsx";
import { TextLink } from "../pieces/links.tsx";
import { type Column, ListTable } from "../pieces/list-table.tsx";
import { Empty, Loading, Trouble } from "../pieces/states.tsx";
import { Time } from "../pieces/time.tsx";
import { service } from "../service.ts";

const lookMs = 5_000;

/** What brings records from other programs, with its last run and the next. They are run by `muster sync`, where their keys are. */
export function Connectors() {
	const { data, error, refetch } = useQuery({
		queryKey: ["connectors"],
		queryFn: async ({ signal }) => {
			const found: Connector[] = [];
			for await (const connector of service.connectors.list({ signal })) found.push(connector);
			return found;
		},
		refetchInterval: lookMs,
	});
	if (data === undefined) {
		return error === null ? <Loading /> : <Trouble error={error} onRetry={() => void refetch()} />;
	}
	if (data.length === 0) {
		return (
			<Empty icon="connectors" title="No connector has run yet">
				<code>npx muster sync --help</code> tells how records come from other programs.
			</Empty>
		);
	}
	return (
		<>
			{error === null ? null : <Trouble error={error} onRetry={() => void refetch()} />}
			<ListTable
				label="Connectors"
				one="connector"
				columns={columns}
				rows={data}
				keyOf={({ name }) => name}
				minWidth="16rem"
				wideMinWidth="62rem"
				note={({ run }) => <Time iso={run?.startedDate} none="Never ran" />}
			/>
		</>
	);
}

const columns: readonly Column<Connector>[] = [
	{
		name: "name",
		title: "Connector",
		width: "8rem",
		cell: ({ name }) => (
			<TextLink to="/settings/connectors/$name" params={{ name }} size="sm" fw={500}>
				{name}
			</TextLink>
		),
	},
	{
		name: "state",
		title: "State",
		width: "8rem",
		cell: ({ run, heldSeconds }) => <RunMark run={run} isHeld={heldSeconds > 0} />,
	},
	{
		name: "last",
		title: "Last run",
		width: "11rem",
		isWide: true,
		cell: ({ run }) => <Time iso={run?.startedDate} none="Never" />,
	},
	{
		name: "next",
		title: "Next run",
		width: "12.5rem",
		isWide: true,
		cell: (connector) => <NextRun connector={connector} />,
	},
	{
		name: "customers",
		title: "Customers",
		isWide: true,
		cell: ({ run }) => {
			const text = countsText(run, "customers");
			return <span title={text}>{text}</span>;
		},
	},
	{
		name: "organizations",
		title: "Organizations",
		isWide: true,
		cell: ({ run }) => {
			const text = countsText(run, "organizations");
			return <span title={text}>{text}</span>;
		},
	},
];
