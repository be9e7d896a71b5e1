/** What one look has found. */
export interface Finding {
	readonly check: "node" | "database" | "migrations" | "clock" | "disk" | "server" | "token";
	/** Absent: there is nothing here to look at, and that is no fault. */
	readonly state: "good" | "fault" | "absent";
	readonly says: string;
	/** What to do about a fault. */
	readonly fix?: string;
}
