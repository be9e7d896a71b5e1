import { Stack } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { Icon, type IconName } from "../pieces/icon.tsx";
import classes from "./shell.module.css";

interface Entry {
	readonly to:
		| "/"
		| "/tasks"
		| "/failures"
		| "/customers"
		| "/organizations"
		| "/fields"
		| "/import"
		| "/settings";
	readonly label: string;
	readonly icon: IconName;
}

/** The screens in the order in which people need them: what happened, then what there is, then how it is set up. */
const entries: readonly Entry[] = [
	{ to: "/", label: "Overview", icon: "overview" },
	{ to: "/tasks", label: "Tasks", icon: "tasks" },
	{ to: "/failures", label: "Failures", icon: "failures" },
	{ to: "/customers", label: "Customers", icon: "customers" },
	{ to: "/organizations", label: "Organizations", icon: "organizations" },
	{ to: "/fields", label: "Detail fields", icon: "fields" },
	{ to: "/import", label: "Import", icon: "import" },
	{ to: "/settings", label: "Settings", icon: "settings" },
];

export function Navigation({ onChosen }: { readonly onChosen: () => void }) {
	return (
		<Stack component="ul" gap={2} m={0} p={0} style={{ listStyle: "none" }}>
			{entries.map(({ to, label, icon }) => (
				<li key={label}>
					<Link
						to={to}
						className={classes.link}
						onClick={onChosen}
						activeOptions={{ exact: to === "/", includeSearch: false }}
					>
						<Icon name={icon} />
						{label}
					</Link>
				</li>
			))}
		</Stack>
	);
}
