import { hostname, userInfo } from "node:os";
import type { Actor } from "../store/act-as.ts";

/** Whoever runs a command of this program, for the audit log. @param command such as "token create" */
export function operator(command: string): Actor {
	return { actor: `${userName()}, by muster ${command}`, origin: hostname() };
}

/** A container's user may have a number and no name. */
function userName(): string {
	try {
		return userInfo().username;
	} catch {
		return `uid ${process.getuid?.()}`;
	}
}
