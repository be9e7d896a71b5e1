import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import type { ProblemCode } from "@muster/client/contract";
import type { TObject, TSchema } from "typebox";
import type { Courtesy } from "../domain/courtesy.ts";
import type { Principal } from "../store/access-tokens.ts";
import type { Database } from "../store/database.ts";
import type { AcceptQueue } from "./accept-queue.ts";
import type { DialectView } from "./dialects/dialect.ts";
import type { EndedTasks } from "./ended-tasks.ts";
import type { Uploads } from "./imports/uploads.ts";
import type { LaneQueue } from "./lane-queue.ts";
import type { PlainIntake } from "./plain-intake.ts";
import type { Query } from "./query.ts";

/** One address of the API. Routing, authorisation, OpenAPI and the tests' tables are made from the list of these. */
export interface Route {
	readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
	/** After the base, without a leading slash; parameters in braces. */
	readonly path: string;
	/** Name of the call in OpenAPI. */
	readonly id: string;
	readonly tag: string;
	readonly summary: string;
	readonly description?: string;
	/** The scope a token must have; null where any good token will do. */
	readonly scope: string | null;
	/** Whether the key of a console's link will do in the place of a token; it then is used up. */
	readonly takesLinks?: true;
	readonly query?: TObject;
	/** JSON Schema of the body, one for each shape that is taken, with an example. */
	readonly bodies?: readonly Body[];
	/**
	 * In the place of bodies: a body of any size and duration that the route reads by itself, bounded by what it keeps of it and
	 * by the time between two pieces. An example of it by each media type.
	 */
	readonly uploads?: Readonly<Record<string, string>>;
	/** Of a submission: whether an Idempotency-Key is demanded, or stands for another one than the route would choose. */
	readonly idempotent?: "required" | "optional";
	readonly answers: readonly Answer[];
	/** Problems beside those that every route can answer with. */
	readonly problems?: readonly ProblemCode[];
	handle(call: Call): Promise<Reply>;
}

export interface Body {
	readonly name: string;
	readonly schema: TSchema;
	readonly example: unknown;
}

export interface Answer {
	readonly status: number;
	readonly description: string;
	/** The body by dialect; absent for an answer without one. */
	readonly guide?: TSchema;
	readonly reference?: TSchema;
	/** An answer that is no JSON: an example of it by its media type. */
	readonly texts?: Readonly<Record<string, string>>;
}

/** A request whose sender is known and may do what it asks. */
export interface Call {
	readonly services: Services;
	readonly dialect: DialectView;
	/** The base path as it was asked for, without a trailing slash. */
	readonly base: string;
	readonly principal: Principal;
	/** Where the request came from, as far as it is known. */
	readonly address: string;
	readonly params: Readonly<Record<string, string>>;
	/** Only what `query` of the route names. */
	readonly query: Query;
	readonly headers: IncomingHttpHeaders;
	/** Every value of every header, for those that may come once only. */
	readonly headersDistinct: NodeJS.Dict<string[]>;
	readonly body: Buffer | undefined;
	/** The request that a route with `uploads` reads. */
	readonly upload?: IncomingMessage;
	/** What the tasks of this request are followed by: its own span where requests are traced, else what the client sent. */
	readonly traceparent: string | null;
	/** Says that nothing of the body is needed any more: until then, its bytes count as under way. */
	forgetBody(): void;
	/** Aborted when the client has gone or the server stops. */
	readonly signal: AbortSignal;
}

/** A call whose body the route reads by itself. */
export type UploadCall = Call & Required<Pick<Call, "upload">>;

export interface Reply {
	readonly status: number;
	readonly headers?: Readonly<Record<string, string>>;
	readonly body?: unknown;
	/** In the place of a body; its Content-Type stands in the headers. */
	readonly stream?: Readable;
}

/** What routes work with; made once by start.ts. */
export interface Services {
	readonly database: Database;
	readonly accepts: AcceptQueue;
	/** null where no worker runs in this process. */
	readonly plainIntake: PlainIntake | null;
	readonly lanes: LaneQueue;
	readonly endedTasks: EndedTasks;
	/** Shared with the worker of the same process. */
	readonly courtesy: Courtesy;
	readonly uploads: Uploads;
	/** Without a trailing slash; URLs in answers are built from it and never from a Host header. */
	readonly publicUrl: string;
	/** For development: webhooks may be http, and on addresses that are not public. */
	readonly webhooksPrivate: boolean;
}
