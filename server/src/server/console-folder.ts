import { fileURLToPath } from "node:url";

/** Where `npm run console` puts the built console: in the program's own folder, beside its sources or what they compile to. */
export const consoleFolder: string = fileURLToPath(new URL("../../console/", import.meta.url));
