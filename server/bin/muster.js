#!/usr/bin/env node
// Plain JavaScript that any Node can read, so that an old one gets a sentence and not a syntax error.
import { existsSync } from "node:fs";
import module from "node:module";

const major = Number(process.versions.node.split(".")[0]);
if (major < 24) {
	console.error(
		`muster needs Node 24 or newer; this is ${process.version}. Inside the repository, run it as "npx muster" or "npm start": npm ci put Node 24 there.`,
	);
	process.exit(1);
}
module.enableCompileCache?.();
const source = new URL("../src/cli/main.ts", import.meta.url);
await import((existsSync(source) ? source : new URL("../dist/cli/main.js", import.meta.url)).href);
