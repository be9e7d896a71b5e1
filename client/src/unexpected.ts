import { MusterError } from "./errors.ts";

/** A service that answers with something else than the contract says is not one that we know. */
export function unexpected(path: string, status: number): never {
	throw new MusterError(
		`${path} was answered ${status} with a body that is not of the form this client knows. Is this the address of a Muster?`,
		{ status, problem: null, retryAfterMs: null },
	);
}
