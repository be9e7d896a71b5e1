import { Button, Checkbox, Popover, Stack, Text } from "@mantine/core";
import type { DetailField } from "@muster/client";
import { Icon } from "../pieces/icon.tsx";

/** Which detail fields are columns. */
export function ColumnChoice({
	fields,
	shown,
	onShown,
}: {
	readonly fields: readonly DetailField[];
	readonly shown: readonly string[];
	readonly onShown: (shown: readonly string[]) => void;
}) {
	return (
		<Popover position="bottom-start" trapFocus returnFocus shadow="md">
			<Popover.Target>
				<Button variant="default" leftSection={<Icon name="columns" size={16} />}>
					Columns
				</Button>
			</Popover.Target>
			<Popover.Dropdown aria-label="Columns">
				{fields.length === 0 ? (
					<Text size="sm" c="dimmed">
						There are no detail fields yet.
					</Text>
				) : (
					<Stack gap="xs" mah={320} style={{ overflow: "auto" }}>
						{fields.map(({ id, name }) => (
							<Checkbox
								key={id}
								size="sm"
								label={name}
								checked={shown.includes(id)}
								onChange={(event) => {
									const others = shown.filter((each) => each !== id);
									onShown(event.currentTarget.checked ? [...others, id] : others);
								}}
							/>
						))}
					</Stack>
				)}
			</Popover.Dropdown>
		</Popover>
	);
}
