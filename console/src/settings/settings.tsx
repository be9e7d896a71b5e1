import { Tabs } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { Screen } from "../pieces/screen.tsx";
import { TabList } from "../pieces/tab-list.tsx";
import { AuditLog } from "./audit-log.tsx";
import { Connectors } from "./connectors.tsx";
import { SiteForm } from "./site-form.tsx";
import { Tokens } from "./tokens.tsx";
import { Webhooks } from "./webhooks.tsx";

const route = getRouteApi("/shell/settings");

/** What administrators see: tokens, the site's settings and limits, whom it tells and where records come from, and what was done to all of it. */
export function Settings() {
	const { tab = "tokens" } = route.useSearch();
	const navigate = route.useNavigate();
	return (
		<Screen title="Settings">
			<Tabs
				value={tab}
				onChange={(chosen) =>
					void navigate({ search: chosen === "tokens" ? {} : { tab: chosen ?? "" }, replace: true })
				}
				keepMounted={false}
			>
				<TabList chosen={tab}>
					<Tabs.Tab value="tokens">Tokens</Tabs.Tab>
					<Tabs.Tab value="site">Site and limits</Tabs.Tab>
					<Tabs.Tab value="webhooks">Webhooks</Tabs.Tab>
					<Tabs.Tab value="connectors">Connectors</Tabs.Tab>
					<Tabs.Tab value="audit">Audit log</Tabs.Tab>
				</TabList>
				<Tabs.Panel value="tokens">
					<Tokens />
				</Tabs.Panel>
				<Tabs.Panel value="site">
					<SiteForm />
				</Tabs.Panel>
				<Tabs.Panel value="webhooks">
					<Webhooks />
				</Tabs.Panel>
				<Tabs.Panel value="connectors">
					<Connectors />
				</Tabs.Panel>
				<Tabs.Panel value="audit">
					<AuditLog />
				</Tabs.Panel>
			</Tabs>
		</Screen>
	);
}
