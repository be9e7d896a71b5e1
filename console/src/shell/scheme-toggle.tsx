import { ActionIcon, useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import { Icon } from "../pieces/icon.tsx";

/** Light or dark; until it is used, as the system says. */
export function SchemeToggle() {
	const { setColorScheme } = useMantineColorScheme();
	const scheme = useComputedColorScheme("light");
	const other = scheme === "dark" ? "light" : "dark";
	return (
		<ActionIcon
			variant="subtle"
			c="var(--mantine-color-text)"
			size="lg"
			onClick={() => setColorScheme(other)}
			aria-label={`Use ${other} colors`}
			title={`Use ${other} colors`}
		>
			<Icon name={scheme === "dark" ? "sun" : "moon"} />
		</ActionIcon>
	);
}
