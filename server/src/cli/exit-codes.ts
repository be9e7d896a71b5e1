/** Codes that a command ends with, beside 0. The last is the shell's for a program ended by Ctrl-C. */
export const exitCodes = {
	unexpected: 1,
	usage: 2,
	failedRows: 3,
	notAuthorised: 4,
	outOfReach: 5,
	nothingUsable: 6,
	interrupted: 130,
} as const;
