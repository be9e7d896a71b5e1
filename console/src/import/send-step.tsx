import { Button, Group, Progress, Stack, Text, Title } from "@mantine/core";
import { Interrupted, type Stage } from "@muster/client";
import type { FilePlan } from "@muster/client/import";
import { useBlocker } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { count, counted } from "../pieces/count.ts";
import { Trouble } from "../pieces/states.tsx";
import { carryOut, type Ended } from "./carry-out.ts";
import type { Corrected } from "./open-file.ts";
import type { Checked, Looked } from "./prepare.ts";

interface Props {
	readonly looked: Looked;
	readonly plan: FilePlan;
	readonly corrected: Corrected;
	readonly checked: Checked;
	readonly onEnded: (ended: Ended) => void;
}

/** Sends the rows, and shows how far it is. Leaving the page ends it; what was accepted by then is carried out. */
export function SendStep({ looked, plan, corrected, checked, onEnded }: Props) {
	const [stages, setStages] = useState<readonly Stage[]>([]);
	const [trouble, setTrouble] = useState<unknown>(null);
	const stop = useRef(new AbortController());
	const hasBegun = useRef(false);
	useEffect(() => {
		// In development effects run twice, and rows are sent once.
		if (hasBegun.current) return;
		hasBegun.current = true;
		carryOut({
			file: looked.file,
			plan,
			rows: checked.check.rows,
			companies: checked.companies,
			corrected,
			stop: stop.current.signal,
			onProgress: setStages,
		}).then(onEnded, setTrouble);
	}, [looked, plan, corrected, checked, onEnded]);
	useBlocker({
		shouldBlockFn: () => {
			const isLeaving = window.confirm("Rows are still being sent. Leave, and stop sending?");
			if (isLeaving) stop.current.abort();
			return !isLeaving;
		},
		enableBeforeUnload: true,
		disabled: trouble !== null,
	});
	if (trouble instanceof Interrupted) {
		return <Text>Stopped. What was sent is saved and is carried out; see the tasks.</Text>;
	}
	return (
		<Stack>
			<Title order={2}>Sending {counted(checked.check.rows, "row")}</Title>
			{stages.map((stage) => (
				<StageBar key={stage.label} stage={stage} />
			))}
			{trouble === null ? (
				<Group>
					<Button variant="default" onClick={() => stop.current.abort()}>
						Stop
					</Button>
				</Group>
			) : (
				<Trouble error={trouble} />
			)}
		</Stack>
	);
}

function StageBar({ stage: { label, total, counts } }: { readonly stage: Stage }) {
	const done = Object.values(counts).reduce((sum, value) => sum + value, 0);
	const percent = total === 0 ? 100 : Math.min(100, (done / total) * 100);
	return (
		<div>
			<Text size="sm" mb={4}>
				{label === "companies" ? "organizations that customers name" : label}: {count(done)} of {count(total)}
				{counts.failed > 0 ? `, ${count(counts.failed)} failed` : ""}
			</Text>
			<Progress value={percent} size="lg" aria-label={label} />
		</div>
	);
}
