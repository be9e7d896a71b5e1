import { useMediaQuery } from "@mantine/hooks";
import { useVirtualizer } from "@tanstack/react-virtual";
import {
	type CSSProperties,
	type KeyboardEvent,
	type MouseEvent,
	type ReactNode,
	useEffect,
	useRef,
} from "react";
import { counted } from "./count.ts";
import classes from "./list-table.module.css";

export interface Column<Row> {
	readonly name: string;
	readonly title: string;
	/** Its width as CSS has it; what is left is shared by those without. */
	readonly width?: string | undefined;
	/** Left out on narrow screens. */
	readonly isWide?: boolean;
	/** Numbers stand at the end of their cells. */
	readonly atEnd?: boolean;
	readonly cell: (row: Row) => ReactNode;
}

export interface ListTableProps<Row> {
	/** What the list is, for those who do not see it. */
	readonly label: string;
	readonly one: string;
	readonly columns: readonly Column<Row>[];
	readonly rows: readonly Row[];
	readonly keyOf: (row: Row) => string;
	/** Whether there are more rows than these, which are asked for when the end comes near. */
	readonly hasMore?: boolean;
	readonly isLoadingMore?: boolean;
	readonly onMore?: () => void;
	/** Narrowest that the table is drawn, as CSS has it; a narrower screen scrolls it. */
	readonly minWidth?: string;
	/** The same where all of its columns are there, which on narrow screens they are not. */
	readonly wideMinWidth?: string;
	/** What stands below the first cell of a row on narrow screens, in the place of columns that are left out there. */
	readonly note?: (row: Row) => ReactNode;
}

/** Height of a row, as the style sheet has it, in pixels: of one line, and of one with a note below. */
const rowHeight = 45;
const notedRowHeight = 61;
/** As in the style sheet. */
const narrow = "(max-width: 48em)";

/**
 * A list of any length as a real table, of which only the rows in sight are drawn. A row leads where the first link in it
 * leads; the arrow keys go from one such link to the next.
 */
export function ListTable<Row>(props: ListTableProps<Row>) {
	const {
		label,
		one,
		columns,
		rows,
		keyOf,
		hasMore = false,
		isLoadingMore = false,
		onMore,
		minWidth = "18rem",
		wideMinWidth = minWidth,
		note,
	} = props;
	const box = useRef<HTMLElement>(null);
	const isNoted = useMediaQuery(narrow, undefined, { getInitialValueInEffect: false }) && note !== undefined;
	const virtual = useVirtualizer({
		count: rows.length,
		getScrollElement: () => box.current,
		estimateSize: () => (isNoted ? notedRowHeight : rowHeight),
		overscan: 12,
	});
	// biome-ignore lint/correctness/useExhaustiveDependencies: the heights that it remembers are those of the other width
	useEffect(() => virtual.measure(), [isNoted, virtual]);
	const items = virtual.getVirtualItems();
	const before = items[0]?.start ?? 0;
	const after = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
	const isNearEnd = hasMore && !isLoadingMore && (items.at(-1)?.index ?? 0) >= rows.length - 20;
	useEffect(() => {
		if (isNearEnd) onMore?.();
	}, [isNearEnd, onMore]);
	return (
		// biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard (WCAG 2.1.1)
		<section ref={box} className={classes.box} tabIndex={0} aria-label={label}>
			<table
				className={classes.table}
				// Names of our own, which React has no types for.
				style={{ "--narrow": minWidth, "--wide": wideMinWidth } as CSSProperties}
				aria-rowcount={hasMore ? -1 : rows.length + 1}
				onKeyDown={moveByArrows}
			>
				<thead>
					<tr aria-rowindex={1}>
						{columns.map((column, place) => (
							<th
								key={column.name}
								scope="col"
								// With a note below, the first column takes what the others leave.
								style={{ width: isNoted && place === 0 ? undefined : column.width }}
								{...marks(column)}
							>
								{column.title}
							</th>
						))}
					</tr>
				</thead>
				<tbody>
					<Spacer height={before} />
					{items.map(({ index }) => {
						const row = rows[index];
						if (row === undefined) return null;
						return (
							<tr
								key={keyOf(row)}
								className={classes.row}
								data-noted={isNoted ? true : undefined}
								aria-rowindex={index + 2}
								onClick={followFirstLink}
							>
								{columns.map((column, place) => (
									<td key={column.name} {...marks(column)}>
										{column.cell(row)}
										{isNoted && place === 0 ? <div className={classes.note}>{note(row)}</div> : null}
									</td>
								))}
							</tr>
						);
					})}
					<Spacer height={after} />
				</tbody>
			</table>
			<div className={classes.foot}>
				{isLoadingMore
					? "Loading more…"
					: hasMore
						? `${counted(rows.length, one)} so far; scroll for more`
						: counted(rows.length, one)}
			</div>
		</section>
	);
}

function marks({ isWide, atEnd }: Pick<Column<never>, "isWide" | "atEnd">) {
	return { "data-wide": isWide === true ? true : undefined, "data-end": atEnd === true ? true : undefined };
}

/**
 * The place of the rows that are not drawn. One cell is enough: spanning columns that a narrow screen leaves out, it would
 * bring them back.
 */
function Spacer({ height }: { readonly height: number }) {
	if (height <= 0) return null;
	return (
		<tr className={classes.spacer} aria-hidden>
			<td style={{ height }} />
		</tr>
	);
}

function followFirstLink(event: MouseEvent<HTMLTableRowElement>): void {
	// What was pointed at does something by itself, or a text is being marked.
	if (event.target instanceof Element && event.target.closest("a,button,input,label,summary")) return;
	if (window.getSelection()?.type === "Range") return;
	// A link, and never a button: what a row does when it is clicked anywhere is to lead somewhere.
	event.currentTarget.querySelector<HTMLElement>("a")?.click();
}

function moveByArrows(event: KeyboardEvent<HTMLTableElement>): void {
	if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
	if (!(event.target instanceof HTMLElement) || event.target.matches("input,textarea,select")) return;
	const row = event.target.closest("tr");
	const next = event.key === "ArrowDown" ? row?.nextElementSibling : row?.previousElementSibling;
	const link = next?.querySelector<HTMLElement>("a,button");
	if (link == null) return;
	event.preventDefault();
	link.focus();
}
