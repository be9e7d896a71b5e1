import type { CustomerProfile, DetailField, Entity, OrganizationProfile } from "@muster/client";
import { detailText } from "../pieces/detail-text.ts";
import { TextLink } from "../pieces/links.tsx";
import type { Column } from "../pieces/list-table.tsx";
import { Time } from "../pieces/time.tsx";
import { idOf, nameOf, type Profile, recordWords } from "./record-words.ts";

/** @param shown ids of the detail fields that are columns */
export function columnsOf(
	entity: Entity,
	fields: readonly DetailField[],
	shown: readonly string[],
): readonly Column<Profile>[] {
	const details = fields.filter(({ id }) => shown.includes(id)).map(detailColumn);
	const name: Column<Profile> = {
		name: "name",
		title: "Name",
		width: entity === "customer" ? "10rem" : undefined,
		cell: (profile) => (
			<TextLink
				to={recordWords[entity].onePath}
				params={{ id: idOf(profile) }}
				size="sm"
				fw={500}
				title={nameOf(profile)}
			>
				{nameOf(profile)}
			</TextLink>
		),
	};
	const updated: Column<Profile> = {
		name: "updated",
		title: "Changed",
		width: "11rem",
		isWide: true,
		cell: ({ updatedDate }) => <Time iso={updatedDate} />,
	};
	if (entity === "organization") return [name, idColumn as Column<Profile>, ...details, updated];
	return [name, emailColumn as Column<Profile>, organizationsColumn as Column<Profile>, ...details, updated];
}

function detailColumn({ id, name, type }: DetailField): Column<Profile> {
	return {
		name: `details.${id}`,
		title: name,
		isWide: true,
		atEnd: type.name === "NUMBER",
		cell: ({ details }) => {
			const text = detailText(details[id], type.name);
			return <span title={text}>{text}</span>;
		},
	};
}

const idColumn: Column<OrganizationProfile> = {
	name: "id",
	title: "No.",
	width: "5rem",
	isWide: true,
	atEnd: true,
	cell: ({ id }) => id,
};

const emailColumn: Column<CustomerProfile> = {
	name: "email",
	title: "Email",
	width: "15.5rem",
	isWide: true,
	cell: ({ email }) => (
		<span title={email} dir="ltr">
			{email}
		</span>
	),
};

const organizationsColumn: Column<CustomerProfile> = {
	name: "organizations",
	title: "Organizations",
	width: "9.5rem",
	isWide: true,
	cell: ({ organizations }) => {
		const text = organizations.map(({ name }) => name).join(", ");
		return <span title={text}>{text}</span>;
	},
};
