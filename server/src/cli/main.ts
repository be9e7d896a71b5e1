import { isBrokenPipe, run } from "./run.ts";

// A reader that has enough, such as `head`, is no trouble; an import goes on without it.
process.stdout.on("error", (error) => {
	if (!isBrokenPipe(error)) throw error;
});

await run(process.argv.slice(2));
