import type { Static } from "typebox";
import { optionsMax } from "./detail-field.ts";
import { Type } from "./type.ts";

/** What a site can be set to, with the value that each setting has until it is set. */
export const SiteSettings = Type.Object(
	{
		unknownFields: Type.Enum(["create", "fail"], {
			default: "create",
			description: "A detail for a field that does not exist: make a TEXT field, or fail the item",
		}),
		unknownKeys: Type.Enum(["fail", "ignore"], {
			default: "fail",
			description: "A key that an item should not have: fail the item, or ignore the key",
		}),
		detailFieldsMax: Type.Integer({
			minimum: 1,
			maximum: 500,
			default: 50,
			description: "Most detail fields of customers, and of organizations; 50 by the reference",
		}),
		fieldOptionsMax: Type.Integer({
			minimum: 1,
			maximum: optionsMax,
			default: optionsMax,
			description: "Most options of a SELECT or MULTISELECT field; the reference's service allows 50",
		}),
		unfinishedTasksMax: Type.Integer({
			minimum: 1,
			maximum: 1_000_000,
			default: 10_000,
			description:
				"Most unfinished tasks; over it submissions are turned away. The reference's service allows 5",
		}),
		requestsPerMinute: Type.Integer({
			minimum: 0,
			maximum: 1_000_000,
			default: 0,
			description:
				"Requests a minute of all the site's tokens together, counted by each process; 0 is no limit",
		}),
		retentionDays: Type.Integer({
			// One day at least: a key must outlive the retries of its request.
			minimum: 1,
			maximum: 3_650,
			default: 30,
			description:
				"Days that a task, its results and its key are kept after it ended; the reference's service keeps 3",
		}),
		history: Type.Boolean({
			// It costs changes more than a twentieth of their rate, which not every site wants to pay (docs/performance.md).
			default: false,
			description:
				"Whether to keep what was there before each change, as long as tasks are kept: for the history of a record and to undo a task; only what is written while it is on can be undone",
		}),
		requireOptIn: Type.Boolean({
			default: false,
			description: "Whether each request must carry X-ExperimentalApi",
		}),
	},
	{ description: "The settings of a site" },
);
export type SiteSettings = Readonly<Static<typeof SiteSettings>>;

export const SiteSettingsChange = Type.Partial(SiteSettings, {
	description: "What is left out stays as it is",
	additionalProperties: false,
});
export type SiteSettingsChange = Readonly<Static<typeof SiteSettingsChange>>;
