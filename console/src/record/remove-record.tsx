import { Alert, Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { type Entity, operationNamed } from "@muster/client";
import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { Icon } from "../pieces/icon.tsx";
import { wordsOf } from "../pieces/states.tsx";
import { queries } from "../queries.ts";
import { idOf, type Profile, recordWords } from "../records/record-words.ts";
import { service } from "../service.ts";
import { useMay } from "../session.ts";

/** Deletes a record, once its email or name was typed: this is not done by a slip. */
export function RemoveRecord({ entity, profile }: { readonly entity: Entity; readonly profile: Profile }) {
	const [isOpen, { open, close }] = useDisclosure();
	const [typed, setTyped] = useState("");
	const navigate = useNavigate();
	const mayWrite = useMay(operationNamed(entity).writeScope);
	const key = "email" in profile ? profile.email : profile.name;
	const { one, path } = recordWords[entity];
	const remove = useMutation({
		mutationFn: () => service.deleteRecord(entity, idOf(profile)),
		onSuccess: async () => {
			close();
			await navigate({ to: path });
			queries.removeQueries({ queryKey: ["record", entity, idOf(profile)] });
			await queries.invalidateQueries({ queryKey: ["records", entity] });
		},
	});
	if (!mayWrite) return null;
	return (
		<>
			<Button variant="default" leftSection={<Icon name="trash" size={16} />} onClick={open}>
				Delete
			</Button>
			<Modal
				opened={isOpen}
				onClose={close}
				title={`Delete this ${one}?`}
				closeButtonProps={{ "aria-label": "Close" }}
			>
				<form
					onSubmit={(event) => {
						event.preventDefault();
						if (typed.trim() === key.trim()) remove.mutate();
					}}
				>
					<Stack>
						<Text size="sm">
							{entity === "customer"
								? "Its details and memberships go with it."
								: "Its details go with it; its customers stay."}{" "}
							What tasks tell of it stays until their time of keeping is over.
						</Text>
						<TextInput
							label={`Type ${key} to confirm`}
							value={typed}
							onChange={(event) => setTyped(event.currentTarget.value)}
							autoComplete="off"
							data-autofocus
						/>
						{remove.error === null ? null : (
							<Alert color="red" variant="outline" role="alert">
								{wordsOf(remove.error).text}
							</Alert>
						)}
						<Group justify="flex-end" gap="xs">
							<Button variant="default" onClick={close}>
								Cancel
							</Button>
							<Button
								type="submit"
								color="red.9"
								disabled={typed.trim() !== key.trim()}
								loading={remove.isPending}
							>
								Delete
							</Button>
						</Group>
					</Stack>
				</form>
			</Modal>
		</>
	);
}
