import type { ItemError, ProblemCode } from "@muster/client/contract";

/** A request that cannot be carried out, with the sentence that its sender will read. */
export class ProblemError extends Error {
	override readonly name = "ProblemError";
	readonly code: ProblemCode;
	readonly headers: Readonly<Record<string, string>>;
	readonly errors: readonly ItemError[];
	/** How many values would go; of values_at_stake alone. */
	readonly values: number | undefined;

	/** @param detail what is wrong, where, the value seen, what is allowed, what to do; never SQL or a token */
	constructor(
		code: ProblemCode,
		detail: string,
		extra: {
			readonly headers?: Readonly<Record<string, string>>;
			readonly errors?: readonly ItemError[];
			readonly values?: number;
			readonly cause?: unknown;
		} = {},
	) {
		super(detail, { cause: extra.cause });
		this.code = code;
		this.headers = extra.headers ?? {};
		this.errors = extra.errors ?? [];
		this.values = extra.values;
	}
}

/** One text for every record and task that is unknown or belongs to another site. */
export function notFound(): ProblemError {
	return new ProblemError("not_found", "There is nothing at this address for this token's site.");
}
