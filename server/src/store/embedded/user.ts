import { execFile } from "node:child_process";
import { lchown, lstat, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Binaries } from "./binaries.ts";
import { EmbeddedError } from "./error.ts";
import type { Place } from "./place.ts";

/** The user that PostgreSQL runs as, and how to become it. */
export interface Runner {
	/** What `env` is given before a program; each part becomes the next one, so the process id stays the same. */
	readonly prefix: readonly string[];
	/** Owner of the files, as seen from outside. */
	readonly uid: number;
	readonly gid: number;
	/** The bundled PostgreSQL's version: 18. */
	readonly major: number;
}

/** What tests force; nobody else needs to. */
export interface Forced {
	/** The one way to run that is tried when started as root. */
	readonly asRoot?: "namespace" | "capabilities";
	/** PostgreSQL is left behind when its parent is killed, as on macOS, which knows no parent death signal. */
	readonly outlivesParent?: boolean;
}

type Candidate = Omit<Runner, "major">;

const probeMsMax = 10_000;
/** English messages, whatever the machine speaks, and stamps in UTC. */
const environment: readonly string[] = ["LC_ALL=C", "TZ=UTC"];
/** The kernel interrupts PostgreSQL (a fast shutdown) when the thread that started it is gone. Entering a namespace clears it: last. */
const endsWithParent: readonly string[] = ["setpriv", "--pdeathsig", "INT", "--"];

/**
 * Tries the ways to run PostgreSQL here, best first, by asking it for its version from inside each. To make a cluster takes
 * a user that the system knows by name, of which a container may know few; to serve it does not.
 */
export async function chooseRunner(
	place: Place,
	binaries: Binaries,
	forced: Forced,
	purpose: "make" | "serve",
): Promise<Runner> {
	const tried: string[] = [];
	for (const { prefix, uid, gid } of await candidates(place, forced)) {
		const whole = [...environment, ...prefix];
		const answer = await probe(whole, place, binaries, purpose);
		if (answer.major !== undefined) return { prefix: whole, uid, gid, major: answer.major };
		tried.push(answer.trouble);
	}
	const why = [...new Set(tried)].join("; ");
	throw new EmbeddedError(
		isRoot()
			? `PostgreSQL refuses to run as root, and neither a user namespace (unshare) nor another user (setpriv) can be used here. Run Muster as another user, or set DATABASE_URL to a PostgreSQL of your own. (${why})`
			: `The bundled PostgreSQL does not run for this user on this machine. Run Muster as another user, or set DATABASE_URL to a PostgreSQL of your own. (${why})`,
	);
}

/** Gives the cluster to the user that PostgreSQL will run as: it insists on owning it. Only root can, and only root needs to. */
export async function giveTo(runner: Runner, path: string): Promise<void> {
	const { uid } = await lstat(path);
	if (uid === runner.uid) return;
	if (!isRoot()) {
		throw new EmbeddedError(
			`${path} belongs to another user (uid ${uid}). Run Muster as that user, or give it back with: sudo chown -R ${runner.uid}:${runner.gid} '${path}'. Nothing was changed.`,
		);
	}
	await giveTree(runner, path);
}

/** The folder itself goes last, so that a process killed halfway leaves a folder that is looked at again. */
async function giveTree(runner: Runner, path: string): Promise<void> {
	for (const entry of await readdir(path, { withFileTypes: true })) {
		const inside = join(path, entry.name);
		await (entry.isDirectory() ? giveTree(runner, inside) : lchown(inside, runner.uid, runner.gid));
	}
	await lchown(path, runner.uid, runner.gid);
}

function isRoot(): boolean {
	return process.getuid?.() === 0;
}

async function candidates(place: Place, forced: Forced): Promise<Candidate[]> {
	const nobody = await findNobody();
	const ways = isRoot() ? waysFromRoot(place, nobody, forced) : waysFromUser(place, nobody);
	if (forced.outlivesParent === true) return ways;
	const dying = ways.map((way) => ({ ...way, prefix: [...way.prefix, ...endsWithParent] }));
	return [...dying, ...ways];
}

interface User {
	readonly uid: number;
	readonly gid: number;
}

/** A user without rights whom the system knows by name; "nobody" has other numbers on other systems. */
async function findNobody(): Promise<User> {
	const text = await readFile("/etc/passwd", "utf8").catch(() => "");
	const users = text.split("\n").map((line) => line.split(":"));
	const found = users.find(([name]) => name === "nobody") ?? users.find(([, , uid]) => Number(uid) > 0);
	return { uid: Number(found?.[2] ?? 65_534), gid: Number(found?.[3] ?? 65_534) };
}

function waysFromUser(place: Place, nobody: User): Candidate[] {
	const self = { uid: place.uid, gid: place.gid };
	return [
		{ ...self, prefix: [] },
		{ ...self, prefix: inNamespace(nobody) },
	];
}

function waysFromRoot(place: Place, nobody: User, forced: Forced): Candidate[] {
	const owner: Candidate = { uid: place.uid, gid: place.gid, prefix: become(place) };
	// Root with another name and without its powers. Seen from outside, the files stay root's.
	const namespace: Candidate = { uid: 0, gid: 0, prefix: inNamespace(nobody) };
	// A container often forbids namespaces. Nobody, with one power of root's: to pass through folders that only root may
	// enter. The kernel forgets that power where a program asks whether it may open a file, as PostgreSQL does with its own
	// before it starts, unless no_setuid_fixup is set.
	const capabilities: Candidate = {
		...nobody,
		prefix: become(
			nobody,
			"--inh-caps=+dac_override",
			"--ambient-caps=+dac_override",
			"--securebits=+no_setuid_fixup",
		),
	};
	if (forced.asRoot === "namespace") return [namespace];
	if (forced.asRoot === "capabilities") return [capabilities];
	// In somebody's folder PostgreSQL runs as that user, so that they can go on with it without root. It gets no power of
	// root's then: the owner of the folder reaches the socket, is a superuser there, and could make use of it.
	return place.uid === 0 ? [namespace, capabilities] : [owner, capabilities];
}

function inNamespace(called: User): string[] {
	return ["unshare", "--user", `--map-user=${called.uid}`, `--map-group=${called.gid}`, "--"];
}

function become(user: User, ...more: string[]): string[] {
	return ["setpriv", `--reuid=${user.uid}`, `--regid=${user.gid}`, "--clear-groups", ...more, "--"];
}

type Answer =
	| { readonly major: number; readonly trouble?: never }
	| { readonly major?: never; readonly trouble: string };

/** $0 is the data folder, $1 the program. */
const asksVersion = 'test -w "$0" || { echo "$0 is out of reach" >&2; exit 1; }; exec "$1" --version';
const asksName =
	'id -un >/dev/null 2>&1 || { echo "user $(id -u) has no line in /etc/passwd" >&2; exit 1; }; ';

async function probe(
	prefix: readonly string[],
	place: Place,
	binaries: Binaries,
	purpose: "make" | "serve",
): Promise<Answer> {
	const script = purpose === "make" ? asksName + asksVersion : asksVersion;
	try {
		const args = [...prefix, "sh", "-c", script, place.folder, binaries.postgres];
		const { stdout } = await promisify(execFile)("env", args, { cwd: "/", timeout: probeMsMax });
		const major = /PostgreSQL\) (\d+)/.exec(stdout)?.[1];
		return major === undefined ? { trouble: stdout.trim() } : { major: Number(major) };
	} catch (error) {
		const said = error instanceof Error && "stderr" in error ? String(error.stderr).trim() : "";
		return { trouble: said.split("\n")[0] || String(error) };
	}
}
