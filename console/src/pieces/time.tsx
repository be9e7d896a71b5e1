const full = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });

/** A moment as it was here; pointing at it tells the same in UTC. @param iso as the API gives it; nothing for none */
export function Time({
	iso,
	none = "–",
}: {
	readonly iso: string | null | undefined;
	readonly none?: string;
}) {
	if (iso == null) return <span>{none}</span>;
	const at = new Date(iso);
	const isToday = at.toDateString() === new Date().toDateString();
	return (
		<time dateTime={iso} title={`${iso.slice(0, 19).replace("T", " ")} UTC`}>
			{isToday ? `Today, ${clock.format(at)}` : full.format(at)}
		</time>
	);
}

/** How long something took: "420 ms", "3.2 s", "4 min 10 s", "2 h 5 min". */
export function durationText(milliseconds: number): string {
	if (milliseconds < 1_000) return `${Math.max(0, Math.round(milliseconds))} ms`;
	const seconds = milliseconds / 1_000;
	if (seconds < 60) return `${seconds.toFixed(1)} s`;
	const whole = Math.floor(seconds);
	if (whole < 3_600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
	return `${Math.floor(whole / 3_600)} h ${Math.floor((whole % 3_600) / 60)} min`;
}

/** @param to absent while it goes on @returns null where the beginning is not known */
export function durationBetween(from: string | null, to: string | null, now: number): string | null {
	if (from === null) return null;
	return durationText((to === null ? now : Date.parse(to)) - Date.parse(from));
}
