/**
 * A text of somebody else's, safe to show in a terminal: what would move the cursor, change colours or turn the direction
 * of reading is shown as a mark, and the whole stays one line.
 */
export function visible(text: string): string {
	return text.replace(/\s+/g, " ").replace(/[\p{Cc}\p{Bidi_Control}]/gu, "\ufffd");
}

/** What a reader takes for single characters. */
export function charactersOf(text: string): string[] {
	return Array.from(new Intl.Segmenter().segment(text), ({ segment }) => segment);
}

/** How many columns of a terminal a text takes: signs of eastern Asia and emoji take two. */
export function columnsOf(text: string): number {
	if (/^[\x20-\x7e]*$/.test(text)) return text.length;
	return charactersOf(text).reduce((sum, character) => sum + (isWide(character) ? 2 : 1), 0);
}

function isWide(character: string): boolean {
	return /^[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\p{Emoji_Presentation}\u3000-\u303e\uff01-\uff60]/u.test(
		character,
	);
}
