import { Button, Checkbox, Group, NativeSelect, Stack, Text, Textarea, TextInput } from "@mantine/core";
import type { DetailField, Entity } from "@muster/client";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { DetailValue } from "../pieces/detail-text.ts";
import { wordsOf } from "../pieces/states.tsx";
import { queries } from "../queries.ts";
import { service } from "../service.ts";

/** Sets one detail by a control of its type. What does not fit is told by the service, in its words. */
export function DetailForm({
	entity,
	id,
	field,
	value,
	onDone,
}: {
	readonly entity: Entity;
	readonly id: string;
	readonly field: DetailField;
	readonly value: DetailValue | undefined;
	readonly onDone: () => void;
}) {
	const [values, setValues] = useState<readonly string[]>(
		value === undefined ? [] : Array.isArray(value) ? value : [String(value)],
	);
	const save = useMutation({
		mutationFn: async () => {
			const sent = values.filter((text) => text !== "");
			if (entity === "customer") await service.records.customer.setDetail(id, field.id, sent);
			else await service.records.organization.setDetail(id, field.id, sent);
		},
		onSuccess: async () => {
			await queries.invalidateQueries({ queryKey: ["record"] });
			void queries.invalidateQueries({ queryKey: ["records"] });
			onDone();
		},
	});
	return (
		<form
			onSubmit={(event) => {
				event.preventDefault();
				save.mutate();
			}}
			onKeyDown={(event) => {
				if (event.key === "Escape") onDone();
			}}
		>
			<Stack gap="xs">
				<Control field={field} values={values} onValues={setValues} />
				{save.error === null ? null : (
					<Text size="sm" c="var(--mantine-color-error)" role="alert">
						{wordsOf(save.error).text}
					</Text>
				)}
				<Group gap="xs">
					<Button type="submit" size="compact-sm" loading={save.isPending}>
						Save
					</Button>
					<Button size="compact-sm" variant="default" onClick={onDone}>
						Cancel
					</Button>
				</Group>
			</Stack>
		</form>
	);
}

interface ControlProps {
	readonly field: DetailField;
	readonly values: readonly string[];
	readonly onValues: (values: readonly string[]) => void;
}

function Control({ field: { name, type }, values, onValues }: ControlProps) {
	const [text = ""] = values;
	const common = { "aria-label": name, autoFocus: true };
	const set = (next: string): void => onValues([next]);
	switch (type.name) {
		case "SELECT":
		case "BOOLEAN": {
			const options =
				type.name === "BOOLEAN"
					? [
							{ value: "true", label: "Yes" },
							{ value: "false", label: "No" },
						]
					: (type.options ?? []);
			return (
				<NativeSelect
					{...common}
					value={text}
					data={[{ value: "", label: "(no value)" }, ...options]}
					onChange={(event) => set(event.currentTarget.value)}
				/>
			);
		}
		case "MULTISELECT":
			return (
				<Checkbox.Group label={name} value={[...values]} onChange={onValues}>
					<Stack gap={4} mt={4} mah={240} style={{ overflow: "auto" }}>
						{(type.options ?? []).map((option) => (
							<Checkbox key={option} size="sm" value={option} label={option} />
						))}
					</Stack>
				</Checkbox.Group>
			);
		case "TEXT":
			return (
				<Textarea
					{...common}
					autosize
					maxRows={10}
					dir="auto"
					value={text}
					onChange={(event) => set(event.currentTarget.value)}
				/>
			);
		default:
			return (
				<TextInput
					{...common}
					value={text}
					type={type.name === "DATE" ? "date" : "text"}
					inputMode={inputModes[type.name] ?? "text"}
					onChange={(event) => set(event.currentTarget.value)}
				/>
			);
	}
}

const inputModes: Readonly<
	Partial<Record<DetailField["type"]["name"], "decimal" | "email" | "tel" | "url">>
> = {
	NUMBER: "decimal",
	EMAIL: "email",
	PHONE: "tel",
	URL: "url",
};
