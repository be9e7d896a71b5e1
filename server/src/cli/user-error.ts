import { exitCodes } from "./exit-codes.ts";

/** Something that the user of a command can mend; the message says what and how. */
export class UserError extends Error {
	override readonly name = "UserError";
	readonly exitCode: number;

	constructor(message: string, exitCode: number = exitCodes.usage) {
		super(message);
		this.exitCode = exitCode;
	}
}
