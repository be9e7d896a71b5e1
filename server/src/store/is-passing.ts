import { errorCode } from "./database.ts";

/**
 * Whether a transaction failed only because somebody else was faster: serialization failure, deadlock, a key or record
 * that has just been written or deleted. It may be tried again.
 */
export function isPassing(error: unknown): boolean {
	return ["40001", "40P01", "23505", "23503"].includes(errorCode(error) ?? "");
}
