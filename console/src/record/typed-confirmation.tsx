import { Button, Group, Stack, TextInput } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { Refusal } from "../pieces/states.tsx";

/** What is not to be done by a slip: it is done once a text was typed, letter by letter. */
export function TypedConfirmation({
	text,
	action,
	isPending,
	error,
	onConfirm,
	onCancel,
	children,
}: {
	/** What has to be typed; blanks around it do not count. */
	readonly text: string;
	readonly action: string;
	readonly isPending: boolean;
	readonly error: unknown;
	readonly onConfirm: () => void;
	readonly onCancel: () => void;
	/** What will be done. */
	readonly children: ReactNode;
}) {
	const [typed, setTyped] = useState("");
	const isSame = typed.trim() === text.trim();
	return (
		<form
			onSubmit={(event) => {
				event.preventDefault();
				if (isSame) onConfirm();
			}}
		>
			<Stack>
				{children}
				<TextInput
					label={`Type ${text} to confirm`}
					value={typed}
					onChange={(event) => setTyped(event.currentTarget.value)}
					autoComplete="off"
					spellCheck={false}
					data-autofocus
				/>
				<Refusal error={error} />
				<Group justify="flex-end" gap="xs">
					<Button variant="default" onClick={onCancel}>
						Cancel
					</Button>
					<Button type="submit" color="red.9" disabled={!isSame} loading={isPending}>
						{action}
					</Button>
				</Group>
			</Stack>
		</form>
	);
}
