import { Button } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";
import { Icon } from "./icon.tsx";

/** Puts a text where it can be pasted from, and says that it did. */
export function CopyButton({ text, label = "Copy" }: { readonly text: string; readonly label?: string }) {
	const { copied, copy } = useClipboard({ timeout: 2_000 });
	return (
		<Button
			size="compact-sm"
			variant="default"
			leftSection={<Icon name={copied ? "check" : "copy"} size={14} />}
			onClick={() => copy(text)}
			aria-live="polite"
		>
			{copied ? "Copied" : label}
		</Button>
	);
}
