import { Code, Text, Timeline, Title } from "@mantine/core";
import type { Task } from "@muster/client";
import { durationBetween, Time } from "../pieces/time.tsx";
import { Source } from "./source.tsx";

/** When the task was accepted and when it ended. Carrying out and ending are one moment: there is no half of a task. */
export function TaskTimeline({ task }: { readonly task: Task }) {
	const { createdDate, completedDate, status, source, idempotencyKey } = task;
	const took = completedDate === null ? null : durationBetween(createdDate, completedDate, 0);
	return (
		<>
			<Title order={2} mb="sm">
				Timeline
			</Title>
			<Timeline active={completedDate === null ? 0 : 1} bulletSize={16} lineWidth={2}>
				<Timeline.Item title="Accepted and saved">
					<Text size="sm" c="dimmed">
						<Time iso={createdDate} />
					</Text>
					{source === null ? null : (
						<Text size="sm" c="dimmed">
							<Source source={source} />
						</Text>
					)}
					{idempotencyKey === null ? null : (
						<Text
							size="sm"
							c="dimmed"
							title="Idempotency-Key: sent again under it, the same list is this task"
						>
							Key <Code>{idempotencyKey}</Code>
						</Text>
					)}
				</Timeline.Item>
				<Timeline.Item
					title={status === "failed" ? "Given up" : completedDate === null ? "Waiting" : "Carried out"}
				>
					<Text size="sm" c="dimmed">
						{completedDate === null ? (
							"In its turn, behind what was accepted before"
						) : (
							<Time iso={completedDate} />
						)}
						{took === null ? "" : `, ${took} later`}
					</Text>
				</Timeline.Item>
			</Timeline>
		</>
	);
}
