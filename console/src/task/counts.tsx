import { Group, Stack, Text, Title } from "@mantine/core";
import type { Task } from "@muster/client";
import { count, counted } from "../pieces/count.ts";
import { OutcomeMark } from "../pieces/outcome.tsx";
import { OutcomeBar, outcomesShown } from "../pieces/outcome-bar.tsx";

/** How many items ended how. */
export function Counts({ task: { summary, status } }: { readonly task: Task }) {
	if (summary === null) return <Text c="dimmed">This server does not count items.</Text>;
	const isEnded = status !== "processing";
	const shown = outcomesShown.flatMap((outcome) => {
		const number = summary[outcome] ?? 0;
		return number === 0 ? [] : [{ outcome, number }];
	});
	return (
		<Stack gap="sm">
			<Title order={2}>{counted(summary.total, "item")}</Title>
			<OutcomeBar summary={summary} isEnded={isEnded} />
			{isEnded ? (
				<Group gap="lg" component="ul" m={0} p={0} style={{ listStyle: "none" }}>
					{shown.map(({ outcome, number }) => (
						<li key={outcome}>
							<Text size="sm" component="div">
								<OutcomeMark outcome={outcome} />{" "}
								<Text span fw={600}>
									{count(number)}
								</Text>
							</Text>
						</li>
					))}
				</Group>
			) : null}
		</Stack>
	);
}
