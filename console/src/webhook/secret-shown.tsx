import { Button, Code, Group, Stack, Text } from "@mantine/core";
import type { WebhookWithSecret } from "@muster/client";
import { CopyButton } from "../pieces/copy-button.tsx";
import { Time } from "../pieces/time.tsx";

/** The secret that messages are signed with: shown this once, to be carried to the receiver. */
export function SecretShown({
	webhook: { secret, formerSecretUntil },
	onDone,
}: {
	readonly webhook: WebhookWithSecret;
	readonly onDone: () => void;
}) {
	return (
		<Stack>
			<Text size="sm">
				Give this secret to the receiver: it checks with it that a message is from here. It is shown this
				once.
			</Text>
			<Code block>{secret}</Code>
			{formerSecretUntil === undefined ? null : (
				<Text size="sm">
					Messages are signed with the former secret too until <Time iso={formerSecretUntil} />, so that none
					is refused meanwhile.
				</Text>
			)}
			<Group justify="space-between">
				<CopyButton text={secret} label="Copy the secret" />
				<Button onClick={onDone}>Done</Button>
			</Group>
		</Stack>
	);
}
