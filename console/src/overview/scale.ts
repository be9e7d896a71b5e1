/** A scale from 0 that people read easily: up to five steps of 1, 2 or 5 times a power of ten. */
export function scaleTo(most: number): { readonly top: number; readonly steps: readonly number[] } {
	const rough = Math.max(most, 5) / 4;
	const power = 10 ** Math.floor(Math.log10(rough));
	const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough) ?? rough;
	const top = Math.ceil(Math.max(most, 1) / step) * step;
	return { top, steps: Array.from({ length: Math.round(top / step) + 1 }, (_, place) => place * step) };
}
