import type { FailureFilter } from "@muster/client";

/** A cause as an address names it. "none" in the place of a value is said apart, because a value may be any text. */
export interface KindSearch {
	readonly code?: string;
	readonly field?: string;
	readonly value?: string;
	readonly none?: string;
}

export function searchOf(kind: FailureFilter): KindSearch {
	return {
		...(kind.code === undefined ? {} : { code: kind.code }),
		...(kind.field ? { field: kind.field } : {}),
		...(kind.value === null ? { none: "yes" } : kind.value ? { value: kind.value } : {}),
	};
}

/** What an address leaves out is as blank in what is sought. */
export function kindOf({ code, field, value, none }: KindSearch): FailureFilter {
	if (code === undefined) return {};
	return { code, field: field ?? "", value: none === "yes" ? null : (value ?? "") };
}
