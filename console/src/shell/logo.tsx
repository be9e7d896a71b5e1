import { Group, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import classes from "./shell.module.css";

/** The program's mark and the name of the site, which leads to the first screen. */
export function Logo({ siteName }: { readonly siteName: string }) {
	return (
		<Group gap={10} wrap="nowrap" miw={0}>
			<Link to="/" aria-label="Muster, first screen">
				<img src="./muster.svg" width={26} height={26} alt="" style={{ display: "block" }} />
			</Link>
			<Text fw={650} visibleFrom="xs">
				Muster
			</Text>
			<Text c="dimmed" visibleFrom="xs" aria-hidden>
				/
			</Text>
			<Text className={classes.site} title={siteName} dir="auto">
				{siteName}
			</Text>
		</Group>
	);
}
