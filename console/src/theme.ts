import { createTheme } from "@mantine/core";

/** Colors hold a contrast of 4.5 to 1 in both schemes (WCAG 2.2, 1.4.3): dark ones on white, light ones on black. */
export const theme = createTheme({
	primaryColor: "cyan",
	primaryShade: { light: 9, dark: 4 },
	autoContrast: true,
	luminanceThreshold: 0.32,
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
