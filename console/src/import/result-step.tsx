import { Button, Group, Stack, Text, Title } from "@mantine/core";
import type { FaultGroup } from "@muster/client/import";
import { count } from "../pieces/count.ts";
import { saveFile } from "../pieces/csv.ts";
import { Icon } from "../pieces/icon.tsx";
import { ButtonLink } from "../pieces/links.tsx";
import { type Column, ListTable } from "../pieces/list-table.tsx";
import { OutcomeMark } from "../pieces/outcome.tsx";
import type { Ended } from "./carry-out.ts";
import type { Looked } from "./prepare.ts";

interface Props {
	readonly looked: Looked;
	readonly ended: Ended;
	readonly onAgain: () => void;
}

const stageWords: Readonly<Record<string, string>> = {
	companies: "Organizations that customers name",
	customers: "Customers",
	organizations: "Organizations",
};

const shown = ["created", "updated", "unchanged", "skipped", "failed"] as const;

/** What became of the rows; those that failed as a file to correct, or to be corrected among the failures. */
export function ResultStep({ looked, ended: { sent, failedFile }, onAgain }: Props) {
	const failed = sent.stages.reduce((sum, { counts }) => sum + counts.failed, 0);
	const stem = looked.file.name.replace(/\.[^.]*$/, "");
	return (
		<Stack>
			<Title order={2}>
				{failed === 0 ? "All rows took effect" : `${count(failed)} failed, the others took effect`}
			</Title>
			{sent.stages.map(({ label, counts }) => (
				<div key={label}>
					<Text size="sm" fw={600}>
						{stageWords[label] ?? label}
					</Text>
					<Group gap="lg" component="ul" m={0} p={0} style={{ listStyle: "none" }}>
						{shown.map((outcome) => (
							<li key={outcome}>
								<Text size="sm" component="div">
									<OutcomeMark outcome={outcome} /> <strong>{count(counts[outcome])}</strong>
								</Text>
							</li>
						))}
					</Group>
				</div>
			))}
			{failed === 0 ? null : (
				<ListTable
					label="Faults"
					one="cause"
					columns={columns}
					rows={sent.faults.list()}
					keyOf={({ code, column }) => `${code} ${column}`}
					minWidth="30rem"
				/>
			)}
			<Group>
				{failedFile === null ? null : (
					<Button
						variant="default"
						leftSection={<Icon name="download" size={16} />}
						onClick={() => saveFile(`${stem}-failed.csv`, "text/csv", failedFile)}
					>
						Failed rows as CSV
					</Button>
				)}
				{failed === 0 ? null : (
					<ButtonLink to="/failures" variant="default" leftSection={<Icon name="edit" size={16} />}>
						Correct them among the failures
					</ButtonLink>
				)}
				<Button onClick={onAgain}>Import another file</Button>
			</Group>
		</Stack>
	);
}

const columns: readonly Column<FaultGroup>[] = [
	{ name: "column", title: "Column", width: "10rem", cell: ({ column }) => column ?? "the row" },
	{ name: "count", title: "Rows", width: "5rem", atEnd: true, cell: ({ count: number }) => count(number) },
	{
		name: "first",
		title: "First of them",
		cell: ({ first: [one] }) => (
			<span title={one?.message}>{one === undefined ? "" : `Line ${one.line}: ${one.message}`}</span>
		),
	},
];
