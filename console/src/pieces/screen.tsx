import { Box, Group, Stack, Text, Title } from "@mantine/core";
import { type ReactNode, useEffect } from "react";

/** A screen with its name, which the browser's window has too, what it is about, and what can be done on all of it. */
export function Screen({
	title,
	about,
	actions,
	children,
}: {
	readonly title: string;
	readonly about?: ReactNode;
	readonly actions?: ReactNode;
	readonly children: ReactNode;
}) {
	useEffect(() => {
		document.title = `${title} · Muster`;
	}, [title]);
	return (
		<Stack gap="lg" maw={1400} mx="auto">
			<Group justify="space-between" align="flex-start" gap="sm">
				<Box miw={0} flex="1 1 260px">
					<Title order={1} dir="auto">
						{title}
					</Title>
					{about === undefined ? null : (
						<Text c="dimmed" size="sm" component="div" mt={4}>
							{about}
						</Text>
					)}
				</Box>
				{actions === undefined ? null : <Group gap="xs">{actions}</Group>}
			</Group>
			{children}
		</Stack>
	);
}
