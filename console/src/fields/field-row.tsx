import { ActionIcon, Box, Button, Code, Group, Modal, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { type DetailField, type Entity, MusterError } from "@muster/client";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { count, counted } from "../pieces/count.ts";
import { Icon } from "../pieces/icon.tsx";
import { TextLink } from "../pieces/links.tsx";
import { Trouble, wordsOf } from "../pieces/states.tsx";
import { queries } from "../queries.ts";
import { service } from "../service.ts";
import { FieldForm } from "./field-form.tsx";
import classes from "./fields.module.css";

/** A field with what it is, its uses, and what can be done with it. */
export function FieldRow({
	entity,
	field,
	place,
	last,
	usedBy,
	isAtLeast,
	mayWrite,
}: {
	readonly entity: Entity;
	readonly field: DetailField;
	readonly place: number;
	readonly last: number;
	readonly usedBy: number | undefined;
	readonly isAtLeast: boolean;
	readonly mayWrite: boolean;
}) {
	const [isEditing, setEditing] = useState(false);
	const move = useMutation({
		mutationFn: (position: number) =>
			service.changeDetailField(entity, field.id, { configuration: { position } }),
		onSettled: () => queries.invalidateQueries({ queryKey: ["fields", entity] }),
	});
	const { name, options } = field.type;
	const to = entity === "customer" ? "/customers" : "/organizations";
	return (
		<li className={classes.row}>
			{isEditing ? (
				<FieldForm entity={entity} field={field} onDone={() => setEditing(false)} />
			) : (
				<Group justify="space-between" gap="sm" align="flex-start">
					<Box miw={0} flex="1 1 16rem">
						<Text fw={600} dir="auto" ta="left">
							{field.name}
						</Text>
						<Text size="sm" c="dimmed" component="div">
							{typeWords[name]} · <Code>{field.id}</Code>
							{options === undefined
								? ""
								: ` · ${counted(options.length, "option")}: ${options.slice(0, 6).join(", ")}${options.length > 6 ? " …" : ""}`}
						</Text>
					</Box>
					<Group gap={4} wrap="nowrap">
						{usedBy === undefined ? null : (
							<TextLink to={to} search={{ filter: [`${field.id}!=`], columns: [field.id] }} size="sm" me="sm">
								{count(usedBy)}
								{isAtLeast ? "+" : ""} {usedBy === 1 ? entity : `${entity}s`}
							</TextLink>
						)}
						{mayWrite ? (
							<>
								<RowButton
									icon="up"
									label={`Move ${field.name} up`}
									isOff={place === 0}
									onClick={() => move.mutate(place - 1)}
								/>
								<RowButton
									icon="down"
									label={`Move ${field.name} down`}
									isOff={place === last}
									onClick={() => move.mutate(place + 1)}
								/>
								<RowButton icon="edit" label={`Edit ${field.name}`} onClick={() => setEditing(true)} />
								<RemoveField entity={entity} field={field} />
							</>
						) : null}
					</Group>
				</Group>
			)}
			{move.error === null ? null : <Trouble error={move.error} />}
		</li>
	);
}

function RowButton({
	icon,
	label,
	isOff = false,
	onClick,
}: {
	readonly icon: "up" | "down" | "edit" | "trash";
	readonly label: string;
	readonly isOff?: boolean;
	readonly onClick: () => void;
}) {
	return (
		<ActionIcon
			variant="subtle"
			c="dimmed"
			aria-label={label}
			title={label}
			disabled={isOff}
			onClick={onClick}
		>
			<Icon name={icon} size={16} />
		</ActionIcon>
	);
}

/** Deletes a field; where records have values in it, how many is said first. */
function RemoveField({ entity, field }: { readonly entity: Entity; readonly field: DetailField }) {
	const [isOpen, { open, close }] = useDisclosure();
	const remove = useMutation({
		mutationFn: (confirm: boolean) => service.deleteDetailField(entity, field.id, { confirm }),
		onSuccess: async () => {
			close();
			await queries.invalidateQueries({ queryKey: ["fields", entity] });
		},
	});
	const refusal = remove.error instanceof MusterError ? remove.error : null;
	const isAtStake = refusal?.code === "values_at_stake";
	return (
		<>
			<RowButton icon="trash" label={`Delete ${field.name}`} onClick={open} />
			<Modal
				opened={isOpen}
				onClose={close}
				title={`Delete the field ${field.name}?`}
				closeButtonProps={{ "aria-label": "Close" }}
			>
				<Stack>
					<Text size="sm" role={remove.error === null ? undefined : "alert"}>
						{remove.error === null
							? "A field that no record has a value in goes at once. Where some have, you are asked once more."
							: isAtStake
								? `${counted(Number(refusal.problem?.values ?? 0), "record")} would lose their value. This cannot be taken back.`
								: wordsOf(remove.error).text}
					</Text>
					<Group justify="flex-end" gap="xs">
						<Button variant="default" onClick={close}>
							Cancel
						</Button>
						<Button color="red.9" loading={remove.isPending} onClick={() => remove.mutate(isAtStake)}>
							{isAtStake ? "Delete, with their values" : "Delete"}
						</Button>
					</Group>
				</Stack>
			</Modal>
		</>
	);
}

export const typeWords: Readonly<Record<DetailField["type"]["name"], string>> = {
	TEXT: "Text",
	NUMBER: "Number",
	DATE: "Date",
	EMAIL: "Email",
	PHONE: "Phone number",
	URL: "Web address",
	BOOLEAN: "Yes or no",
	SELECT: "One of its options",
	MULTISELECT: "Some of its options",
};
