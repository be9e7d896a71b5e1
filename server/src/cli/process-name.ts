/** A name that no other process has: who holds a connector, and what keeps its submissions apart from others' of the like. */
export function newProcessName(): string {
	return crypto.randomUUID();
}
