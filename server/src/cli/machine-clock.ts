/** The clock of this machine, in milliseconds since 1970: for comparing it with others. Nothing is decided by it. */
export function machineClock(): number {
	return Date.now();
}
