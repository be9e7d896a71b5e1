import type { Entity } from "../contract/operations.ts";
import type { RecordTarget } from "./plan.ts";

export const presets = ["hubspot", "salesforce", "zendesk"] as const;
export type Preset = (typeof presets)[number];

type Names = Readonly<Partial<Record<RecordTarget, readonly string[]>>>;

/**
 * What exports call the parts of a record, each as `plainHeader` makes it; the name that is meant most surely first.
 */
export const synonyms: Readonly<Record<Entity, Names>> = {
	customer: {
		email: [
			"email",
			"emailaddress",
			"mail",
			"primaryemail",
			"workemail",
			"contactemail",
			"customeremail",
			"useremail",
			"emailadresse",
			"emailid",
		],
		displayName: ["displayname", "fullname", "name", "contactname", "customername"],
		firstName: ["firstname", "givenname", "forename", "vorname", "prenom"],
		lastName: ["lastname", "surname", "familyname", "nachname"],
		organization: [
			"organizations",
			"organization",
			"organisation",
			"company",
			"companyname",
			"organizationname",
			"accountname",
			"account",
			"employer",
			"associatedcompany",
			"firma",
		],
	},
	organization: {
		name: [
			"name",
			"organizationname",
			"companyname",
			"accountname",
			"organisationname",
			"organization",
			"organisation",
			"company",
			"account",
			"firma",
		],
	},
};

/** What the exports of three CRMs call them, and what is of use in those CRMs alone. */
export const presetNames: Readonly<Record<Preset, Readonly<Record<Entity, Names>>>> = {
	hubspot: {
		customer: {
			email: ["email"],
			firstName: ["firstname"],
			lastName: ["lastname"],
			organization: ["companyname", "associatedcompany", "primaryassociatedcompany"],
			skip: ["associatedcompanyids", "associatedcompanyid", "lastmodifieddate", "lastactivitydate"],
		},
		organization: {
			name: ["companyname", "name"],
			skip: ["associatedcontactids", "associatedcontact", "lastmodifieddate", "lastactivitydate"],
		},
	},
	salesforce: {
		customer: {
			email: ["email"],
			displayName: ["name", "fullname"],
			firstName: ["firstname"],
			lastName: ["lastname"],
			organization: ["accountname"],
			skip: ["isdeleted", "systemmodstamp", "lastmodifiedbyid", "masterrecordid", "photourl"],
		},
		organization: {
			name: ["name", "accountname"],
			skip: ["isdeleted", "systemmodstamp", "lastmodifiedbyid", "masterrecordid", "photourl"],
		},
	},
	zendesk: {
		customer: {
			email: ["email"],
			displayName: ["name"],
			organization: ["organization", "organizationname"],
			skip: ["url", "organizationid", "active", "suspended", "verified", "ianatimezone", "sharedagent"],
		},
		organization: {
			name: ["name"],
			skip: ["url", "sharedtickets", "sharedcomments", "groupid"],
		},
	},
};

/** A header without case, blanks and marks: "E-mail Address" and "email_address" are the same. */
export function plainHeader(header: string): string {
	return header
		.normalize("NFKD")
		.replace(/[^\p{L}\p{N}]+/gu, "")
		.toLowerCase();
}
