/** Something that the user of a command can mend; the message says what and how. */
export class UserError extends Error {
	override readonly name = "UserError";
}
