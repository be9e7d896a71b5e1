import { createTheme } from "@mantine/core";

/** White text on the main color has a contrast of 5.6 to 1, in both schemes (WCAG 2.2, 1.4.3). */
export const theme = createTheme({
	primaryColor: "cyan",
	primaryShade: 9,
	respectReducedMotion: true,
	defaultRadius: "md",
	cursorType: "pointer",
	fontFamily:
		"system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', Arial, sans-serif",
	fontFamilyMonospace: "ui-monospace, 'SF Mono', Menlo, Consolas, 'Liberation Mono', monospace",
	headings: { fontWeight: "650", sizes: { h1: { fontSize: "1.5rem" }, h2: { fontSize: "1.125rem" } } },
	components: {
		Anchor: { defaultProps: { underline: "hover" } },
		Tooltip: { defaultProps: { withArrow: true, openDelay: 250 } },
		Modal: { defaultProps: { centered: true, overlayProps: { backgroundOpacity: 0.45 } } },
	},
});
