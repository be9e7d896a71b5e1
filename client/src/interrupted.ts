/** The user wants no more; what was accepted will be carried out, and the rest by the same run again. */
export class Interrupted extends Error {
	override readonly name = "Interrupted";
}
