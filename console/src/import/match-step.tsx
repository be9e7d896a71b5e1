import { Alert, Button, Group, NativeSelect, Stack, Table, Text } from "@mantine/core";
import type { DetailField, Entity } from "@muster/client";
import {
	type ColumnPlan,
	customerTargets,
	type DateOrder,
	type FilePlan,
	isDetail,
	keyTarget,
	organizationTargets,
	type Target,
	troubleWith,
} from "@muster/client/import";
import { asksForDates, type Looked, planOf } from "./prepare.ts";

interface Props {
	readonly looked: Looked;
	readonly plan: FilePlan;
	readonly dates: DateOrder | undefined;
	readonly onPlan: (plan: FilePlan, dates: DateOrder | undefined) => void;
	readonly onBack: () => void;
	readonly onNext: () => void;
}

/** What each column becomes, with values from the file and how sure the guess is. */
export function MatchStep({ looked, plan, dates, onPlan, onBack, onNext }: Props) {
	const isIncomplete = troubleWith(plan) !== null;
	const needsDates = dates !== undefined || asksForDates(plan);
	const set = (place: number, target: Target): void => {
		const columns = plan.columns.map((column, at): ColumnPlan => {
			if (at === place) return { ...column, target, confidence: 1 };
			// A part of the record comes of one column.
			const isTaken = typeof target === "string" && target !== "skip" && column.target === target;
			return isTaken ? { ...column, target: "skip", confidence: 1 } : column;
		});
		onPlan({ ...plan, columns }, dates);
	};
	return (
		<Stack>
			<Group align="flex-end">
				<NativeSelect
					label="The rows are"
					value={plan.entity}
					data={[
						{ value: "customer", label: "Customers" },
						{ value: "organization", label: "Organizations" },
					]}
					// Of these two.
					onChange={(event) =>
						onPlan(planOf(looked, { entity: event.currentTarget.value as Entity, dates }), dates)
					}
				/>
				{needsDates ? (
					<NativeSelect
						label="03/04/2026 is"
						value={dates ?? ""}
						data={[
							{ value: "", label: "Please say" },
							{ value: "dmy", label: "the 3rd of April" },
							{ value: "mdy", label: "the 4th of March" },
						]}
						onChange={(event) => {
							const order =
								event.currentTarget.value === "" ? undefined : (event.currentTarget.value as DateOrder);
							onPlan(planOf(looked, { entity: plan.entity, dates: order }), order);
						}}
					/>
				) : null}
			</Group>
			<Table.ScrollContainer minWidth={560} type="native">
				<Table verticalSpacing="xs" aria-label="Columns">
					<Table.Thead>
						<Table.Tr>
							<Table.Th scope="col">Column</Table.Th>
							<Table.Th scope="col">Values</Table.Th>
							<Table.Th scope="col">Becomes</Table.Th>
							<Table.Th scope="col">Sure</Table.Th>
						</Table.Tr>
					</Table.Thead>
					<Table.Tbody>
						{plan.columns.map((column, place) => (
							<Row
								// biome-ignore lint/suspicious/noArrayIndexKey: a column is its place in the file
								key={place}
								column={column}
								entity={plan.entity}
								fields={looked.fields[plan.entity]}
								guess={planOf(looked, { entity: plan.entity, dates }).columns[place]?.target ?? "skip"}
								samples={looked.samples[place] ?? []}
								onTarget={(target) => set(place, target)}
							/>
						))}
					</Table.Tbody>
				</Table>
			</Table.ScrollContainer>
			{isIncomplete ? (
				<Alert color="orange" variant="outline" title={`No column is the ${keyTarget(plan.entity)}`}>
					Choose the column that names the {plan.entity}s.
				</Alert>
			) : null}
			<Group>
				<Button variant="default" onClick={onBack}>
					Back
				</Button>
				<Button onClick={onNext} disabled={isIncomplete || asksForDates(plan)}>
					Check the rows
				</Button>
			</Group>
		</Stack>
	);
}

interface RowProps {
	readonly column: ColumnPlan;
	readonly entity: Entity;
	readonly fields: readonly DetailField[];
	/** What the engine takes the column for. */
	readonly guess: Target;
	readonly samples: readonly string[];
	readonly onTarget: (target: Target) => void;
}

function Row({ column, entity, fields, guess, samples, onTarget }: RowProps) {
	const { column: name, target, confidence } = column;
	const options = optionsFor(name, entity, fields, guess);
	const chosen = isDetail(target) ? (target.isKnown ? `field ${target.detail}` : "new") : target;
	return (
		<Table.Tr>
			<Table.Td fw={600} dir="auto">
				{name || "(no header)"}
			</Table.Td>
			<Table.Td>
				<Text size="sm" c="dimmed" lineClamp={2} dir="auto">
					{samples.join(" · ") || "(all blank)"}
				</Text>
			</Table.Td>
			<Table.Td>
				<NativeSelect
					size="sm"
					miw={260}
					aria-label={`${name} becomes`}
					value={chosen}
					data={options.map(({ value, label }) => ({ value, label }))}
					onChange={(event) => {
						const option = options.find(({ value }) => value === event.currentTarget.value);
						if (option !== undefined) onTarget(option.target);
					}}
				/>
			</Table.Td>
			<Table.Td style={{ whiteSpace: "nowrap" }}>{Math.round(confidence * 100)}%</Table.Td>
		</Table.Tr>
	);
}

interface TargetOption {
	readonly value: string;
	readonly label: string;
	readonly target: Target;
}

const targetWords: Readonly<Record<string, string>> = {
	email: "Email",
	displayName: "Display name",
	firstName: "First name",
	lastName: "Last name",
	organization: "Organization",
	products: "Products",
	sourceUpdatedAt: "Changed at its source",
	id: "Muster's id",
	name: "Name",
	skip: "(left out)",
};

function optionsFor(
	column: string,
	entity: Entity,
	fields: readonly DetailField[],
	guess: Target,
): readonly TargetOption[] {
	const parts = entity === "customer" ? customerTargets : organizationTargets;
	const known = fields.map(({ name, type }): TargetOption => {
		const guessed = isDetail(guess) && guess.detail === name ? guess.dates : null;
		const { name: typeName, options = [] } = type;
		return {
			value: `field ${name}`,
			label: `Field: ${name}`,
			target: {
				detail: name,
				type: typeName,
				options,
				isKnown: true,
				dates: guessed ?? (typeName === "DATE" ? "ymd" : null),
			},
		};
	});
	const isNew = isDetail(guess) && !guess.isKnown;
	const fresh = isNew
		? guess
		: ({ detail: column, type: "TEXT", options: [], isKnown: false, dates: null } as const);
	const isTaken = fields.some(({ name }) => name.toLowerCase() === column.toLowerCase());
	return [
		...parts.map((part) => ({ value: part, label: targetWords[part] ?? part, target: part })),
		...known,
		...(column === "" || isTaken
			? []
			: [{ value: "new", label: `New field: ${fresh.detail} (${fresh.type.toLowerCase()})`, target: fresh }]),
	];
}
