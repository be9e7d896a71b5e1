import { Button, Group, NativeSelect, NumberInput, Stack, Switch } from "@mantine/core";
import type { SiteSettings } from "@muster/client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Loading, Refusal, Trouble } from "../pieces/states.tsx";
import { queries } from "../queries.ts";
import { service } from "../service.ts";

/** Every setting by its name: what it is called, and what it means. What a newer server adds is shown by its own name. */
const words: Readonly<Record<string, { readonly label: string; readonly about: string }>> = {
	unknownFields: { label: "A detail for a field that does not exist", about: "In an item or a single write" },
	unknownKeys: { label: "A key that an item should not have", about: "Such as a misspelled one" },
	detailFieldsMax: { label: "Most detail fields", about: "Of customers, and of organizations" },
	fieldOptionsMax: { label: "Most options of a field", about: "Of those that take one, or some, of them" },
	unfinishedTasksMax: {
		label: "Most waiting tasks",
		about: "Further ones are turned away until some have ended",
	},
	requestsPerMinute: { label: "Requests a minute", about: "Of all tokens together; 0 is no limit" },
	retentionDays: {
		label: "Days that tasks are kept",
		about: "With their results and keys, from their end on",
	},
	requireOptIn: { label: "Ask for the header X-ExperimentalApi", about: "Requests without it are refused" },
	history: { label: "Keep what changes found", about: "For the history of records, and for undoing tasks" },
};

const choices: Readonly<Record<string, readonly { readonly value: string; readonly label: string }[]>> = {
	unknownFields: [
		{ value: "create", label: "Makes a text field" },
		{ value: "fail", label: "Fails the item" },
	],
	unknownKeys: [
		{ value: "fail", label: "Fails the item" },
		{ value: "ignore", label: "Is ignored" },
	],
};

export function SiteForm() {
	const { data, error, refetch } = useQuery({
		queryKey: ["settings"],
		queryFn: ({ signal }) => service.site.settings({ signal }),
		// What is being edited is not to change under the hand.
		refetchOnWindowFocus: false,
	});
	if (data === undefined) {
		return error === null ? <Loading /> : <Trouble error={error} onRetry={() => void refetch()} />;
	}
	return <Form key={JSON.stringify(data)} settings={data} />;
}

type Values = Readonly<Record<string, string | number | boolean>>;

function Form({ settings }: { readonly settings: SiteSettings }) {
	const before: Values = settings;
	const [values, setValues] = useState<Values>(settings);
	const changed = Object.entries(values).filter(([name, value]) => value !== before[name]);
	const save = useMutation({
		mutationFn: () => service.site.changeSettings(Object.fromEntries(changed)),
		onSuccess: (now) => {
			queries.setQueryData(["settings"], now);
			void queries.invalidateQueries({ queryKey: ["audit"] });
		},
	});
	return (
		<form
			onSubmit={(event) => {
				event.preventDefault();
				save.mutate();
			}}
		>
			<Stack maw={520}>
				{Object.entries(values).map(([name, value]) => (
					<Setting
						key={name}
						name={name}
						value={value}
						onValue={(next) => setValues({ ...values, [name]: next })}
					/>
				))}
				<Refusal error={save.error} />
				<Group gap="xs">
					<Button type="submit" disabled={changed.length === 0} loading={save.isPending}>
						Save
					</Button>
					<Button variant="default" disabled={changed.length === 0} onClick={() => setValues(settings)}>
						Put back
					</Button>
				</Group>
			</Stack>
		</form>
	);
}

function Setting({
	name,
	value,
	onValue,
}: {
	readonly name: string;
	readonly value: string | number | boolean;
	readonly onValue: (value: string | number | boolean) => void;
}) {
	const { label, about } = words[name] ?? { label: name, about: "" };
	const common = { label, description: about || undefined };
	if (typeof value === "boolean") {
		return <Switch {...common} checked={value} onChange={(event) => onValue(event.currentTarget.checked)} />;
	}
	if (typeof value === "number") {
		return (
			<NumberInput
				{...common}
				value={value}
				min={0}
				allowDecimal={false}
				onChange={(next) => onValue(next === "" ? 0 : Number(next))}
			/>
		);
	}
	return (
		<NativeSelect
			{...common}
			value={value}
			data={[...(choices[name] ?? [value])]}
			onChange={(event) => onValue(event.currentTarget.value)}
		/>
	);
}
