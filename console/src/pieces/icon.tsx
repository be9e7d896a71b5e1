/** Drawn in lines on a square of 24, in the color of the text. They stand beside words, or in buttons that have a name. */
const paths = {
	overview: "M4 20V10M10 20V4M16 20v-7M22 20H2",
	tasks: "M4 6l1.5 1.5L8 5M4 13l1.5 1.5L8 12M4 20l1.5 1.5L8 19M12 6.5h8M12 13.5h8M12 20.5h8",
	failures: "M12 3l10 18H2zM12 10v5M12 18v.5",
	customers:
		"M9 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM2 21c0-4 3-7 7-7s7 3 7 7M16 3.5a4 4 0 0 1 0 7M18 14.5c2.5.8 4 3 4 6.5",
	organizations: "M3 21h18M5 21V4h9v17M14 9h5v12M8 8h3M8 12h3M8 16h3",
	fields: "M4 6h16M4 12h10M4 18h7M18 15v6M15 18h6",
	import: "M12 3v12M7 10l5 5 5-5M4 17v4h16v-4",
	connectors: "M9 7V3M15 7V3M6 7h12v5a6 6 0 0 1-12 0zM12 18v3",
	settings: "M4 7h9M17 7h3M15 4.500v5M4 17h3M11 17h9M9 14.500v5",
	sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.4 1.400M17.6 17.600L19 19M5 19l1.4-1.400M17.6 6.400L19 5",
	moon: "M20 14.500A8.5 8.5 0 1 1 9.5 4a7 7 0 0 0 10.5 10.500z",
	person: "M12 12a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM4 21c0-4.5 3.5-7 8-7s8 2.5 8 7",
	book: "M5 4h6a2 2 0 0 1 2 2v14a2 2 0 0 0-2-2H5zM19 4h-4a2 2 0 0 0-2 2v14a2 2 0 0 1 2-2h4z",
	question:
		"M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM9.5 9.500a2.5 2.5 0 1 1 3.5 2.300c-.7.4-1 .8-1 1.700M12 17v.2",
	leave: "M10 4H5v16h5M15 8l4 4-4 4M19 12H9",
	search: "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.5 15.500L21 21",
	copy: "M9 9h11v11H9zM5 15H4V4h11v1",
	check: "M5 13l4.5 4.500L19 7",
	cross: "M6 6l12 12M18 6L6 18",
	retry: "M20 11a8 8 0 1 0-1 5M20 5v6h-6",
	download: "M12 4v11M7 11l5 5 5-5M5 20h14",
	undo: "M9 14L4 9l5-5M4 9h10a6 6 0 0 1 0 12h-3",
	edit: "M4 20h4L19 9l-4-4L4 16zM13 7l4 4",
	trash: "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5",
	eraser: "M8 20h12M5 14L14 5l6 6-9 9H8l-3-3a2 2 0 0 1 0-3zM9.5 9.500l6 6",
	plus: "M12 5v14M5 12h14",
	right: "M9 5l7 7-7 7",
	up: "M12 19V5M6 11l6-6 6 6",
	down: "M12 5v14M6 13l6 6 6-6",
	key: "M15 4a5 5 0 1 0 0 10 5 5 0 0 0 0-10zM11.5 12.500L3 21M6 18l2.5 2.5",
	columns: "M4 4h16v16H4zM10 4v16M15 4v16",
	lock: "M6 11h12v10H6zM8.5 11V7.500a3.5 3.5 0 0 1 7 0V11",
	clock: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7v5l3.5 2",
	bell: "M6 17V11a6 6 0 0 1 12 0v6M4 17h16M10 20.500h4M12 3v2",
	pause: "M8 5v14M16 5v14",
	play: "M8 5l11 7-11 7z",
	file: "M6 3h8l5 5v13H6zM14 3v5h5",
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name, size = 18 }: { readonly name: IconName; readonly size?: number }) {
	return (
		<svg
			width={size}
			height={size}
			viewBox="0 0 24 24"
			fill="none"
			stroke="currentColor"
			strokeWidth="1.8"
			strokeLinecap="round"
			strokeLinejoin="round"
			aria-hidden="true"
			focusable="false"
			// Beside long words it keeps its size.
			style={{ flex: "none" }}
		>
			<path d={paths[name]} />
		</svg>
	);
}
