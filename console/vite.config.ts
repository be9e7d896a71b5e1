import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** Where `npm run console:dev` finds an API: the server that `npm start` serves. */
const api = "http://127.0.0.1:8700";

export default defineConfig({
	root: import.meta.dirname,
	// Addresses in the page are relative: a proxy may put the program under a path of its own.
	base: "./",
	plugins: [react()],
	// The server puts a new nonce in the place of this text with every page, see server/src/http/console-pages.ts.
	html: { cspNonce: "{nonce}" },
	build: {
		outDir: "../server/console",
		emptyOutDir: true,
		target: "es2022",
		// Every browser that knows the target preloads modules by itself.
		modulePreload: { polyfill: false },
		// No image or font stands inside a style sheet or script: the page's policy allows what comes from this server.
		assetsInlineLimit: 0,
	},
	server: { port: 8750, strictPort: true, proxy: { "/api": api, "/docs": api, "/openapi.json": api } },
});
