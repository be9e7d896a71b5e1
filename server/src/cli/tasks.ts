import {
	type ItemResult,
	type MusterClient,
	type Task,
	type TaskOperationName,
	type TaskStatus,
	taskOperationNames,
} from "@muster/client";
import { type Command, Option } from "commander";
import { exitCodes } from "./exit-codes.ts";
import { addListOptions, type ListOptions, printList } from "./print-list.ts";
import { count, Screen, seconds } from "./screen.ts";
import { showFailures, showTask, showUndone, taskColumns } from "./task-shown.ts";
import { UserError } from "./user-error.ts";
import { type ServiceOptions, serviceCommand, withService } from "./with-service.ts";

/** What was sent to the bulk operations, and what became of it. */
export function addTasks(program: Command): void {
	const tasks = program
		.command("tasks")
		.description("Look at tasks, wait for them, and send again what failed")
		.addHelpText("after", "\nExample:\n  muster tasks list --with-failures");
	const list = serviceCommand(tasks, "list")
		.description("List the site's tasks, newest first")
		.addOption(
			new Option("--status <status>", "only those that are").choices(["processing", "completed", "failed"]),
		)
		.addOption(new Option("--operation <name>", "only those of this operation").choices(taskOperationNames))
		.option("--with-failures", "only those of which items failed")
		.option("--key <idempotencyKey>", "only the one with this Idempotency-Key");
	addListOptions(list, 20)
		.addHelpText("after", "\nExample:\n  muster tasks list --with-failures")
		.action(listAll);
	serviceCommand(tasks, "show")
		.argument("<taskId>", "from `muster tasks list`, or from the answer to a submission")
		.description("Show a task: its state, its counts and its first failures")
		.option("--json", "print JSON")
		.addHelpText("after", `\nExample:\n  muster tasks show ${exampleId}`)
		.action(show);
	serviceCommand(tasks, "watch")
		.argument("<taskId>")
		.description("Wait until a task has ended, and show it; ends with 3 where items failed")
		.option("--json", "print JSON")
		.addHelpText("after", `\nExample:\n  muster tasks watch ${exampleId}`)
		.action(watch);
	serviceCommand(tasks, "failures")
		.argument("<taskId>")
		.description("Show every item of a task that failed, with all that is wrong with it")
		.option("--json", "print one JSON list")
		.option("--jsonl", "print a line of JSON for each")
		.option("--request", "print the failed items as they were sent: a body to correct and send again")
		.addHelpText("after", `\nExample:\n  muster tasks failures ${exampleId} --request > failed.json`)
		.action(failures);
	serviceCommand(tasks, "retry")
		.argument("<taskId>")
		.description("Send the failed items of a task again as they were, once their cause is gone, and wait")
		.option("--json", "print JSON")
		.addHelpText("after", `\nExample:\n  muster tasks retry ${exampleId}`)
		.action(retry);
	serviceCommand(tasks, "undo")
		.argument("<taskId>")
		.description("Give the records of a task back what nobody has changed since, and wait")
		.option("--dry-run", "show what would be given back, and write nothing")
		.option("--json", "print JSON")
		.addHelpText("after", `\nExample:\n  muster tasks undo ${exampleId} --dry-run`)
		.action(undo);
}

const exampleId = "01a20a45-3501-77c6-a728-52df69a99462";

interface TaskListOptions extends ServiceOptions, Omit<ListOptions, "json"> {
	readonly status?: TaskStatus;
	readonly operation?: TaskOperationName;
	readonly withFailures?: true;
	readonly key?: string;
}

function listAll(options: TaskListOptions): Promise<void> {
	const { status, operation, withFailures, key } = options;
	return withService(options, (client) => {
		const found = client.listTasks({
			...(status && { status }),
			...(operation && { operation }),
			...(withFailures && { hasFailures: true }),
			...(key !== undefined && { idempotencyKey: key }),
		});
		return printList(found, taskColumns, "tasks", options);
	});
}

function show(taskId: string, options: ServiceOptions): Promise<void> {
	return withService(options, async (client) => print(await client.getTask(taskId), options), noTask(taskId));
}

function watch(taskId: string, options: ServiceOptions): Promise<void> {
	return withService(options, async (client) => end(await waitFor(client, taskId), options), noTask(taskId));
}

function noTask(taskId: string): string {
	return `there is no task ${taskId} in the site of this token. \`muster tasks list\` shows those that there are.`;
}

/** Longest that a task is waited for, in seconds: a day, for a queue that stands still overnight. */
const watchSeconds = 86_400;

async function waitFor(client: MusterClient, taskId: string): Promise<Task> {
	const screen = new Screen(process.stderr);
	const startedMs = performance.now();
	let isTold = false;
	const task = await client.waitForTask(taskId, {
		timeoutSeconds: watchSeconds,
		onPoll: ({ summary }) => {
			const items = summary === null ? "" : ` of ${count(summary.total)} items`;
			if (process.stderr.isTTY) {
				screen.passing(`The task${items} waits for its turn: ${seconds(performance.now() - startedMs)}`);
			} else if (!isTold) console.error(`The task${items} waits for its turn.`);
			isTold = true;
		},
	});
	if (isTold) screen.passing("")();
	return task;
}

/** Ends with 3 where something failed, so that a script need not read what is printed. */
function end(task: Task, options: ServiceOptions): void {
	print(task, options);
	if (task.status === "failed" || task.failures.length > 0) process.exitCode = exitCodes.failedRows;
}

function print(task: Task, { json }: ServiceOptions): void {
	if (json) console.log(JSON.stringify(task));
	else showTask(task);
}

interface FailuresOptions extends ServiceOptions {
	readonly jsonl?: true;
	readonly request?: true;
}

function failures(taskId: string, options: FailuresOptions): Promise<void> {
	return withService(
		options,
		async (client) => {
			const task = await client.getTask(taskId);
			if (task.status === "processing") {
				throw new UserError(
					`task ${taskId} has not ended yet, so it is not known what fails. \`muster tasks watch\` waits for it.`,
				);
			}
			if (options.request) console.log(JSON.stringify(await client.failedRequest(taskId), null, "  "));
			else if (options.json) console.log(JSON.stringify(task.failures));
			else if (options.jsonl) for (const failure of task.failures) console.log(JSON.stringify(failure));
			else if (task.failures.length === 0) console.error("No item of this task failed.");
			else showFailures(new Screen(process.stdout), task.failures);
		},
		noTask(taskId),
	);
}

interface UndoOptions extends ServiceOptions {
	readonly dryRun?: true;
}

function undo(taskId: string, options: UndoOptions): Promise<void> {
	return withService(
		options,
		async (client) => {
			const { taskId: newId, replayed } = await client.undoTask(taskId, { dryRun: options.dryRun === true });
			if (replayed) console.error(`It was undone before, as task ${newId}.`);
			const task = await waitFor(client, newId);
			end(task, options);
			if (options.json) return;
			const told: ItemResult[] = [];
			for await (const result of client.results(newId)) {
				if (result.errors !== undefined || (result.changes ?? []).length > 0) told.push(result);
			}
			showUndone(new Screen(process.stdout), told);
		},
		noTask(taskId),
	);
}

function retry(taskId: string, options: ServiceOptions): Promise<void> {
	return withService(
		options,
		async (client) => {
			const { taskId: newId, replayed } = await client.retryTask(taskId);
			if (replayed) console.error(`It was sent again before, as task ${newId}.`);
			end(await waitFor(client, newId), options);
		},
		noTask(taskId),
	);
}
