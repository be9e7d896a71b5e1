/** Where in the program's work a process is ended, as seen from the statements that it sends. */
export interface Point {
	/** How the statement's name begins, or its text where it has no name. */
	readonly statement: string;
	/** Only in a transaction in which this was said before: a part of a name or text. */
	readonly in?: string;
	/** Before it is sent, when it is on its way, or when it was answered and nobody has been told yet. */
	readonly moment: "before" | "sent" | "answered";
}

export const apiPoints = {
	"accept, before anything is sent": { statement: "accept-tasks", moment: "before" },
	"accept, before the commit": { statement: "commit", in: "accept-tasks", moment: "before" },
	"accept, the commit on its way": { statement: "commit", in: "accept-tasks", moment: "sent" },
	"accept, after the commit": { statement: "commit", in: "accept-tasks", moment: "answered" },
} as const satisfies Readonly<Record<string, Point>>;

/** Of the oldest claim of a turn (`head`), of those that are prepared behind it (`follower`), and of plain ones. */
export const workerPoints = {
	"claim, the lane taken": { statement: "take-lane", moment: "answered" },
	"claim, noted": { statement: "commit", in: "synchronous_commit = off", moment: "answered" },
	"claim, the tasks read": { statement: "claim-tasks", in: "take-lane", moment: "answered" },
	"apply, before a new record": { statement: "insert-", moment: "before" },
	"apply, a changed record sent": { statement: "update-", moment: "sent" },
	"finish, before the results": { statement: "finish-tasks", moment: "before" },
	"finish, before the head's commit": { statement: "commit", in: "take-lane", moment: "before" },
	"finish, the head's commit on its way": { statement: "commit", in: "take-lane", moment: "sent" },
	"finish, after the head's commit": { statement: "commit", in: "take-lane", moment: "answered" },
	"finish, before a follower's commit": { statement: "commit", in: "expect-turn", moment: "before" },
	"finish, after a follower's commit": { statement: "commit", in: "expect-turn", moment: "answered" },
	"plain, the tasks read": { statement: "claim-tasks-plain", moment: "answered" },
	"plain, before the commit": { statement: "commit", in: "apply-plain", moment: "before" },
	"plain, the commit on its way": { statement: "commit", in: "apply-plain", moment: "sent" },
	"plain, after the commit": { statement: "commit", in: "apply-plain", moment: "answered" },
} as const satisfies Readonly<Record<string, Point>>;

/** What every start does, and so does every first one. */
export const startPoints = {
	"migration, the lock taken": { statement: "select pg_advisory_xact_lock", moment: "answered" },
	"migration, the schema on its way": { statement: "create schema", moment: "sent" },
	"migration, the grants on their way": { statement: "commit", in: "grant usage", moment: "sent" },
	"retention, before it deletes": { statement: "delete-old-tasks", moment: "before" },
	"retention, before the commit": { statement: "commit", in: "delete-old-tasks", moment: "before" },
	"retention, after the commit": { statement: "commit", in: "delete-old-tasks", moment: "answered" },
} as const satisfies Readonly<Record<string, Point>>;

/** How a process is to end: at the nth time that it comes to a point. */
export interface Doom {
	readonly point: Point;
	readonly nth: number;
	/** SIGSTOP: it does not end, but stands still until it gets SIGCONT. */
	readonly signal: "SIGKILL" | "SIGSTOP";
}

/** The variable that carries the doom of a process which is to meet it while it starts. */
export const doomVariable = "CRASH_DOOM";
