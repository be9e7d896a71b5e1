import { Checkbox, Group, Text, TextInput } from "@mantine/core";
import { operationWord } from "../operation-words.ts";
import { TextLink } from "../pieces/links.tsx";
import type { Column } from "../pieces/list-table.tsx";
import type { FailedRow } from "./failed-rows.ts";
import type { Corrections } from "./send-corrected.ts";

export interface Editing {
	readonly corrections: Corrections;
	readonly correct: (key: string, pointer: string, text: string) => void;
	readonly left: ReadonlySet<string>;
	readonly setLeft: (left: ReadonlySet<string>) => void;
	readonly mayWrite: boolean;
}

/** Failed items as a list, in which the values at fault are corrected and items are left out. */
export function columnsWith({
	corrections,
	correct,
	left,
	setLeft,
	mayWrite,
}: Editing): readonly Column<FailedRow>[] {
	const name = ({ failed }: FailedRow): string => failed.clientRef ?? failed.key ?? `No. ${failed.index + 1}`;
	return [
		...(mayWrite
			? [
					{
						name: "chosen",
						title: "Send",
						width: "3.5rem",
						cell: (row: FailedRow) => (
							<Checkbox
								size="sm"
								checked={!left.has(row.key)}
								aria-label={`Send ${name(row)}`}
								onChange={(event) => {
									const next = new Set(left);
									if (event.currentTarget.checked) next.delete(row.key);
									else next.add(row.key);
									setLeft(next);
								}}
							/>
						),
					},
				]
			: []),
		{
			name: "record",
			title: "Item",
			width: "8rem",
			cell: (row) => (
				<TextLink
					to="/tasks/$taskId"
					params={{ taskId: row.failed.taskId }}
					size="sm"
					title={`${name(row)}, ${operationWord(row.failed.operation)}`}
				>
					{name(row)}
				</TextLink>
			),
		},
		{
			name: "values",
			title: "Values at fault",
			cell: (row) => (
				<Group gap="xs" wrap="nowrap">
					{row.faults.map(({ pointer, field, value, isCorrectable, message }) => {
						const text = corrections.get(row.key)?.get(pointer) ?? value ?? "";
						return isCorrectable && mayWrite ? (
							<TextInput
								key={pointer}
								size="xs"
								miw={96}
								flex={1}
								value={text}
								aria-label={`${field} of ${name(row)}`}
								title={message}
								dir="auto"
								onChange={(event) => correct(row.key, pointer, event.currentTarget.value)}
							/>
						) : (
							<Text key={pointer} span size="sm" title={message}>
								{field || "item"}: {value ?? "no value"}
							</Text>
						);
					})}
				</Group>
			),
		},
		{
			name: "reason",
			title: "Reason",
			isWide: true,
			cell: ({ faults }) => {
				const text = faults
					.map(({ message, hint }) => (hint === null ? message : `${hint} ${message}`))
					.join(" ");
				return <span title={text}>{text}</span>;
			},
		},
	];
}
