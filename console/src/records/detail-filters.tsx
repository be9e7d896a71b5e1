import { Button, Group, NativeSelect, Pill, TextInput } from "@mantine/core";
import type { DetailField } from "@muster/client";
import { type FormEvent, useState } from "react";
import { Icon } from "../pieces/icon.tsx";

const operators = [
	{ value: "=", label: "is" },
	{ value: "!=", label: "is not" },
	{ value: ">=", label: "at least" },
	{ value: "<=", label: "at most" },
] as const;

/** Filters by detail fields: each a pill that can be taken away, and a line that adds one. All have to hold. */
export function DetailFilters({
	fields,
	filters,
	onFilters,
}: {
	readonly fields: readonly DetailField[];
	readonly filters: readonly string[];
	readonly onFilters: (filters: readonly string[]) => void;
}) {
	const [isAdding, setAdding] = useState(false);
	if (fields.length === 0 && filters.length === 0) return null;
	return (
		<Group gap="xs" align="flex-end">
			{filters.map((filter) => (
				<Pill
					key={filter}
					size="lg"
					withRemoveButton
					onRemove={() => onFilters(filters.filter((each) => each !== filter))}
					removeButtonProps={{ "aria-label": `Take away ${filter}`, tabIndex: 0, "aria-hidden": false }}
				>
					{wordsOf(filter, fields)}
				</Pill>
			))}
			{isAdding ? (
				<NewFilter
					fields={fields}
					onAdd={(filter) => {
						onFilters([...new Set([...filters, filter])]);
						setAdding(false);
					}}
					onCancel={() => setAdding(false)}
				/>
			) : (
				<Button
					size="compact-sm"
					variant="subtle"
					leftSection={<Icon name="plus" size={14} />}
					onClick={() => setAdding(true)}
				>
					Add a filter
				</Button>
			)}
		</Group>
	);
}

function NewFilter({
	fields,
	onAdd,
	onCancel,
}: {
	readonly fields: readonly DetailField[];
	readonly onAdd: (filter: string) => void;
	readonly onCancel: () => void;
}) {
	const [id, setId] = useState(fields[0]?.id ?? "");
	const [operator, setOperator] = useState<string>("=");
	const [value, setValue] = useState("");
	const type = fields.find((field) => field.id === id)?.type;
	const hasOrder = type?.name === "NUMBER" || type?.name === "DATE";
	const options = type?.options ?? (type?.name === "BOOLEAN" ? ["true", "false"] : null);
	const add = (event: FormEvent): void => {
		event.preventDefault();
		onAdd(`${id}${hasOrder || operator.length === 1 || operator === "!=" ? operator : "="}${value.trim()}`);
	};
	return (
		<form onSubmit={add}>
			<Group gap="xs" align="flex-end">
				<NativeSelect
					label="Field"
					value={id}
					data={fields.map((field) => ({ value: field.id, label: field.name }))}
					onChange={(event) => {
						setId(event.currentTarget.value);
						setValue("");
					}}
					data-autofocus
				/>
				<NativeSelect
					label="How"
					value={operator}
					data={hasOrder ? [...operators] : operators.slice(0, 2)}
					onChange={(event) => setOperator(event.currentTarget.value)}
				/>
				{options === null ? (
					<TextInput
						label="Value"
						placeholder="Nothing, for no value"
						value={value}
						type={type?.name === "DATE" ? "date" : "text"}
						onChange={(event) => setValue(event.currentTarget.value)}
					/>
				) : (
					<NativeSelect
						label="Value"
						value={value}
						data={[{ value: "", label: "(no value)" }, ...options]}
						onChange={(event) => setValue(event.currentTarget.value)}
					/>
				)}
				<Button type="submit" variant="default">
					Add
				</Button>
				<Button variant="subtle" onClick={onCancel}>
					Cancel
				</Button>
			</Group>
		</form>
	);
}

/** "plan!=" is "Plan has a value". */
function wordsOf(filter: string, fields: readonly DetailField[]): string {
	const [, id = "", operator = "", value = ""] = /^([^=!<>]*)(!=|<=|>=|=|<|>)(.*)$/s.exec(filter) ?? [];
	const name = fields.find((field) => field.id === id)?.name ?? id;
	if (value === "") return `${name} ${operator === "!=" ? "has a value" : "has no value"}`;
	return `${name} ${operators.find((each) => each.value === operator)?.label ?? operator} ${value}`;
}
