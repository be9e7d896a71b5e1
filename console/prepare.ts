// Runs at the end of `npm ci`, so that `npm start` serves the console with no further step. Where what is needed for
// building was left out (`--omit=dev`), the server's first page says how to build it.
try {
	const { build } = await import("vite");
	await build({ configFile: `${import.meta.dirname}/vite.config.ts`, logLevel: "warn" });
} catch (error) {
	if (!(error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND")) throw error;
	console.log(`The console was not built: ${error.message}`);
}
