import { Box } from "@mantine/core";
import type { ReactNode } from "react";

/** Something that comes while one looks, and is told to those who do not see it. Empty it takes no place, nor that of a gap. */
export function LiveNote({ children }: { readonly children: ReactNode }) {
	return (
		<Box
			component="output"
			aria-live="polite"
			mb={children === null ? "calc(-1 * var(--mantine-spacing-lg))" : undefined}
		>
			{children}
		</Box>
	);
}
