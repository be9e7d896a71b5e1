import { AppShell, Box, Burger, Group, ScrollArea, VisuallyHidden } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { Outlet, useLocation, useRouter } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { sessionQuery } from "../session.ts";
import { AccountMenu } from "./account-menu.tsx";
import { Logo } from "./logo.tsx";
import { Navigation } from "./navigation.tsx";
import { SchemeToggle } from "./scheme-toggle.tsx";
import classes from "./shell.module.css";

/** What stands around every screen: where one is, where one can go, and who one is. */
export function Shell() {
	const { data: session } = useQuery(sessionQuery);
	const router = useRouter();
	const [isOpen, { toggle, close }] = useDisclosure();
	const main = useScreenFocus(useLocation().pathname);
	useEffect(() => {
		// The session has ended meanwhile: the route leads to sign in, and back here.
		if (session == null) void router.invalidate();
	}, [session, router]);
	if (session == null) return null;
	return (
		<AppShell
			header={{ height: 52 }}
			navbar={{ width: 220, breakpoint: "sm", collapsed: { mobile: !isOpen } }}
			padding={{ base: "md", md: "xl" }}
		>
			<a className={classes.skip} href="#screen">
				Skip to content
			</a>
			<AppShell.Header className={classes.header}>
				<Group h="100%" px="md" gap="sm" wrap="nowrap">
					<Burger
						opened={isOpen}
						onClick={toggle}
						hiddenFrom="sm"
						size="sm"
						aria-label="Navigation"
						aria-expanded={isOpen}
					/>
					<Logo siteName={session.siteName} />
					<Box flex={1} />
					<SchemeToggle />
					<AccountMenu session={session} />
				</Group>
			</AppShell.Header>
			<AppShell.Navbar p="sm" className={classes.navbar} aria-label="Screens">
				<ScrollArea type="auto">
					<Navigation onChosen={close} />
				</ScrollArea>
			</AppShell.Navbar>
			<AppShell.Main id="screen" ref={main} tabIndex={-1} className={classes.main}>
				<Outlet />
			</AppShell.Main>
			<VisuallyHidden>
				<output aria-live="polite" id="announcements" />
			</VisuallyHidden>
		</AppShell>
	);
}

/** Going to another screen moves the focus to it, as loading a page does; the first one is where the browser put it. */
function useScreenFocus(pathname: string) {
	const main = useRef<HTMLElement>(null);
	const last = useRef(pathname);
	useEffect(() => {
		if (last.current !== pathname) main.current?.focus({ preventScroll: true });
		last.current = pathname;
	}, [pathname]);
	return main;
}
