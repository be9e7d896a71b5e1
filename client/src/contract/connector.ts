import type { Static } from "typebox";
import { Type } from "./type.ts";

/**
 * Seconds for which a connector is held by the process that carries it out. It says so again well before; when it has died,
 * another one may go on after this time.
 */
export const connectorHoldSeconds = 30;

/** What a connector may be called: it stands in addresses. */
export const connectorNameForm = "^[a-z0-9][a-z0-9-]{0,49}$";

/** Most text of a state or a report, in characters of its JSON. */
export const connectorTextMax = 65_536;

/** Only a completed run is followed by a new one: any other is gone on with. */
export const connectorStatuses = ["RUNNING", "STOPPED", "FAILED", "COMPLETED"] as const;
export type ConnectorStatus = (typeof connectorStatuses)[number];

const name = Type.String({
	pattern: connectorNameForm,
	description: "Which connector",
	examples: ["hubspot"],
});
const holder = Type.String({
	format: "uuid",
	description: "Made by the process that carries the connector out; the same one for as long as it does",
});
const state = Type.Record(Type.String(), Type.Unknown(), {
	description: "How far it has come: the connector's own JSON, kept as it was sent",
});
const report = Type.Record(Type.String(), Type.Unknown(), {
	description:
		"What became of the records so far: counts by outcome, and faults without personal data. `everySeconds` says how long after the beginning of this run the next one is due",
});
const timestamp = Type.String({ format: "date-time", description: "UTC" });

export const ConnectorRun = Type.Object(
	{
		runId: Type.String({ format: "uuid" }),
		status: Type.Enum([...connectorStatuses]),
		startedDate: timestamp,
		updatedDate: timestamp,
		report,
	},
	{ description: "One time that a connector went through what it brings, interrupted or not" },
);
export type ConnectorRun = Static<typeof ConnectorRun>;

export const Connector = Type.Object(
	{
		name,
		state,
		heldSeconds: Type.Integer({
			minimum: 0,
			maximum: connectorHoldSeconds,
			description: "For how long a process holds it, if it does not say so again; 0 where none does",
		}),
		run: Type.Optional(ConnectorRun),
	},
	{ description: "What brings records from another program, with its last run" },
);
export type Connector = Static<typeof Connector>;

export const ConnectorStart = Type.Object(
	{ name, holder },
	{ description: "Which connector is to be carried out, and by whom", additionalProperties: false },
);
export type ConnectorStart = Static<typeof ConnectorStart>;

export const ConnectorProgress = Type.Object(
	{
		holder,
		state: Type.Optional(state),
		report: Type.Optional(report),
		status: Type.Optional(Type.Enum([...connectorStatuses])),
	},
	{ description: "What is left out stays as it is", additionalProperties: false },
);
export type ConnectorProgress = Static<typeof ConnectorProgress>;
