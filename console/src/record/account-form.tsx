import { Button, Group, Stack, TextInput } from "@mantine/core";
import { type Entity, MusterError } from "@muster/client";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Refusal } from "../pieces/states.tsx";
import { queries } from "../queries.ts";
import { idOf, type Profile } from "../records/record-words.ts";
import { service } from "../service.ts";

/** Changes who a record is. What the service finds wrong stands at the field that it is about. */
export function AccountForm({
	entity,
	profile,
	onDone,
}: {
	readonly entity: Entity;
	readonly profile: Profile;
	readonly onDone: () => void;
}) {
	const [values, setValues] = useState<Readonly<Record<string, string>>>(
		"email" in profile ? { email: profile.email, displayName: profile.displayName } : { name: profile.name },
	);
	const save = useMutation({
		mutationFn: async () => {
			const id = idOf(profile);
			if (entity === "customer") await service.records.customer.update(id, values);
			else await service.records.organization.update(id, values);
		},
		onSuccess: async () => {
			await queries.invalidateQueries({ queryKey: ["record"] });
			void queries.invalidateQueries({ queryKey: ["records"] });
			onDone();
		},
	});
	const faults = save.error instanceof MusterError ? save.error.errors : [];
	const faultAt = (key: string): string | undefined =>
		faults.find(({ pointer }) => pointer === `/${key}`)?.message;
	const isPlaced = Object.keys(values).some((key) => faultAt(key) !== undefined);
	return (
		<form
			onSubmit={(event) => {
				event.preventDefault();
				save.mutate();
			}}
		>
			<Stack gap="sm">
				{Object.entries(values).map(([key, value], place) => (
					<TextInput
						key={key}
						label={labels[key]}
						value={value}
						error={faultAt(key)}
						dir={key === "email" ? "ltr" : "auto"}
						data-autofocus={place === 0 ? true : undefined}
						onChange={(event) => setValues({ ...values, [key]: event.currentTarget.value })}
					/>
				))}
				<Refusal error={isPlaced ? null : save.error} />
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

const labels: Readonly<Record<string, string>> = {
	email: "Email",
	displayName: "Display name",
	name: "Name",
};
