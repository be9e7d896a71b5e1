import { Paper, Stack, Text, Title } from "@mantine/core";
import { readScopes } from "@muster/client";
import { useQuery } from "@tanstack/react-query";
import { TextLink } from "../pieces/links.tsx";
import { Loading, Trouble } from "../pieces/states.tsx";
import { service } from "../service.ts";
import { useMay } from "../session.ts";

/** Members that are shown here; all of them are one link away. */
const shownMax = 10;

/** The customers of an organization, the first few. */
export function Members({ organizationId }: { readonly organizationId: string }) {
	const isAllowed = useMay(readScopes.customer);
	const { data, error, refetch } = useQuery({
		queryKey: ["records", "customer", { organization: organizationId }, "first"],
		queryFn: ({ signal }) =>
			service.records.customer.page({ organization: organizationId }, { limit: shownMax, signal }),
		enabled: isAllowed,
	});
	if (!isAllowed) return null;
	return (
		<Paper withBorder p="md" component="section" aria-label="Customers">
			<Title order={2} mb="sm">
				Customers
			</Title>
			{error === null ? null : <Trouble error={error} onRetry={() => void refetch()} />}
			{data === undefined && error === null ? <Loading rows={3} /> : null}
			{data?.results.length === 0 ? (
				<Text size="sm" c="dimmed">
					It has none.
				</Text>
			) : null}
			<Stack component="ul" gap={6} m={0} p={0} style={{ listStyle: "none" }}>
				{data?.results.map(({ customerId, displayName, email }) => (
					<li key={customerId}>
						<TextLink to="/customers/$id" params={{ id: customerId }} size="sm" dir="auto">
							{displayName}
						</TextLink>{" "}
						<Text span size="sm" c="dimmed">
							{email}
						</Text>
					</li>
				))}
			</Stack>
			{data?.nextCursor == null ? null : (
				<TextLink to="/customers" search={{ organization: organizationId }} size="sm" mt="sm" display="block">
					All of them
				</TextLink>
			)}
		</Paper>
	);
}
