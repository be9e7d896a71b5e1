/** Bytes of chance that a list of new ids takes. */
export const chanceBytes = 10;

/**
 * New ids for records that are created together: UUIDs of version 7 (RFC 9562), each one higher than the one before, so
 * that they are listed in the order of the items and stand side by side in the index.
 * @param nowMs milliseconds since 1970, by the database's clock
 * @param chance `chanceBytes` random bytes
 */
export function newIds(nowMs: number, chance: Buffer): (place: number) => string {
	const time = nowMs.toString(16).padStart(12, "0");
	const { middle, first } = idForm(chance);
	const front = `${time.slice(0, 8)}-${time.slice(8)}${middle}`;
	return (place) => front + (first + place).toString(16).padStart(8, "0");
}

/**
 * What stands behind the twelve digits of the time: `middle`, and a number of eight digits that counts from `first`. All of
 * it is hexadecimal; `middle` has its hyphens, the time has one behind its first eight digits.
 */
export function idForm(chance: Buffer): { readonly middle: string; readonly first: number } {
	const bits = chance.toString("hex");
	const variant = (8 + (chance.readUInt8(9) % 4)).toString(16);
	return {
		middle: `-7${bits.slice(0, 3)}-${variant}${bits.slice(3, 6)}-${bits.slice(6, 10)}`,
		// Half of the range at most, so that counting never reaches its end.
		first: chance.readUInt32BE(5) >>> 1,
	};
}
