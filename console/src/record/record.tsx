import { Button, Code, Group, Paper, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { type CustomerProfile, type Entity, operationNamed } from "@muster/client";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Fact, Facts } from "../pieces/facts.tsx";
import { Icon } from "../pieces/icon.tsx";
import { TextLink } from "../pieces/links.tsx";
import { Screen } from "../pieces/screen.tsx";
import { Loading, Trouble } from "../pieces/states.tsx";
import { Time } from "../pieces/time.tsx";
import { useFields } from "../records/fields.ts";
import { idOf, nameOf, type Profile, recordWords } from "../records/record-words.ts";
import { service } from "../service.ts";
import { useMay } from "../session.ts";
import { AccountForm } from "./account-form.tsx";
import { Details } from "./details.tsx";
import { History } from "./history.tsx";
import { Members } from "./members.tsx";
import { PersonActions } from "./person-actions.tsx";
import { RemoveRecord } from "./remove-record.tsx";

export function recordQueryKey(entity: Entity, id: string) {
	return ["record", entity, id] as const;
}

/** One customer or organization: who it is, its details, whom it belongs with; edited in place. */
export function RecordScreen({ entity, id }: { readonly entity: Entity; readonly id: string }) {
	const { one, title, path } = recordWords[entity];
	const { data, error, refetch } = useQuery({
		queryKey: recordQueryKey(entity, id),
		queryFn: async ({ signal }): Promise<Profile> =>
			entity === "customer"
				? service.getProfile("customer", id, { signal })
				: service.getProfile("organization", id, { signal }),
	});
	const above = (
		<TextLink to={path} underline="always">
			{title}
		</TextLink>
	);
	if (data === undefined) {
		return (
			<Screen title={one === "customer" ? "Customer" : "Organization"} about={above}>
				{error === null ? (
					<Loading label={`Loading the ${one}`} />
				) : (
					<Trouble error={error} onRetry={() => void refetch()} />
				)}
			</Screen>
		);
	}
	return (
		<Screen
			title={nameOf(data) || "(no name)"}
			about={above}
			actions={
				<>
					{"email" in data ? <PersonActions profile={data} /> : null}
					<RemoveRecord entity={entity} profile={data} />
				</>
			}
		>
			{error === null ? null : <Trouble error={error} onRetry={() => void refetch()} />}
			<SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
				<Stack gap="lg">
					<Account entity={entity} profile={data} />
					{"organizations" in data ? <Organizations profile={data} /> : null}
					<RecordDetails entity={entity} profile={data} id={id} />
				</Stack>
				<Stack gap="lg">
					<History
						entity={entity}
						id={id}
						{...("organizations" in data ? { linked: data.organizations } : {})}
					/>
					{entity === "organization" ? <Members organizationId={id} /> : null}
				</Stack>
			</SimpleGrid>
		</Screen>
	);
}

function Account({ entity, profile }: { readonly entity: Entity; readonly profile: Profile }) {
	const [isEditing, setEditing] = useState(false);
	const mayWrite = useMay(operationNamed(entity).writeScope);
	return (
		<Paper withBorder p="md" component="section" aria-label="Account">
			<Group justify="space-between" mb="sm">
				<Title order={2}>{entity === "customer" ? "Account" : "Name"}</Title>
				{mayWrite && !isEditing ? (
					<Button
						size="compact-sm"
						variant="default"
						leftSection={<Icon name="edit" size={14} />}
						onClick={() => setEditing(true)}
					>
						Edit
					</Button>
				) : null}
			</Group>
			{isEditing ? (
				<AccountForm entity={entity} profile={profile} onDone={() => setEditing(false)} />
			) : (
				<Facts>
					{"email" in profile ? (
						<Fact term="Email" dir="ltr">
							{profile.email}
						</Fact>
					) : null}
					<Fact term={entity === "customer" ? "Display name" : "Name"}>{nameOf(profile)}</Fact>
					<Fact term={entity === "customer" ? "Id" : "No."} dir="ltr">
						<Code fz="xs">{idOf(profile)}</Code>
					</Fact>
					<Fact term="Created">
						<Time iso={profile.createdDate} />
					</Fact>
					<Fact term="Changed">
						<Time iso={profile.updatedDate} />
					</Fact>
					{profile.sourceUpdatedAt === undefined ? null : (
						<Fact term="Changed at its source">
							<Time iso={profile.sourceUpdatedAt} />
						</Fact>
					)}
				</Facts>
			)}
		</Paper>
	);
}

function Organizations({ profile: { organizations } }: { readonly profile: CustomerProfile }) {
	return (
		<Paper withBorder p="md" component="section" aria-label="Organizations">
			<Title order={2} mb="sm">
				Organizations
			</Title>
			{organizations.length === 0 ? (
				<Text size="sm" c="dimmed">
					In none.
				</Text>
			) : (
				<Stack component="ul" gap={6} m={0} p={0} style={{ listStyle: "none" }}>
					{organizations.map(({ id, name }) => (
						<li key={id}>
							<TextLink to="/organizations/$id" params={{ id }} size="sm" dir="auto">
								{name}
							</TextLink>
						</li>
					))}
				</Stack>
			)}
		</Paper>
	);
}

function RecordDetails({
	entity,
	profile,
	id,
}: {
	readonly entity: Entity;
	readonly profile: Profile;
	readonly id: string;
}) {
	const fields = useFields(entity);
	return (
		<Paper withBorder p="md" component="section" aria-label="Details">
			<Title order={2} mb="sm">
				Details
			</Title>
			<Details entity={entity} id={id} fields={fields} values={profile.details} />
		</Paper>
	);
}
