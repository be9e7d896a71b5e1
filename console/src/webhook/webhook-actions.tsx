import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import type { NewWebhook, Webhook } from "@muster/client";
import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { Icon } from "../pieces/icon.tsx";
import { Refusal } from "../pieces/states.tsx";
import { queries } from "../queries.ts";
import { service } from "../service.ts";
import { SecretShown } from "./secret-shown.tsx";
import { WebhookForm } from "./webhook-form.tsx";

type Dialog = "edit" | "secret" | "delete";

const titles: Readonly<Record<Dialog, string>> = {
	edit: "Edit the webhook",
	secret: "Give it a new secret?",
	delete: "Delete this webhook?",
};

async function refresh(): Promise<void> {
	await queries.invalidateQueries({ queryKey: ["webhooks"] });
	await queries.invalidateQueries({ queryKey: ["audit"] });
}

/** What can be done with a webhook. */
export function WebhookActions({ webhook }: { readonly webhook: Webhook }) {
	const [dialog, setDialog] = useState<Dialog | null>(null);
	const close = (): void => setDialog(null);
	const pause = useMutation({
		mutationFn: () => service.webhooks.change(webhook.webhookId, { enabled: !webhook.enabled }),
		onSuccess: refresh,
	});
	return (
		<Stack gap="xs" align="flex-end">
			<Group gap="xs">
				<Button
					variant="default"
					leftSection={<Icon name={webhook.enabled ? "pause" : "play"} size={16} />}
					loading={pause.isPending}
					onClick={() => pause.mutate()}
				>
					{webhook.enabled ? "Pause" : "Resume"}
				</Button>
				<Button
					variant="default"
					leftSection={<Icon name="edit" size={16} />}
					onClick={() => setDialog("edit")}
				>
					Edit
				</Button>
				<Button
					variant="default"
					leftSection={<Icon name="key" size={16} />}
					onClick={() => setDialog("secret")}
				>
					New secret
				</Button>
				<Button
					variant="default"
					leftSection={<Icon name="trash" size={16} />}
					onClick={() => setDialog("delete")}
				>
					Delete
				</Button>
			</Group>
			<Refusal error={pause.error} />
			<Modal
				opened={dialog !== null}
				onClose={close}
				title={dialog === null ? "" : titles[dialog]}
				closeButtonProps={{ "aria-label": "Close" }}
				closeOnClickOutside={false}
			>
				{dialog === "edit" ? <Edit webhook={webhook} onDone={close} /> : null}
				{dialog === "secret" ? <NewSecret webhook={webhook} onDone={close} /> : null}
				{dialog === "delete" ? <Remove webhook={webhook} onDone={close} /> : null}
			</Modal>
		</Stack>
	);
}

interface DialogProps {
	readonly webhook: Webhook;
	readonly onDone: () => void;
}

function Edit({ webhook, onDone }: DialogProps) {
	const save = useMutation({
		mutationFn: (members: Pick<NewWebhook, "url" | "events">) =>
			service.webhooks.change(webhook.webhookId, members),
		onSuccess: async () => {
			await refresh();
			onDone();
		},
	});
	return (
		<WebhookForm
			webhook={webhook}
			submitLabel="Save"
			isPending={save.isPending}
			error={save.error}
			onSubmit={save.mutate}
			onCancel={onDone}
		/>
	);
}

function NewSecret({ webhook, onDone }: DialogProps) {
	const rotate = useMutation({
		mutationFn: () => service.webhooks.rotateSecret(webhook.webhookId),
		onSuccess: refresh,
	});
	if (rotate.data !== undefined) return <SecretShown webhook={rotate.data} onDone={onDone} />;
	return (
		<Stack>
			<Text size="sm">
				For a day messages are signed with both secrets, so the receiver can change over at any moment of it.
				{webhook.formerSecretUntil === undefined
					? ""
					: " The secret before the present one ends at once: only the last two are good."}
			</Text>
			<Refusal error={rotate.error} />
			<Group justify="flex-end" gap="xs">
				<Button variant="default" onClick={onDone}>
					Cancel
				</Button>
				<Button loading={rotate.isPending} onClick={() => rotate.mutate()}>
					Make a new secret
				</Button>
			</Group>
		</Stack>
	);
}

function Remove({ webhook, onDone }: DialogProps) {
	const navigate = useNavigate();
	const remove = useMutation({
		mutationFn: () => service.webhooks.delete(webhook.webhookId),
		onSuccess: async () => {
			onDone();
			await navigate({ to: "/settings", search: { tab: "webhooks" } });
			queries.removeQueries({ queryKey: ["webhooks", webhook.webhookId] });
			await refresh();
		},
	});
	return (
		<Stack>
			<Text size="sm">Its deliveries go with it, and what waits is not sent any more.</Text>
			<Refusal error={remove.error} />
			<Group justify="flex-end" gap="xs">
				<Button variant="default" onClick={onDone}>
					Cancel
				</Button>
				<Button color="red.9" loading={remove.isPending} onClick={() => remove.mutate()}>
					Delete
				</Button>
			</Group>
		</Stack>
	);
}
