import { Alert, Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { operationNamed } from "@muster/client";
import { useInfiniteQuery, useMutation } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { counted } from "../pieces/count.ts";
import { Icon } from "../pieces/icon.tsx";
import { TextLink } from "../pieces/links.tsx";
import { ListTable } from "../pieces/list-table.tsx";
import { LiveNote } from "../pieces/live-note.tsx";
import { Screen } from "../pieces/screen.tsx";
import { Empty, Loading, Trouble } from "../pieces/states.tsx";
import { queries } from "../queries.ts";
import { service } from "../service.ts";
import { useSession } from "../session.ts";
import { type FailedRow, isSought, rowOf, suggestionIn } from "./failed-rows.ts";
import { columnsWith } from "./item-columns.tsx";
import { kindOf } from "./kind.ts";
import { type Corrections, type SentAgain, sendCorrected, settle } from "./send-corrected.ts";

const route = getRouteApi("/shell/failures/items");

/** The items of one cause: corrected in place, one by one or all alike, and sent again. */
export function FailedItems() {
	const search = route.useSearch();
	const kind = useMemo(() => kindOf(search), [search]);
	const list = useInfiniteQuery({
		queryKey: ["failures", "items", kind],
		queryFn: ({ pageParam, signal }) =>
			service.failures.page(kind, { limit: 100, cursor: pageParam, signal }),
		initialPageParam: undefined as string | undefined,
		getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
		refetchOnWindowFocus: false,
	});
	const rows = useMemo(() => list.data?.pages.flatMap(({ results }) => results.map(rowOf)), [list.data]);
	// It stays when what was sent has left the list.
	const [sent, setSent] = useState<SentAgain | null>(null);
	const shownValue = kind.value == null ? "No value" : kind.value === "" ? "Blank" : kind.value;
	return (
		<Screen
			title={kind.code === undefined ? "Failed items" : shownValue}
			about={
				<>
					<TextLink to="/failures" underline="always">
						Failures
					</TextLink>{" "}
					· {search.field || "the item"} · {search.code}
				</>
			}
		>
			{list.error === null ? null : <Trouble error={list.error} onRetry={() => void list.refetch()} />}
			<LiveNote>{sent === null ? null : <Sent sent={sent} />}</LiveNote>
			{rows === undefined && list.error === null ? <Loading label="Loading failed items" /> : null}
			{rows?.length === 0 && !list.hasNextPage ? (
				<Empty icon="check" title="None is left">
					All of these were dealt with.{" "}
					<TextLink to="/failures" underline="always">
						See what else fails
					</TextLink>
				</Empty>
			) : null}
			{rows === undefined || rows.length === 0 ? null : (
				<Correcting
					rows={rows}
					kind={kind}
					hasMore={list.hasNextPage}
					isLoadingMore={list.isFetchingNextPage}
					onMore={list.fetchNextPage}
					onSent={setSent}
				/>
			)}
		</Screen>
	);
}

/** What became of items that were sent again. */
function Sent({ sent: { sent, failed, taskIds } }: { readonly sent: SentAgain }) {
	return (
		<Alert
			color={failed === 0 ? "green" : "orange"}
			variant="outline"
			title={`${counted(sent, "item")} sent again`}
		>
			{failed === 0
				? "All took effect."
				: `${counted(failed, "item")} failed once more, and stand among the failures.`}{" "}
			{taskIds.slice(0, 5).map((taskId, place) => (
				<TextLink key={taskId} to="/tasks/$taskId" params={{ taskId }} size="sm" me="xs" underline="always">
					Task {place + 1}
				</TextLink>
			))}
		</Alert>
	);
}

interface CorrectingProps {
	readonly rows: readonly FailedRow[];
	readonly kind: ReturnType<typeof kindOf>;
	readonly hasMore: boolean;
	readonly isLoadingMore: boolean;
	readonly onMore: () => void;
	readonly onSent: (sent: SentAgain) => void;
}

function Correcting({ rows, kind, onSent, ...more }: CorrectingProps) {
	const [corrections, setCorrections] = useState<Corrections>(new Map());
	const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
	const [forAll, setForAll] = useState(() => suggestionOf(rows, kind) ?? "");
	const chosen = rows.filter(({ key }) => !left.has(key));
	const mayWrite = useMayWrite(rows);
	const correct = (key: string, pointer: string, text: string): void =>
		setCorrections((before) => new Map(before).set(key, new Map(before.get(key)).set(pointer, text)));
	const after = async (): Promise<void> => {
		setCorrections(new Map());
		await queries.invalidateQueries({ queryKey: ["failures"] });
	};
	const send = useMutation({
		mutationFn: () => sendCorrected(chosen, corrections),
		onSuccess: onSent,
		onSettled: after,
	});
	const dismiss = useMutation({ mutationFn: () => settle(chosen), onSettled: after });
	const applyToAll = (): void => {
		const next = new Map(corrections);
		for (const { key, faults } of chosen) {
			const places = faults.filter((fault) => fault.isCorrectable && isSought(fault, kind));
			next.set(
				key,
				new Map([...(next.get(key) ?? []), ...places.map(({ pointer }) => [pointer, forAll] as const)]),
			);
		}
		setCorrections(next);
	};
	const trouble = send.error ?? dismiss.error;
	const isBusy = send.isPending || dismiss.isPending;
	return (
		<Stack>
			{mayWrite ? (
				<Group align="flex-end" gap="sm">
					<form
						onSubmit={(event) => {
							event.preventDefault();
							applyToAll();
						}}
					>
						<Group align="flex-end" gap="xs">
							<TextInput
								label="Correct all to"
								value={forAll}
								onChange={(event) => setForAll(event.currentTarget.value)}
							/>
							<Button type="submit" variant="default">
								Fill in
							</Button>
						</Group>
					</form>
					<Button
						leftSection={<Icon name="retry" size={16} />}
						loading={send.isPending}
						disabled={chosen.length === 0 || isBusy}
						onClick={() => send.mutate()}
					>
						Send {counted(chosen.length, "item")} again
					</Button>
					<Button
						variant="default"
						disabled={chosen.length === 0 || isBusy}
						loading={dismiss.isPending}
						onClick={() => dismiss.mutate()}
						title="Takes them off this list and changes nothing else"
					>
						Take off the list
					</Button>
				</Group>
			) : (
				<Text size="sm" c="dimmed">
					The token that you are signed in with may read these and not send them again.
				</Text>
			)}
			{trouble === null ? null : <Trouble error={trouble} />}
			<ListTable
				label="Failed items"
				one="item"
				columns={columnsWith({ corrections, correct, left, setLeft, mayWrite })}
				rows={rows}
				keyOf={({ key }) => key}
				minWidth="18rem"
				wideMinWidth="42rem"
				{...(mayWrite ? {} : { note: whyOf })}
				{...more}
			/>
		</Stack>
	);
}

function whyOf({ faults }: FailedRow): string {
	return faults.map(({ message, hint }) => hint ?? message).join(" ");
}

/** Rows are of several operations at times; who may write all of them may send them again. */
function useMayWrite(rows: readonly FailedRow[]): boolean {
	const { scopes } = useSession();
	if (scopes.includes("*")) return true;
	return rows.every(({ failed: { operation } }) => scopes.includes(operationNamed(operation).writeScope));
}

function suggestionOf(rows: readonly FailedRow[], kind: ReturnType<typeof kindOf>): string | null {
	for (const { faults } of rows) {
		const sought = faults.find((fault) => isSought(fault, kind));
		if (sought !== undefined) return suggestionIn(sought.hint);
	}
	return null;
}
