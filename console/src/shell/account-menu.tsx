import { ActionIcon, Menu, Text } from "@mantine/core";
import type { Session } from "@muster/client";
import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Icon } from "../pieces/icon.tsx";
import { queries } from "../queries.ts";
import { service } from "../service.ts";
import { sessionQuery } from "../session.ts";

/** What the token may do, the documentation, and the way out. */
export function AccountMenu({ session }: { readonly session: Session }) {
	const navigate = useNavigate();
	const leave = useMutation({
		mutationFn: () => service.sessions.signOut(),
		onSuccess: async () => {
			queries.clear();
			queries.setQueryData(sessionQuery.queryKey, null);
			await navigate({ to: "/sign-in" });
		},
	});
	return (
		<Menu position="bottom-end" width={260} withinPortal={false}>
			<Menu.Target>
				<ActionIcon
					variant="subtle"
					c="var(--mantine-color-text)"
					size="lg"
					aria-label="Account"
					title="Account"
				>
					<Icon name="person" />
				</ActionIcon>
			</Menu.Target>
			<Menu.Dropdown>
				<Text size="sm" px="sm" py={6} c="dimmed">
					{rights(session.scopes)}
				</Text>
				<Menu.Divider />
				<Menu.Item component="a" href="docs" leftSection={<Icon name="book" size={16} />}>
					API documentation
				</Menu.Item>
				<Menu.Item component="a" href="docs/errors" leftSection={<Icon name="question" size={16} />}>
					What codes mean
				</Menu.Item>
				<Menu.Divider />
				<Menu.Item leftSection={<Icon name="leave" size={16} />} onClick={() => leave.mutate()}>
					Sign out
				</Menu.Item>
			</Menu.Dropdown>
		</Menu>
	);
}

function rights(scopes: readonly string[]): string {
	if (scopes.includes("*")) return "Signed in with every right.";
	const count = scopes.length;
	return `Signed in with ${count} ${count === 1 ? "right" : "rights"}; screens show what they allow.`;
}
