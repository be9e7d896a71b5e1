import { Button, Group, Menu, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import type { Entity } from "@muster/client";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { Icon } from "../pieces/icon.tsx";
import { ListTable } from "../pieces/list-table.tsx";
import { Screen } from "../pieces/screen.tsx";
import { Empty, Loading, Trouble } from "../pieces/states.tsx";
import { Time } from "../pieces/time.tsx";
import { service } from "../service.ts";
import { ColumnChoice } from "./column-choice.tsx";
import { DetailFilters } from "./detail-filters.tsx";
import { useFields } from "./fields.ts";
import { columnsOf } from "./record-columns.tsx";
import { idOf, type Profile, recordWords } from "./record-words.ts";

export interface RecordSearch {
	readonly search?: string;
	readonly organization?: string;
	/** Detail filters such as `tier=Gold`. */
	readonly filter?: readonly string[];
	/** Ids of the detail fields that are columns. */
	readonly columns?: readonly string[];
}

/** How long after the last key a search is asked for, in milliseconds. */
const typingMs = 150;
/** Columns of details that are shown until others are chosen. */
const columnsUsual = 2;

/** Customers or organizations: search as one types, filters by details, columns to choose, export of what is found. */
export function RecordList({
	entity,
	search,
	onSearch,
}: {
	readonly entity: Entity;
	readonly search: RecordSearch;
	readonly onSearch: (change: Partial<RecordSearch>) => void;
}) {
	const { title, one } = recordWords[entity];
	const fields = useFields(entity);
	const shown = search.columns ?? fields.slice(0, columnsUsual).map(({ id }) => id);
	const filter = useMemo(
		() => ({ search: search.search, organization: search.organization, filter: search.filter }),
		[search.search, search.organization, search.filter],
	);
	const list = useInfiniteQuery({
		queryKey: ["records", entity, filter],
		queryFn: async ({ pageParam, signal }) => {
			const page = { limit: 100, cursor: pageParam, signal };
			return entity === "customer"
				? service.records.customer.page(filter, page)
				: service.records.organization.page(filter, page);
		},
		initialPageParam: undefined as string | undefined,
		getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
		placeholderData: keepPreviousData,
	});
	const rows = useMemo(
		() => list.data?.pages.flatMap(({ results }): readonly Profile[] => results),
		[list.data],
	);
	const columns = useMemo(() => columnsOf(entity, fields, shown), [entity, fields, shown]);
	const isSought = Boolean(search.search || search.organization || search.filter?.length);
	return (
		<Screen title={title} actions={<Export entity={entity} filter={filter} />}>
			<Group gap="sm" align="flex-end">
				<SearchBox value={search.search ?? ""} label={`Search ${title.toLowerCase()}`} onSearch={onSearch} />
				<ColumnChoice fields={fields} shown={shown} onShown={(chosen) => onSearch({ columns: chosen })} />
				{isSought ? (
					<Button
						variant="subtle"
						onClick={() => onSearch({ search: "", organization: undefined, filter: undefined })}
					>
						Clear search
					</Button>
				) : null}
			</Group>
			<DetailFilters
				fields={fields}
				filters={search.filter ?? []}
				onFilters={(chosen) => onSearch({ filter: chosen })}
			/>
			{list.error === null ? null : <Trouble error={list.error} onRetry={() => void list.refetch()} />}
			{rows === undefined && list.error === null ? <Loading label={`Loading ${one}s`} rows={10} /> : null}
			{rows?.length === 0 && !list.hasNextPage ? <None entity={entity} isSought={isSought} /> : null}
			{rows === undefined || (rows.length === 0 && !list.hasNextPage) ? null : (
				<ListTable
					label={title}
					one={one}
					columns={columns}
					rows={rows}
					keyOf={idOf}
					hasMore={list.hasNextPage}
					isLoadingMore={list.isFetchingNextPage}
					onMore={list.fetchNextPage}
					minWidth="16rem"
					wideMinWidth={
						entity === "customer" ? `${17 + 7.5 * (columns.length - 1)}rem` : `${8 * columns.length}rem`
					}
					note={noteOf}
				/>
			)}
		</Screen>
	);
}

function noteOf(profile: Profile) {
	if ("email" in profile) return profile.email;
	return (
		<>
			No. {profile.id}, changed <Time iso={profile.updatedDate} />
		</>
	);
}

/** What is typed shows at once; it is sought when one pauses. */
function SearchBox({
	value,
	label,
	onSearch,
}: {
	readonly value: string;
	readonly label: string;
	readonly onSearch: (change: Partial<RecordSearch>) => void;
}) {
	const [text, setText] = useState(value);
	const [last, setLast] = useState(value);
	// The address was changed by something else: a link, going back, clearing.
	if (value !== last) {
		setLast(value);
		if (value !== text.trim()) setText(value);
	}
	const ask = useDebouncedCallback((next: string) => onSearch({ search: next.trim() }), typingMs);
	return (
		<TextInput
			type="search"
			label={label}
			placeholder="A part of a name or email"
			leftSection={<Icon name="search" size={16} />}
			value={text}
			flex="1 1 16rem"
			maw={420}
			dir="auto"
			maxLength={255}
			onChange={(event) => {
				setText(event.currentTarget.value);
				ask(event.currentTarget.value);
			}}
		/>
	);
}

function Export({
	entity,
	filter,
}: {
	readonly entity: Entity;
	readonly filter: Pick<RecordSearch, "search" | "organization" | "filter">;
}) {
	const path = (format: "csv" | "jsonl"): string =>
		(entity === "customer" ? service.records.customer : service.records.organization).exportPath(
			filter,
			format,
		);
	return (
		<Menu position="bottom-end">
			<Menu.Target>
				<Button variant="default" leftSection={<Icon name="download" size={16} />}>
					Export
				</Button>
			</Menu.Target>
			<Menu.Dropdown>
				<Menu.Item component="a" href={path("csv")} download={`${entity}s.csv`}>
					What is found, as CSV
				</Menu.Item>
				<Menu.Item component="a" href={path("jsonl")} download={`${entity}s.jsonl`}>
					What is found, as JSON lines
				</Menu.Item>
			</Menu.Dropdown>
		</Menu>
	);
}

function None({ entity, isSought }: { readonly entity: Entity; readonly isSought: boolean }) {
	const { one } = recordWords[entity];
	return isSought ? (
		<Empty icon="search" title={`No ${one} is like that`}>
			Search for less of the name, or take a filter away.
		</Empty>
	) : (
		<Empty icon={entity === "customer" ? "customers" : "organizations"} title={`There is no ${one} yet`}>
			Import a file, or send a list by the API.
		</Empty>
	);
}
