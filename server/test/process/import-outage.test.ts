import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type CustomerProfile, MusterClient } from "@muster/client";
import { afterEach, expect, test } from "vitest";
import { runCommand } from "../command.ts";
import { aDatabase, startMuster } from "../muster.ts";
import {
	aFolder,
	aFreePort,
	type Environment,
	type Program,
	readDevEnvironment,
	startProgram,
} from "../program.ts";

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
	for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const rowsInAll = 4_000;
const failedInAll = rowsInAll / 400;
const people = [
	"Email,First Name,Last Name,Company,Points",
	...Array.from({ length: rowsInAll }, (_, place) => {
		const mail = place % 400 === 7 ? "no address" : `person-${place}@example.com`;
		return `${mail},Ann,Smith ${place},Company ${place % 50},${place}`;
	}),
].join("\n");

/** A customer without the ids and times that differ between two servers. */
interface Written extends Pick<CustomerProfile, "email" | "displayName" | "details"> {
	readonly organizations: readonly string[];
}

/** A folder that the file is imported in. */
async function aPlace(): Promise<string> {
	const { path, remove } = await aFolder();
	cleanups.push(remove);
	await writeFile(join(path, "people.csv"), people);
	return path;
}

/** A server with a database of its own: the bundled one in its folder, or one that stays when it is killed. */
interface Desk {
	readonly folder: string;
	readonly environment: Environment;
	server: Program;
	startAgain(): Promise<void>;
	customers(): Promise<readonly Written[]>;
}

async function aDesk(more: Environment = {}): Promise<Desk> {
	const folder = await aPlace();
	const data = join(folder, ".muster");
	const environment = { MUSTER_DATA: data, PORT: String(await aFreePort()), ...more };
	const start = async (): Promise<Program> => {
		const server = startProgram(["serve"], environment, { cwd: folder });
		cleanups.push(() => server.end("SIGTERM"));
		await server.printed("Muster is ready");
		return server;
	};
	const desk: Desk = {
		folder,
		environment,
		server: await start(),
		startAgain: async () => {
			desk.server = await start();
		},
		customers: async () => {
			const { MUSTER_URL: url = "", MUSTER_TOKEN: token = "" } = await readDevEnvironment(data);
			return customersOf(url, token);
		},
	};
	return desk;
}

async function customersOf(url: string, token: string): Promise<readonly Written[]> {
	const found: Written[] = [];
	for await (const customer of new MusterClient({ url, token }).customers()) {
		const { email, displayName, details, organizations } = customer;
		found.push({ email, displayName, details, organizations: organizations.map(({ name }) => name) });
	}
	// Requests that are under way together have no order between them, and so the records they make have none.
	return found.sort((one, other) => (one.email < other.email ? -1 : 1));
}

test("after SIGKILL of the server, the importer says how to go on, and resume ends with the records and counts of an undisturbed import", async () => {
	const muster = await startMuster({ workerStarted: true });
	cleanups.push(muster.close);
	const { token } = await muster.aSite();
	const [calm, struck] = await Promise.all([aPlace(), aDesk()]);
	// It needs none of the time in which the other one waits for its server.
	const undisturbed = runCommand(
		["import", "people.csv", "--json"],
		{ MUSTER_URL: muster.url, MUSTER_TOKEN: token },
		{ cwd: calm },
	);
	const importer = startProgram(["import", "people.csv", "--jsonl"], struck.environment, {
		cwd: struck.folder,
	});
	await importer.printed('people.csv","line":1500,');
	await struck.server.end("SIGKILL");
	const stopped = await importer.ended;
	expect({ code: stopped.code, stderr: stopped.stderr }).toEqual({
		code: 5,
		stderr: expect.stringMatching(/the import stopped\. Go on with: muster import resume import-\w+\n/),
	});
	await struck.startAgain();
	const resumed = await runCommand(["import", "resume", "--json"], struck.environment, {
		cwd: struck.folder,
	});

	const whole = await undisturbed;
	expect(whole.code).toBe(3);
	const report = ({ stdout }: { stdout: string }) => {
		const { total, stages, faults } = JSON.parse(stdout);
		return { total, stages, faults };
	};
	expect(resumed.code).toBe(3);
	expect(report(resumed)).toEqual(report(whole));
	expect(report(resumed).total).toMatchObject({ created: rowsInAll - failedInAll + 50, failed: failedInAll });
	// Every customer once, with all that the file says of it.
	expect(await struck.customers()).toEqual(await customersOf(muster.url, token));
	expect(await readFile(join(struck.folder, "failed.csv"))).toEqual(await readFile(join(calm, "failed.csv")));
}, 120_000);

test("a server that is killed and comes back at once is waited for, and the import ends as if nothing had happened", async () => {
	const database = await aDatabase();
	cleanups.push(database.drop);
	const desk = await aDesk({ DATABASE_URL: database.url });
	const importer = startProgram(["import", "people.csv", "--jsonl"], desk.environment, { cwd: desk.folder });
	await importer.printed('people.csv","line":1500,');
	await desk.server.end("SIGKILL");
	await desk.startAgain();
	const { code, stdout } = await importer.ended;
	expect(code).toBe(3);
	const outcomes = stdout
		.trim()
		.split("\n")
		.map((line): string => JSON.parse(line).outcome);
	expect(Object.fromEntries(Map.groupBy(outcomes, (outcome) => outcome))).toEqual({
		created: Array(rowsInAll - failedInAll + 50).fill("created"),
		failed: Array(failedInAll).fill("failed"),
	});
	expect(await desk.customers()).toHaveLength(rowsInAll - failedInAll);
}, 120_000);
