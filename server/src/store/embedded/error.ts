/** The bundled PostgreSQL cannot be used. The message is for the person at the terminal and says what to do. */
export class EmbeddedError extends Error {
	override readonly name = "EmbeddedError";
}
