import { Button, Group, Stack, Text, TextInput, Title } from "@mantine/core";
import type { FilePlan } from "@muster/client/import";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { count, counted } from "../pieces/count.ts";
import { type Column, ListTable } from "../pieces/list-table.tsx";
import { Loading, Trouble } from "../pieces/states.tsx";
import type { Corrected } from "./open-file.ts";
import { type Checked, check, type FaultyRow, type Looked } from "./prepare.ts";

interface Props {
	readonly looked: Looked;
	readonly plan: FilePlan;
	readonly corrected: Corrected;
	readonly onCorrected: (corrected: Corrected) => void;
	readonly onBack: () => void;
	readonly onNext: (checked: Checked) => void;
}

/** What the rows will most likely come to, before any is sent: faults by column, each corrected in its place. */
export function CheckStep({ looked, plan, corrected, onCorrected, onBack, onNext }: Props) {
	const { data, error, refetch, isFetching } = useQuery({
		queryKey: ["import", looked.file.name, looked.file.bytes, plan, [...corrected]],
		queryFn: () => check(looked.file, plan, corrected),
		staleTime: Number.POSITIVE_INFINITY,
		gcTime: 0,
		placeholderData: (before) => before,
		refetchOnWindowFocus: false,
	});
	const [typed, setTyped] = useState<Corrected>(new Map());
	if (data === undefined) {
		return error === null ? (
			<Loading label="Checking the rows" />
		) : (
			<Trouble error={error} onRetry={() => void refetch()} />
		);
	}
	const { check: found, faulty } = data;
	return (
		<Stack>
			<output aria-live="polite">
				<Title order={2}>
					{counted(found.rows, "row")}: {count(found.good)} good, {count(found.faulty)} faulty
				</Title>
				<Text size="sm" c="dimmed">
					{found.repeated > 0
						? `${counted(found.repeated, "row")} name a record that an earlier row names. `
						: ""}
					{data.companies > 0 ? `Organizations named: ${count(data.companies)}. ` : ""}
					Faulty rows are sent too, for the server is the judge of them; correct what you can here.
				</Text>
			</output>
			{found.faulty === 0 ? null : (
				<>
					<FaultCounts checked={data} />
					<ListTable
						label="Faulty rows"
						one="row"
						columns={columnsFor(plan, typed, setTyped)}
						rows={faulty}
						keyOf={({ line }) => String(line)}
						minWidth="44rem"
					/>
					{faulty.length < found.faulty ? (
						<Text size="sm" c="dimmed">
							The first {count(faulty.length)} are listed.
						</Text>
					) : null}
				</>
			)}
			<Group>
				<Button variant="default" onClick={onBack}>
					Back
				</Button>
				{typed.size > 0 ? (
					<Button
						variant="default"
						loading={isFetching}
						onClick={() => {
							onCorrected(new Map([...corrected, ...typed]));
							setTyped(new Map());
						}}
					>
						Check {counted(typed.size, "corrected row")} again
					</Button>
				) : null}
				<Button onClick={() => onNext(data)} disabled={typed.size > 0 || isFetching}>
					Send {counted(found.rows, "row")}
				</Button>
			</Group>
		</Stack>
	);
}

/** How many faults of each kind each column has. */
function FaultCounts({ checked }: { readonly checked: Checked }) {
	const groups = useMemo(() => checked.check.faults.list(), [checked]);
	return (
		<Group component="ul" gap="lg" m={0} p={0} style={{ listStyle: "none" }} aria-label="Faults by column">
			{groups.map(({ code, column, count: number }) => (
				<li key={`${code} ${column}`}>
					<Text size="sm">
						<strong>{column ?? "the row"}</strong>: {count(number)} × {code.replaceAll("_", " ")}
					</Text>
				</li>
			))}
		</Group>
	);
}

function columnsFor(
	plan: FilePlan,
	typed: Corrected,
	setTyped: (typed: Corrected) => void,
): readonly Column<FaultyRow>[] {
	const set = (row: FaultyRow, place: number, text: string): void => {
		const cells = [...(typed.get(row.line) ?? row.cells)];
		cells[place] = text;
		setTyped(new Map(typed).set(row.line, cells));
	};
	return [
		{ name: "line", title: "Line", width: "5rem", atEnd: true, cell: ({ line }) => count(line) },
		{
			name: "cells",
			title: "Cells at fault",
			cell: (row) => (
				<Group gap="xs" wrap="nowrap">
					{row.faults.map(({ column, value, code }) => {
						const place = plan.columns.findIndex((each) => each.column === column);
						const text = typed.get(row.line)?.[place] ?? row.cells[place] ?? "";
						return place < 0 ? (
							<Text key={code} span size="sm">
								{value}
							</Text>
						) : (
							<TextInput
								key={`${code} ${column}`}
								size="xs"
								flex={1}
								miw={120}
								dir="auto"
								aria-label={`${column} in line ${row.line}`}
								value={text}
								onChange={(event) => set(row, place, event.currentTarget.value)}
							/>
						);
					})}
				</Group>
			),
		},
		{
			name: "reason",
			title: "Reason",
			cell: ({ faults }) => {
				const text = faults
					.map(({ message, hint }) => (hint === undefined ? message : `${hint} ${message}`))
					.join(" ");
				return <span title={text}>{text}</span>;
			},
		},
	];
}
