import { Box, Text } from "@mantine/core";
import type { ReactNode } from "react";

/** Terms with what each is, in two columns. */
export function Facts({ children }: { readonly children: ReactNode }) {
	return (
		<Box
			component="dl"
			m={0}
			style={{
				display: "grid",
				gridTemplateColumns: "fit-content(45%) 1fr",
				gap: "6px 16px",
				alignItems: "baseline",
			}}
		>
			{children}
		</Box>
	);
}

export function Fact({
	term,
	dir = "auto",
	children,
}: {
	readonly term: string;
	readonly dir?: "auto" | "ltr";
	readonly children: ReactNode;
}) {
	return (
		<>
			<Text component="dt" size="sm" c="dimmed">
				{term}
			</Text>
			<Text component="dd" size="sm" m={0} miw={0} dir={dir}>
				{children}
			</Text>
		</>
	);
}
