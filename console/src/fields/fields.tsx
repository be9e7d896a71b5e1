import { Button, Group, SegmentedControl, Stack, Text } from "@mantine/core";
import { type Entity, operationNamed, readScopes } from "@muster/client";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { Icon } from "../pieces/icon.tsx";
import { Screen } from "../pieces/screen.tsx";
import { Empty, Loading, Trouble } from "../pieces/states.tsx";
import { fieldsQuery } from "../records/fields.ts";
import { service } from "../service.ts";
import { useMay } from "../session.ts";
import { FieldRow } from "./field-row.tsx";
import classes from "./fields.module.css";
import { NewField } from "./new-field.tsx";

const route = getRouteApi("/shell/fields");

/** The site's own fields, in their order: made, renamed, moved, with their options, and how many records use each. */
export function Fields() {
	const { of } = route.useSearch();
	const navigate = route.useNavigate();
	const entity: Entity = of === "organization" ? "organization" : "customer";
	return (
		<Screen
			title="Detail fields"
			about="What a record has beside its name. Renaming a field or an option keeps the records' values."
		>
			<SegmentedControl
				value={entity}
				onChange={(chosen) =>
					void navigate({ search: chosen === "customer" ? {} : { of: chosen }, replace: true })
				}
				data={[
					{ value: "customer", label: "Of customers" },
					{ value: "organization", label: "Of organizations" },
				]}
				style={{ alignSelf: "flex-start" }}
				aria-label="Whose fields"
			/>
			<FieldList key={entity} entity={entity} />
		</Screen>
	);
}

function FieldList({ entity }: { readonly entity: Entity }) {
	const { data: fields, error, refetch } = useQuery(fieldsQuery(entity));
	const mayRead = useMay(readScopes[entity]);
	const mayWrite = useMay(operationNamed(`${entity}.definitions`).writeScope);
	const [isNew, setNew] = useState(false);
	const usage = useQuery({
		queryKey: ["fields", entity, "usage"],
		queryFn: ({ signal }) => service.records[entity].detailUsage({ signal }),
		enabled: mayRead,
	});
	const usedBy = new Map(usage.data?.results.map(({ fieldId, records }) => [fieldId, records]));
	if (fields === undefined) {
		return error === null ? <Loading /> : <Trouble error={error} onRetry={() => void refetch()} />;
	}
	return (
		<Stack>
			{error === null ? null : <Trouble error={error} onRetry={() => void refetch()} />}
			{fields.length === 0 ? (
				<Empty icon="fields" title="There are no fields yet">
					Make one here; an item or an import that names a new one makes it too.
				</Empty>
			) : (
				<ul className={classes.list}>
					{fields.map((field, place) => (
						<FieldRow
							key={field.id}
							entity={entity}
							field={field}
							place={place}
							last={fields.length - 1}
							usedBy={usedBy.get(field.id)}
							isAtLeast={usage.data?.isPartial === true}
							mayWrite={mayWrite}
						/>
					))}
				</ul>
			)}
			{usage.data?.isPartial ? (
				<Text size="sm" c="dimmed">
					Uses are counted in the 100,000 oldest records.
				</Text>
			) : null}
			{mayWrite ? (
				isNew ? (
					<NewField entity={entity} onDone={() => setNew(false)} />
				) : (
					<Group>
						<Button leftSection={<Icon name="plus" size={16} />} onClick={() => setNew(true)}>
							New field
						</Button>
					</Group>
				)
			) : null}
		</Stack>
	);
}
