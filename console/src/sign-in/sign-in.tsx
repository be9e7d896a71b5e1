import { Anchor, Box, Button, Code, Group, Paper, PasswordInput, Stack, Text, Title } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { getRouteApi, useRouter } from "@tanstack/react-router";
import { type FormEvent, useEffect, useState } from "react";
import { wordsOf } from "../pieces/states.tsx";
import { isSignedOut, queries } from "../queries.ts";
import { service } from "../service.ts";
import { sessionQuery } from "../session.ts";
import { SchemeToggle } from "../shell/scheme-toggle.tsx";

const route = getRouteApi("/sign-in");

/**
 * Takes a token once and hands it to the server, which keeps this browser signed in by a cookie. A link of
 * `muster console` comes here too, with its key behind the #, and needs nothing more.
 */
export function SignIn() {
	const { next } = route.useSearch();
	const router = useRouter();
	const [token, setToken] = useState("");
	const signIn = useMutation({
		mutationFn: (secret: string) => service.sessions.signIn(secret),
		onSuccess: (session) => {
			queries.clear();
			queries.setQueryData(sessionQuery.queryKey, session);
			// Only to a screen of ours: it came by the address, which anybody may have written.
			router.history.replace(next?.startsWith("/") === true && !next.startsWith("//") ? next : "/");
		},
	});
	const { mutate } = signIn;
	useEffect(() => {
		document.title = "Sign in · Muster";
		const key = window.location.hash.slice(1);
		if (!key.startsWith("msl_")) return;
		// Used up now, and of no use in the browser's history.
		window.history.replaceState(null, "", window.location.pathname + window.location.search);
		mutate(key);
	}, [mutate]);
	const submit = (event: FormEvent): void => {
		event.preventDefault();
		if (token.trim() !== "") mutate(token.trim());
	};
	return (
		<Box mih="100dvh" style={{ display: "grid", placeItems: "center" }} p="md" component="main">
			<Box pos="fixed" top={8} right={8}>
				<SchemeToggle />
			</Box>
			<Stack w="100%" maw={420} gap="lg">
				<Group gap="sm" justify="center">
					<img src="./muster.svg" width={36} height={36} alt="" />
					<Title order={1}>Muster</Title>
				</Group>
				<Paper withBorder p="xl" radius="lg">
					<form onSubmit={submit}>
						<Stack>
							<PasswordInput
								label="Token"
								description="It begins with mst_. The first start wrote one into .muster/dev.env."
								value={token}
								onChange={(event) => setToken(event.currentTarget.value)}
								error={signIn.isError ? reasonOf(signIn.error) : null}
								autoComplete="current-password"
								spellCheck={false}
								data-autofocus
								required
								withAsterisk={false}
								visibilityToggleButtonProps={{ "aria-label": "Show the token" }}
							/>
							<Button type="submit" loading={signIn.isPending} fullWidth>
								Sign in
							</Button>
						</Stack>
					</form>
				</Paper>
				<Text size="sm" c="dimmed" ta="center">
					Or run <Code>npx muster console</Code> where the server runs: it prints a link that signs you in.
					The{" "}
					<Anchor href="docs" underline="always">
						API documentation
					</Anchor>{" "}
					is open to all.
				</Text>
			</Stack>
		</Box>
	);
}

function reasonOf(error: unknown): string {
	if (isSignedOut(error)) {
		return "This token or link is not known here: it may be mistyped, revoked, used or past its time.";
	}
	return wordsOf(error).text;
}
