import { Button, Checkbox, Code, Group, NativeSelect, SimpleGrid, Stack, Text } from "@mantine/core";
import { scopes } from "@muster/client";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { CopyButton } from "../pieces/copy-button.tsx";
import { Refusal } from "../pieces/states.tsx";
import { queries } from "../queries.ts";
import { service } from "../service.ts";
import { useSession } from "../session.ts";
import { shortScope } from "./scope-words.ts";

const ends = [
	{ value: "", label: "Never" },
	{ value: "1d", label: "In a day" },
	{ value: "30d", label: "In 30 days" },
	{ value: "90d", label: "In 90 days" },
	{ value: "365d", label: "In a year" },
];

/** Makes a token with chosen rights, and shows it this once. Nobody gives a right that the own token lacks. */
export function NewToken({ onDone }: { readonly onDone: () => void }) {
	const { scopes: own } = useSession();
	const allowed = own.includes("*") ? scopes : scopes.filter((scope) => own.includes(scope));
	const [chosen, setChosen] = useState<readonly string[]>([]);
	const [expires, setExpires] = useState("90d");
	const make = useMutation({
		mutationFn: () => service.site.makeToken({ scopes: [...chosen], ...(expires === "" ? {} : { expires }) }),
		onSuccess: () => queries.invalidateQueries({ queryKey: ["tokens"] }),
	});
	if (make.data !== undefined) {
		return (
			<Stack>
				<Text size="sm">This is the token. It is shown this once; only its hash is kept.</Text>
				<Code block>{make.data.token}</Code>
				<Group justify="space-between">
					<CopyButton text={make.data.token} label="Copy the token" />
					<Button onClick={onDone}>Done</Button>
				</Group>
			</Stack>
		);
	}
	return (
		<form
			onSubmit={(event) => {
				event.preventDefault();
				make.mutate();
			}}
		>
			<Stack>
				<Checkbox.Group label="Rights" value={[...chosen]} onChange={setChosen}>
					<SimpleGrid cols={{ base: 1, sm: 2 }} spacing={6} mt="xs">
						{allowed.map((scope) => (
							<Checkbox
								key={scope}
								size="sm"
								value={scope}
								label={scope === "*" ? "Everything" : shortScope(scope)}
							/>
						))}
					</SimpleGrid>
				</Checkbox.Group>
				<NativeSelect
					label="Ends"
					value={expires}
					data={ends}
					onChange={(event) => setExpires(event.currentTarget.value)}
				/>
				<Refusal error={make.error} />
				<Group justify="flex-end" gap="xs">
					<Button variant="default" onClick={onDone}>
						Cancel
					</Button>
					<Button type="submit" disabled={chosen.length === 0} loading={make.isPending}>
						Make the token
					</Button>
				</Group>
			</Stack>
		</form>
	);
}
