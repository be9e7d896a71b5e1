import { uuidForm } from "../domain/record.ts";
import { notFound } from "./problem-error.ts";
import type { Call } from "./route.ts";

/** Only what is written as our ids are can be one; anything else is as unknown as an unknown id. */
export function taskIdOf(call: Call): string {
	const id = call.params.taskId ?? "";
	if (!uuidForm.test(id)) throw notFound();
	return id;
}
