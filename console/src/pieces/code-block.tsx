import { Box, Code, Group, Text } from "@mantine/core";
import { CopyButton } from "./copy-button.tsx";

/** A command or a piece of JSON, ready to copy. It scrolls in itself, by keyboard too. */
export function CodeBlock({ text, label }: { readonly text: string; readonly label: string }) {
	return (
		<Box>
			<Group justify="space-between" mb={4}>
				<Text size="sm" fw={600}>
					{label}
				</Text>
				<CopyButton text={text} />
			</Group>
			<Code
				block
				tabIndex={0}
				role="region"
				aria-label={label}
				mah={360}
				style={{ overflow: "auto" }}
				dir="ltr"
			>
				{text}
			</Code>
		</Box>
	);
}
