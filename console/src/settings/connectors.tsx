import type { Connector } from "@muster/client";
import { useQuery } from "@tanstack/react-query";
import { type Column, ListTable } from "../pieces/list-table.tsx";
import { Mark, type Tone } from "../pieces/outcome.tsx";
import { Empty, Loading, Trouble } from "../pieces/states.tsx";
import { Time } from "../pieces/time.tsx";
import { service } from "../service.ts";

const lookMs = 5_000;

/** What brings records from other programs, with its last run. They are run by `muster sync`, where their keys are. */
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
		<ListTable
			label="Connectors"
			one="connector"
			columns={columns}
			rows={data}
			keyOf={({ name }) => name}
			minWidth="30rem"
		/>
	);
}

const columns: readonly Column<Connector>[] = [
	{ name: "name", title: "Connector", width: "9rem", cell: ({ name }) => name },
	{ name: "state", title: "State", width: "9rem", cell: (connector) => <State connector={connector} /> },
	{
		name: "started",
		title: "Last run",
		width: "12.5rem",
		cell: ({ run }) => <Time iso={run?.startedDate} none="Never" />,
	},
	{
		name: "updated",
		title: "Latest word",
		width: "12.5rem",
		isWide: true,
		cell: ({ run }) => <Time iso={run?.updatedDate} />,
	},
	{
		name: "report",
		title: "What became of the records",
		isWide: true,
		cell: ({ run }) => {
			const text = run === undefined ? "" : JSON.stringify(run.report);
			return <span title={text}>{text}</span>;
		},
	},
];

const tones: Readonly<
	Record<NonNullable<Connector["run"]>["status"], { readonly word: string; readonly tone: Tone }>
> = {
	RUNNING: { word: "Running", tone: "busy" },
	STOPPED: { word: "Stopped", tone: "calm" },
	FAILED: { word: "Failed", tone: "bad" },
	COMPLETED: { word: "Completed", tone: "good" },
};

/** A run that nobody holds any more has stopped, whatever it said last. */
function State({ connector: { run, heldSeconds } }: { readonly connector: Connector }) {
	if (run === undefined) return <Mark tone="calm">Never ran</Mark>;
	const { word, tone } = tones[run.status === "RUNNING" && heldSeconds === 0 ? "STOPPED" : run.status];
	return <Mark tone={tone}>{word}</Mark>;
}
