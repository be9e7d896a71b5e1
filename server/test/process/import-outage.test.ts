import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type CustomerProfile, MusterClient } from "@muster/client";
import { afterEach, expect, test } from "vitest";
import {
	aFolder,
	aFreePort,
	type Environment,
	type Program,
	readDevEnvironment,
	runProgram,
	startProgram,
} from "../program.ts";

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
	for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const rowsInAll = 8_000;
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

/** A server with a database of its own, in a folder that a file is imported in. */
interface Desk {
	readonly folder: string;
	readonly environment: Environment;
	server: Program;
	startAgain(): Promise<void>;
	customers(): Promise<readonly Written[]>;
}

async function aDesk(): Promise<Desk> {
	const { path: folder, remove } = await aFolder();
	cleanups.push(remove);
	const data = join(folder, ".muster");
	const environment = { MUSTER_DATA: data, PORT: String(await aFreePort()) };
	const start = async (): Promise<Program> => {
		const server = startProgram(["serve"], environment, { cwd: folder });
		cleanups.push(() => server.end("SIGTERM"));
		await server.printed("Muster is ready");
		return server;
	};
	await writeFile(join(folder, "people.csv"), people);
	const desk: Desk = {
		folder,
		environment,
		server: await start(),
		startAgain: async () => {
			desk.server = await start();
		},
		customers: async () => {
			const { MUSTER_URL: url = "", MUSTER_TOKEN: token = "" } = await readDevEnvironment(data);
			const found: Written[] = [];
			for await (const customer of new MusterClient({ url, token }).customers()) {
				const { email, displayName, details, organizations } = customer;
				found.push({ email, displayName, details, organizations: organizations.map(({ name }) => name) });
			}
			// Requests that are under way together have no order between them, and so the records they make have none.
			return found.sort((one, other) => (one.email < other.email ? -1 : 1));
		},
	};
	return desk;
}

test("after SIGKILL of the server, the importer says how to go on, and resume ends with the records and counts of an undisturbed import", async () => {
	const [calm, struck] = await Promise.all([aDesk(), aDesk()]);
	// It needs none of the time in which the other one waits for its server.
	const undisturbed = runProgram(["import", "people.csv", "--json"], calm.environment, { cwd: calm.folder });
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
	const resumed = await runProgram(["import", "resume", "--json"], struck.environment, {
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
	expect(report(resumed).total).toMatchObject({ created: rowsInAll - 20 + 50, failed: 20 });
	// Every customer once, with all that the file says of it.
	expect(await struck.customers()).toEqual(await calm.customers());
	expect(await readFile(join(struck.folder, "failed.csv"))).toEqual(
		await readFile(join(calm.folder, "failed.csv")),
	);
}, 120_000);

test("a server that is killed and comes back at once is waited for, and the import ends as if nothing had happened", async () => {
	const desk = await aDesk();
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
		created: Array(rowsInAll - 20 + 50).fill("created"),
		failed: Array(20).fill("failed"),
	});
	expect(await desk.customers()).toHaveLength(rowsInAll - 20);
}, 120_000);
