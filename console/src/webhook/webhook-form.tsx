import { Button, Checkbox, Group, Stack, TextInput } from "@mantine/core";
import { MusterError, type NewWebhook, type Webhook, webhookEvents } from "@muster/client";
import { useState } from "react";
import { Refusal } from "../pieces/states.tsx";
import { eventWords } from "./webhook-words.tsx";

/** Where messages go, and what they are about. What the service finds wrong with the address stands at it. */
export function WebhookForm({
	webhook,
	submitLabel,
	isPending,
	error,
	onSubmit,
	onCancel,
}: {
	/** What is there by now; absent for a new one. */
	readonly webhook?: Webhook;
	readonly submitLabel: string;
	readonly isPending: boolean;
	readonly error: unknown;
	readonly onSubmit: (members: Pick<NewWebhook, "url" | "events">) => void;
	readonly onCancel: () => void;
}) {
	const [url, setUrl] = useState(webhook?.url ?? "");
	const [chosen, setChosen] = useState<readonly string[]>(webhook?.events ?? webhookEvents);
	const faults = error instanceof MusterError ? error.errors : [];
	const urlFault = faults.find(({ pointer }) => pointer === "/url")?.message;
	return (
		<form
			// The address is judged by the service, whose words say more than the browser's.
			noValidate
			onSubmit={(event) => {
				event.preventDefault();
				onSubmit({ url, events: webhookEvents.filter((name) => chosen.includes(name)) });
			}}
		>
			<Stack>
				<TextInput
					label="Address"
					description="https, on the public internet. Messages are posted to it."
					placeholder="https://example.com/muster"
					type="url"
					dir="ltr"
					autoComplete="off"
					value={url}
					error={urlFault}
					data-autofocus
					onChange={(event) => setUrl(event.currentTarget.value)}
				/>
				<Checkbox.Group label="It is told when" value={[...chosen]} onChange={setChosen}>
					<Stack gap="xs" mt="xs">
						{webhookEvents.map((name) => (
							<Checkbox
								key={name}
								size="sm"
								value={name}
								label={eventWords[name].label}
								description={eventWords[name].about}
							/>
						))}
					</Stack>
				</Checkbox.Group>
				<Refusal error={urlFault === undefined ? error : null} />
				<Group justify="flex-end" gap="xs">
					<Button variant="default" onClick={onCancel}>
						Cancel
					</Button>
					<Button type="submit" disabled={url.trim() === "" || chosen.length === 0} loading={isPending}>
						{submitLabel}
					</Button>
				</Group>
			</Stack>
		</form>
	);
}
