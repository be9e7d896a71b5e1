import { ActionIcon, Button, Fieldset, Group, Stack, TextInput } from "@mantine/core";
import type { DetailField, Entity } from "@muster/client";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Icon } from "../pieces/icon.tsx";
import { Refusal } from "../pieces/states.tsx";
import { queries } from "../queries.ts";
import { service } from "../service.ts";

interface Option {
	/** As it is now; null for one that is new. */
	readonly was: string | null;
	readonly text: string;
}

/** Renames a field and its options. A renamed option takes its records along; one that records have cannot be dropped. */
export function FieldForm({
	entity,
	field,
	onDone,
}: {
	readonly entity: Entity;
	readonly field: DetailField;
	readonly onDone: () => void;
}) {
	const [name, setName] = useState(field.name);
	const [options, setOptions] = useState<readonly Option[]>(
		(field.type.options ?? []).map((text) => ({ was: text, text })),
	);
	const save = useMutation({
		mutationFn: () => service.changeDetailField(entity, field.id, changeOf(field, name, options)),
		onSuccess: async () => {
			await queries.invalidateQueries({ queryKey: ["fields", entity] });
			onDone();
		},
	});
	const set = (place: number, text: string): void =>
		setOptions(options.map((option, at) => (at === place ? { ...option, text } : option)));
	return (
		<form
			onSubmit={(event) => {
				event.preventDefault();
				save.mutate();
			}}
		>
			<Stack gap="sm">
				<TextInput
					label="Name"
					value={name}
					maxLength={255}
					dir="auto"
					data-autofocus
					onChange={(event) => setName(event.currentTarget.value)}
				/>
				{field.type.options === undefined ? null : (
					<Fieldset legend="Options" variant="unstyled">
						<Stack gap={6} mah={300} style={{ overflow: "auto" }}>
							{options.map((option, place) => (
								// biome-ignore lint/suspicious/noArrayIndexKey: an option has no name of its own while it is typed
								<Group key={place} gap="xs" wrap="nowrap">
									<TextInput
										flex={1}
										size="sm"
										dir="auto"
										value={option.text}
										aria-label={`Option ${place + 1}`}
										onChange={(event) => set(place, event.currentTarget.value)}
									/>
									<ActionIcon
										variant="subtle"
										c="dimmed"
										aria-label={`Drop option ${option.text}`}
										onClick={() => setOptions(options.filter((_, at) => at !== place))}
									>
										<Icon name="cross" size={16} />
									</ActionIcon>
								</Group>
							))}
						</Stack>
						<Button
							mt="xs"
							size="compact-sm"
							variant="subtle"
							leftSection={<Icon name="plus" size={14} />}
							onClick={() => setOptions([...options, { was: null, text: "" }])}
						>
							Add an option
						</Button>
					</Fieldset>
				)}
				<Refusal error={save.error} />
				<Group gap="xs">
					<Button type="submit" loading={save.isPending}>
						Save
					</Button>
					<Button variant="default" onClick={onDone}>
						Cancel
					</Button>
				</Group>
			</Stack>
		</form>
	);
}

function changeOf(field: DetailField, name: string, options: readonly Option[]) {
	const kept = options.filter(({ text }) => text.trim() !== "");
	const renamed = kept.flatMap(({ was, text }) =>
		was === null || was === text ? [] : [[was, text] as const],
	);
	return {
		...(name.trim() === field.name ? {} : { name: name.trim() }),
		...(field.type.options === undefined ? {} : { options: kept.map(({ text }) => text) }),
		...(renamed.length === 0 ? {} : { renameOptions: Object.fromEntries(renamed) }),
	};
}
