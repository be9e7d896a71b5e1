import { Button, Modal, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { type Entity, operationNamed } from "@muster/client";
import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Icon } from "../pieces/icon.tsx";
import { queries } from "../queries.ts";
import { idOf, type Profile, recordWords } from "../records/record-words.ts";
import { service } from "../service.ts";
import { useMay } from "../session.ts";
import { TypedConfirmation } from "./typed-confirmation.tsx";

/** Deletes a record, once its email or name was typed: this is not done by a slip. */
export function RemoveRecord({ entity, profile }: { readonly entity: Entity; readonly profile: Profile }) {
	const [isOpen, { open, close }] = useDisclosure();
	const navigate = useNavigate();
	const mayWrite = useMay(operationNamed(entity).writeScope);
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
				<TypedConfirmation
					text={"email" in profile ? profile.email : profile.name}
					action="Delete"
					isPending={remove.isPending}
					error={remove.error}
					onConfirm={() => remove.mutate()}
					onCancel={close}
				>
					<Text size="sm">
						{entity === "customer"
							? "Its details and memberships go with it."
							: "Its details go with it; its customers stay."}{" "}
						What tasks tell of it stays until their time of keeping is over.
					</Text>
				</TypedConfirmation>
			</Modal>
		</>
	);
}
