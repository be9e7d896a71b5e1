/** Up to where all tasks of an import had ended at a time. */
export interface EndedPlace {
	readonly bytes: number;
	readonly atMs: number;
}

export interface ImportPaceAsk {
	/** In the order of the file, and of time; evenly spread over what has ended, its last place among them. */
	readonly places: readonly EndedPlace[];
	/** null where nobody has told. */
	readonly totalBytes: number | null;
	readonly nowMs: number;
}

export interface ImportPace {
	/** As of late. */
	readonly bytesPerMs: number;
	/** When all of the file will have ended; null where its size is not known, or nothing has ended for long. */
	readonly endMs: number | null;
}

/** A longer time in which nothing ended is no pace but a halt, in milliseconds: an upload that broke off, a server that was down. */
const haltMsMin = 10_000;
/** And so many times as long as is usual: what comes by a thin wire is slow and goes on. */
const haltTimes = 8;

/** After so long without an end of anything nobody knows when it goes on, in milliseconds. */
const silenceMsMax = 60_000;

/** How much of what has ended is a cold start: caches are empty, code is not compiled yet. */
const coldPart = 1 / 8;

/** How much of what has ended counts as of late. */
const latePart = 1 / 3;

/** From so long on a pace that is so much other than before is a new one; shorter, it is chance. */
const changeMsMin = 10_000;
const changeTimes = 1.5;

/**
 * When an import will end, by how its tasks have ended so far. That one curve has everything in it: tasks end no faster than the
 * file comes, and it comes no faster than they end, because the server takes in little more than it has carried out.
 *
 * The shorter the way behind, the more of it is needed, because one second tells little of the next; the shorter the way
 * ahead, the more the latest counts, because it is the likeliest to stay so. So the latest third counts by the part of the
 * file that has ended, and alone where the pace has plainly become another one. Halts count as nothing. The tests have
 * recorded imports: another way has to tell those no worse.
 * @returns null where too little has ended to say
 */
export function importPace({ places, totalBytes, nowMs }: ImportPaceAsk): ImportPace | null {
	const { moves, usualMs } = withoutHalts(places);
	const [last, lastAtMs] = [moves.at(-1), places.at(-1)?.atMs];
	if (last === undefined || lastAtMs === undefined) return null;
	const from = (part: number): EndedPlace =>
		moves.findLast(({ bytes }) => bytes <= last.bytes * part) ?? moves[0] ?? last;
	const [first, late] = [from(coldPart), from(1 - latePart)];
	const [all, before, ofLate] = [slowness(first, last), slowness(first, late), slowness(late, last)];
	const share = totalBytes === null ? 1 : Math.min(1, last.bytes / totalBytes);
	const weight = hasChanged(before, ofLate, last.atMs - late.atMs) ? 1 : share;
	const msPerByte = (1 - weight) * all + weight * ofLate;
	if (msPerByte <= 0) return null;
	const bytesPerMs = 1 / msPerByte;
	if (totalBytes === null || nowMs - lastAtMs > silenceMsMax) return { bytesPerMs, endMs: null };
	// What should have ended by now, and has not, is a delay of all that is to come.
	const overdueMs = Math.max(0, nowMs - lastAtMs - 2 * usualMs);
	const endMs = lastAtMs + (totalBytes - last.bytes) * msPerByte + overdueMs;
	return { bytesPerMs, endMs: Math.max(nowMs, endMs) };
}

/** Milliseconds a byte. */
function slowness(from: EndedPlace, to: EndedPlace): number {
	return to.bytes === from.bytes ? 0 : (to.atMs - from.atMs) / (to.bytes - from.bytes);
}

function hasChanged(before: number, ofLate: number, lateMs: number): boolean {
	if (lateMs < changeMsMin || before === 0) return false;
	return ofLate > before * changeTimes || ofLate < before / changeTimes;
}

/** The same places by a clock that stands still in a halt, and how long it is between two of them. */
function withoutHalts(places: readonly EndedPlace[]): {
	readonly moves: readonly EndedPlace[];
	readonly usualMs: number;
} {
	const gaps = places.slice(1).map(({ atMs }, at) => atMs - (places[at]?.atMs ?? atMs));
	const usualMs = gaps.toSorted((one, other) => one - other)[Math.floor(gaps.length / 2)] ?? 0;
	const haltMs = Math.max(haltMsMin, usualMs * haltTimes);
	let haltedMs = 0;
	const moves = places.map(({ bytes, atMs }, at) => {
		const gapMs = gaps[at - 1] ?? 0;
		if (gapMs > haltMs) haltedMs += gapMs - usualMs;
		return { bytes, atMs: atMs - haltedMs };
	});
	return { moves, usualMs };
}
