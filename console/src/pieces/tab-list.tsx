import { Tabs } from "@mantine/core";
import { type ReactNode, useEffect, useRef } from "react";
import classes from "./tab-list.module.css";

/** Tabs in one line; a narrow screen scrolls it, and the chosen one is always in sight. */
export function TabList({ chosen, children }: { readonly chosen: string; readonly children: ReactNode }) {
	const list = useRef<HTMLDivElement>(null);
	// biome-ignore lint/correctness/useExhaustiveDependencies: another tab was chosen, which this looks for in the page
	useEffect(() => {
		const tab = list.current?.querySelector('[role="tab"][aria-selected="true"]');
		tab?.scrollIntoView({ block: "nearest", inline: "nearest" });
	}, [chosen]);
	return (
		<Tabs.List ref={list} mb="lg" className={classes.list}>
			{children}
		</Tabs.List>
	);
}
