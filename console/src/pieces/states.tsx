import { Alert, Button, Center, Code, Paper, Skeleton, Stack, Text, ThemeIcon, Title } from "@mantine/core";
import { MusterError, MusterNetworkError, MusterTimeoutError } from "@muster/client";
import type { ReactNode } from "react";
import { Icon, type IconName } from "./icon.tsx";

// What a screen, or a part of one, shows in the place of what it is for.

/** Nothing is there, and what can be done about it. */
export function Empty({
	icon,
	title,
	children,
}: {
	readonly icon: IconName;
	readonly title: string;
	readonly children?: ReactNode;
}) {
	return (
		<Center py={48} px="md">
			<Stack align="center" gap="xs" maw={520} ta="center">
				<ThemeIcon variant="default" size={48} radius="xl" aria-hidden>
					<Icon name={icon} size={22} />
				</ThemeIcon>
				<Title order={2}>{title}</Title>
				<Text c="dimmed" component="div">
					{children}
				</Text>
			</Stack>
		</Center>
	);
}

/** Something is on its way. It is told once, and calmly: bars in the place of what will be there. */
export function Loading({
	rows = 6,
	label = "Loading",
}: {
	readonly rows?: number;
	readonly label?: string;
}) {
	return (
		<Stack gap="sm" aria-busy="true" role="status" aria-label={label}>
			{Array.from({ length: rows }, (_, place) => (
				// biome-ignore lint/suspicious/noArrayIndexKey: bars without a name of their own
				<Skeleton key={place} height={20} width={`${92 - ((place * 17) % 40)}%`} />
			))}
		</Stack>
	);
}

/** Asking went wrong: in plain words, with what the server's log knows it by, and another try. */
export function Trouble({ error, onRetry }: { readonly error: unknown; readonly onRetry?: () => void }) {
	if (error instanceof MusterError && error.status === 403) return <NotAllowed error={error} />;
	const { title, text } = wordsOf(error);
	const requestId = error instanceof MusterError ? error.requestId : null;
	return (
		<Paper withBorder p="lg" role="alert">
			<Stack gap="xs" align="flex-start">
				<Title order={2}>{title}</Title>
				<Text>{text}</Text>
				{requestId === null ? null : (
					<Text size="sm" c="dimmed">
						Request <Code>{requestId}</Code>
					</Text>
				)}
				{onRetry === undefined ? null : (
					<Button variant="default" leftSection={<Icon name="retry" size={16} />} onClick={onRetry}>
						Try again
					</Button>
				)}
			</Stack>
		</Paper>
	);
}

/** The token may not see this. Which right it lacks stands in what the server said. */
function NotAllowed({ error }: { readonly error: MusterError }) {
	const scope = /scope (\S+?),/.exec(error.message)?.[1];
	return (
		<Empty icon="lock" title="This is not yours to see">
			The token that you are signed in with lacks the right{" "}
			{scope === undefined ? "for this" : <Code>{scope}</Code>}. Whoever made it can make one that has it.
		</Empty>
	);
}

/** Why the service did not do what a form asked for; nothing while it has not refused. */
export function Refusal({ error }: { readonly error: unknown }) {
	if (error === null) return null;
	const { title, text } = wordsOf(error);
	return (
		<Alert color="red" variant="outline" role="alert" title={title}>
			{text}
		</Alert>
	);
}

export function wordsOf(error: unknown): { readonly title: string; readonly text: string } {
	if (error instanceof MusterError && error.status === 404) {
		return {
			title: "There is nothing here",
			text: "It may have been deleted, or its time of keeping is over.",
		};
	}
	if (error instanceof MusterError) {
		return { title: error.problem?.title ?? "The server refused", text: error.message };
	}
	if (error instanceof MusterTimeoutError) {
		return { title: "No answer in time", text: "The server is busy, or far away." };
	}
	if (error instanceof MusterNetworkError) {
		return { title: "The server is out of reach", text: "It may be restarting, or this device is offline." };
	}
	return { title: "Something went wrong in this page", text: String(error) };
}
