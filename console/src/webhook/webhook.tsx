import { Alert, Paper, Title } from "@mantine/core";
import type { Webhook as WebhookData } from "@muster/client";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { Fact, Facts } from "../pieces/facts.tsx";
import { TextLink } from "../pieces/links.tsx";
import { Screen } from "../pieces/screen.tsx";
import { Loading, Trouble } from "../pieces/states.tsx";
import { Time } from "../pieces/time.tsx";
import { service } from "../service.ts";
import { Deliveries } from "./deliveries.tsx";
import { WebhookActions } from "./webhook-actions.tsx";
import { WebhookMark } from "./webhook-words.tsx";

const route = getRouteApi("/shell/settings/webhooks/$webhookId");

/** One webhook: whether messages arrive, what is to be done where they do not, and each message with what became of it. */
export function Webhook() {
	const { webhookId } = route.useParams();
	const { data, error, refetch } = useQuery({
		queryKey: ["webhooks", webhookId],
		queryFn: ({ signal }) => service.webhooks.get(webhookId, { signal }),
	});
	const above = (
		<TextLink to="/settings" search={{ tab: "webhooks" }} underline="always">
			Webhooks
		</TextLink>
	);
	if (data === undefined) {
		return (
			<Screen title="Webhook" about={above}>
				{error === null ? (
					<Loading label="Loading the webhook" />
				) : (
					<Trouble error={error} onRetry={() => void refetch()} />
				)}
			</Screen>
		);
	}
	return (
		<Screen title={new URL(data.url).host} about={above} actions={<WebhookActions webhook={data} />}>
			{error === null ? null : <Trouble error={error} onRetry={() => void refetch()} />}
			<Warning webhook={data} />
			<Paper withBorder p="md">
				<Facts>
					<Fact term="Address" dir="ltr">
						{data.url}
					</Fact>
					<Fact term="State">
						<WebhookMark status={data.status} />
					</Fact>
					<Fact term="Is told of">{data.events.join(", ")}</Fact>
					<Fact term="Made">
						<Time iso={data.createdDate} />
					</Fact>
					{data.formerSecretUntil === undefined ? null : (
						<Fact term="Former secret">
							Messages are signed with it too until <Time iso={data.formerSecretUntil} />
						</Fact>
					)}
				</Facts>
			</Paper>
			<section aria-label="Deliveries">
				<Title order={2} mb="sm">
					Deliveries
				</Title>
				<Deliveries webhook={data} />
			</section>
		</Screen>
	);
}

/** What is wrong with it, and what can be done. */
function Warning({ webhook: { status, failingSince } }: { readonly webhook: WebhookData }) {
	if (status === "gone") {
		return (
			<Alert color="orange" variant="outline" title="Its receiver wants no more">
				It answered 410, so it was switched off. What waits goes out when you resume it.
			</Alert>
		);
	}
	if (status === "disabled") {
		return (
			<Alert color="gray" variant="outline" title="It is paused">
				No messages are made for it. What waits goes out when you resume it.
			</Alert>
		);
	}
	if (failingSince === undefined) return null;
	return (
		<Alert color="red" variant="outline" title="Messages do not arrive">
			Nothing has arrived since <Time iso={failingSince} />. Each message is tried for a day; the list below
			says what the receiver answered.
		</Alert>
	);
}
