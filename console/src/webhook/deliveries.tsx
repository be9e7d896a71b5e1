import { Button, Stack } from "@mantine/core";
import type { Webhook, WebhookDelivery } from "@muster/client";
import { useInfiniteQuery, useMutation } from "@tanstack/react-query";
import { TextLink } from "../pieces/links.tsx";
import { type Column, ListTable } from "../pieces/list-table.tsx";
import { Empty, Loading, Refusal, Trouble } from "../pieces/states.tsx";
import { Time } from "../pieces/time.tsx";
import { queries } from "../queries.ts";
import { service } from "../service.ts";
import { DeliveryMark } from "./webhook-words.tsx";

/** How often the latest deliveries are asked for, in milliseconds. */
const lookMs = 3_000;

/** Each message to a webhook, the latest first: tries, what the receiver answered, when it is tried next; sent again. */
export function Deliveries({ webhook: { webhookId, enabled } }: { readonly webhook: Webhook }) {
	const list = useInfiniteQuery({
		queryKey: ["webhooks", webhookId, "deliveries"],
		queryFn: ({ pageParam, signal }) =>
			service.webhooks.deliveryPage(webhookId, { limit: 100, cursor: pageParam, signal }),
		initialPageParam: undefined as string | undefined,
		getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
		// All pages would be asked for again, one after the other.
		refetchInterval: ({ state }) => ((state.data?.pages.length ?? 0) > 1 ? false : lookMs),
	});
	const resend = useMutation({
		mutationFn: (deliveryId: string) => service.webhooks.resend(deliveryId),
		onSuccess: () => queries.invalidateQueries({ queryKey: ["webhooks", webhookId] }),
	});
	const rows = list.data?.pages.flatMap(({ results }) => results);
	if (rows === undefined) {
		return list.error === null ? (
			<Loading label="Loading deliveries" />
		) : (
			<Trouble error={list.error} onRetry={() => void list.refetch()} />
		);
	}
	if (rows.length === 0) {
		return (
			<Empty icon="bell" title="No message yet">
				{enabled
					? "The next task that is sent will be told of when it has ended."
					: "Nothing is told while the webhook is paused."}
			</Empty>
		);
	}
	return (
		<Stack>
			{list.error === null ? null : <Trouble error={list.error} onRetry={() => void list.refetch()} />}
			<Refusal error={resend.error} />
			<ListTable
				label="Deliveries"
				one="delivery"
				columns={columnsWith(resend.mutate, resend.isPending ? resend.variables : null)}
				rows={rows}
				keyOf={({ deliveryId }) => deliveryId}
				hasMore={list.hasNextPage}
				isLoadingMore={list.isFetchingNextPage}
				onMore={list.fetchNextPage}
				minWidth="18rem"
				wideMinWidth="58rem"
				note={(delivery) => <DeliveryMark delivery={delivery} />}
			/>
		</Stack>
	);
}

/** What the receiver said last, or why it said nothing. */
function answerText({ answeredStatus, trouble }: WebhookDelivery): string {
	const status = answeredStatus === undefined ? undefined : `HTTP ${answeredStatus}`;
	return [status, trouble].filter((part) => part !== undefined).join(", ") || "–";
}

function NextTry({
	delivery: { status, attempts, nextAttemptDate },
}: {
	readonly delivery: WebhookDelivery;
}) {
	if (status !== "pending" || attempts === 0) return null;
	return (
		<>
			; next try <Time iso={nextAttemptDate} />
		</>
	);
}

/** @param pending the delivery that is being sent again */
function columnsWith(
	onResend: (deliveryId: string) => void,
	pending: string | null,
): readonly Column<WebhookDelivery>[] {
	return [
		{
			name: "event",
			title: "Message",
			width: "10rem",
			cell: ({ event, taskId, deliveryId }) => (
				<TextLink
					to="/tasks/$taskId"
					params={{ taskId }}
					size="sm"
					fw={500}
					title={`webhook-id ${deliveryId}`}
					aria-label={`${event} of task ${taskId}`}
				>
					{event}
				</TextLink>
			),
		},
		{
			name: "state",
			title: "State",
			width: "10.5rem",
			isWide: true,
			cell: (delivery) => <DeliveryMark delivery={delivery} />,
		},
		{
			name: "answer",
			title: "Last answer",
			isWide: true,
			cell: (delivery) => {
				const text = answerText(delivery);
				return (
					<span title={text}>
						{text}
						<NextTry delivery={delivery} />
					</span>
				);
			},
		},
		{
			name: "tries",
			title: "Tries",
			width: "4.5rem",
			isWide: true,
			atEnd: true,
			cell: ({ attempts }) => attempts,
		},
		{
			name: "last",
			title: "Last try",
			width: "11.5rem",
			isWide: true,
			cell: ({ lastAttemptDate }) => <Time iso={lastAttemptDate} />,
		},
		{
			name: "resend",
			title: "Action",
			width: "8.75rem",
			cell: ({ deliveryId, event, taskId }) => (
				<Button
					size="compact-sm"
					variant="default"
					loading={pending === deliveryId}
					aria-label={`Send again: ${event} of task ${taskId}`}
					onClick={() => onResend(deliveryId)}
				>
					Send again
				</Button>
			),
		},
	];
}
