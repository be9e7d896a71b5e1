import { Button, Group, Modal, Stack } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import type { Webhook } from "@muster/client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Icon } from "../pieces/icon.tsx";
import { TextLink } from "../pieces/links.tsx";
import { type Column, ListTable } from "../pieces/list-table.tsx";
import { Empty, Loading, Trouble } from "../pieces/states.tsx";
import { Time } from "../pieces/time.tsx";
import { queries } from "../queries.ts";
import { service } from "../service.ts";
import { SecretShown } from "../webhook/secret-shown.tsx";
import { WebhookForm } from "../webhook/webhook-form.tsx";
import { WebhookMark } from "../webhook/webhook-words.tsx";

/** Addresses that are told when tasks have ended. Each leads to its deliveries. */
export function Webhooks() {
	const [isNew, { open, close }] = useDisclosure();
	const { data, error, refetch } = useQuery({
		queryKey: ["webhooks"],
		queryFn: ({ signal }) => service.webhooks.list({ signal }),
	});
	if (data === undefined) {
		return error === null ? <Loading /> : <Trouble error={error} onRetry={() => void refetch()} />;
	}
	const add = (
		<Button leftSection={<Icon name="plus" size={16} />} onClick={open}>
			New webhook
		</Button>
	);
	return (
		<Stack>
			{error === null ? null : <Trouble error={error} onRetry={() => void refetch()} />}
			{data.length === 0 ? (
				<Empty icon="bell" title="Nobody is told yet">
					<Stack align="center">
						A webhook is an address of yours that gets a signed message when a task has ended, so that nobody
						has to ask again and again.
						{add}
					</Stack>
				</Empty>
			) : (
				<>
					<Group>{add}</Group>
					<ListTable
						label="Webhooks"
						one="webhook"
						columns={columns}
						rows={data}
						keyOf={({ webhookId }) => webhookId}
						minWidth="18rem"
						wideMinWidth="48rem"
						note={({ events }) => events.join(", ")}
					/>
				</>
			)}
			<Modal
				opened={isNew}
				onClose={close}
				title="New webhook"
				closeButtonProps={{ "aria-label": "Close" }}
				closeOnClickOutside={false}
			>
				<NewWebhook onDone={close} />
			</Modal>
		</Stack>
	);
}

function NewWebhook({ onDone }: { readonly onDone: () => void }) {
	const make = useMutation({
		mutationFn: (members: Parameters<typeof service.webhooks.create>[0]) => service.webhooks.create(members),
		onSuccess: async () => {
			await queries.invalidateQueries({ queryKey: ["webhooks"] });
			await queries.invalidateQueries({ queryKey: ["audit"] });
		},
	});
	if (make.data !== undefined) return <SecretShown webhook={make.data} onDone={onDone} />;
	return (
		<WebhookForm
			submitLabel="Make the webhook"
			isPending={make.isPending}
			error={make.error}
			onSubmit={make.mutate}
			onCancel={onDone}
		/>
	);
}

const columns: readonly Column<Webhook>[] = [
	{
		name: "url",
		title: "Address",
		cell: ({ webhookId, url }) => (
			<TextLink
				to="/settings/webhooks/$webhookId"
				params={{ webhookId }}
				size="sm"
				fw={500}
				title={url}
				dir="ltr"
			>
				{url.replace(/^https:\/\//, "")}
			</TextLink>
		),
	},
	{ name: "state", title: "State", width: "7rem", cell: ({ status }) => <WebhookMark status={status} /> },
	{
		name: "events",
		title: "Is told of",
		width: "20rem",
		isWide: true,
		cell: ({ events }) => <span title={events.join("\n")}>{events.join(", ")}</span>,
	},
	{
		name: "made",
		title: "Made",
		width: "12.5rem",
		isWide: true,
		cell: ({ createdDate }) => <Time iso={createdDate} />,
	},
];
