import type { SiteSettings } from "./settings.ts";

/** The name of the site that the first start makes. */
export const defaultSiteName = "default";

/** The name of the site of an emulated service: what marks its database, so that no other one is ever emulated upon. */
export const emulatedSiteName = "emulated";

/** The limits of the real service, as far as its reference tells them. */
export const emulatedSettings: Partial<SiteSettings> = {
	unfinishedTasksMax: 5,
	retentionDays: 3,
	requireOptIn: true,
	unknownFields: "fail",
	detailFieldsMax: 50,
	fieldOptionsMax: 50,
};
