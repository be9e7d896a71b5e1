import { Button, Group, NativeSelect, Paper, Stack, Textarea, TextInput, Title } from "@mantine/core";
import type { DetailFieldType, Entity } from "@muster/client";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Refusal } from "../pieces/states.tsx";
import { queries } from "../queries.ts";
import { service } from "../service.ts";
import { typeWords } from "./field-row.tsx";

/** Makes a field. Its type stays what it is for ever, so it is chosen here. */
export function NewField({ entity, onDone }: { readonly entity: Entity; readonly onDone: () => void }) {
	const [name, setName] = useState("");
	const [type, setType] = useState<DetailFieldType>("TEXT");
	const [options, setOptions] = useState("");
	const hasOptions = type === "SELECT" || type === "MULTISELECT";
	const make = useMutation({
		mutationFn: () => {
			const listed = options.split("\n").flatMap((line) => line.trim() || []);
			return service.createDetailField(entity, {
				name: name.trim(),
				type: { name: type, ...(hasOptions ? { options: listed } : {}) },
			});
		},
		onSuccess: async () => {
			await queries.invalidateQueries({ queryKey: ["fields", entity] });
			onDone();
		},
	});
	return (
		<Paper withBorder p="md">
			<form
				onSubmit={(event) => {
					event.preventDefault();
					make.mutate();
				}}
			>
				<Stack gap="sm">
					<Title order={2}>New field of {entity}s</Title>
					<TextInput
						label="Name"
						value={name}
						maxLength={255}
						required
						withAsterisk={false}
						dir="auto"
						autoFocus
						onChange={(event) => setName(event.currentTarget.value)}
					/>
					<NativeSelect
						label="Type"
						description="It stays; what does not fit it is refused"
						value={type}
						// The words are keyed by the types.
						onChange={(event) => setType(event.currentTarget.value as DetailFieldType)}
						data={Object.entries(typeWords).map(([value, label]) => ({ value, label }))}
					/>
					{hasOptions ? (
						<Textarea
							label="Options"
							description="One a line"
							autosize
							minRows={3}
							value={options}
							dir="auto"
							onChange={(event) => setOptions(event.currentTarget.value)}
						/>
					) : null}
					<Refusal error={make.error} />
					<Group gap="xs">
						<Button type="submit" loading={make.isPending}>
							Make it
						</Button>
						<Button variant="default" onClick={onDone}>
							Cancel
						</Button>
					</Group>
				</Stack>
			</form>
		</Paper>
	);
}
