import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { ended } from "../bench/postgres.ts";
import { placeOf } from "../server/test/installed.ts";
import { aFreePort } from "../server/test/program.ts";

/** The harness's own address: whether all processes are seen to be ready. */
const allSeen = "/all-seen";

/** Debian's HAProxy before processes of the API, as deploy/haproxy.cfg sets it up. */
export class Haproxy {
	readonly url: string;
	readonly #child: ChildProcess;
	readonly #folder: string;

	/** @param apiPorts of this machine, of as many processes as the file has */
	static async start(apiPorts: readonly number[]): Promise<Haproxy> {
		const program = placeOf("haproxy");
		if (program === null) throw new Error("haproxy is not installed (apt-get install haproxy)");
		const folder = await mkdtemp(join(tmpdir(), "muster-haproxy-"));
		const port = await aFreePort();
		const written = await readFile(new URL("../deploy/haproxy.cfg", import.meta.url), "utf8");
		const settings = settingsFor(written, port, apiPorts);
		const path = join(folder, "haproxy.cfg");
		await writeFile(path, settings);
		const child = spawn(program, ["-db", "-f", path], { stdio: ["ignore", "ignore", "ignore"] });
		const proxy = new Haproxy(`http://127.0.0.1:${port}`, child, folder);
		await proxy.#ready();
		return proxy;
	}

	private constructor(url: string, child: ChildProcess, folder: string) {
		this.url = url;
		this.#child = child;
		this.#folder = folder;
	}

	/** Resolves when every process is known to be ready, so that the next one may be ended. */
	async seesAll(): Promise<void> {
		while ((await fetch(`${this.url}${allSeen}`)).status !== 204) await delay(20);
	}

	async stop(): Promise<void> {
		await ended(this.#child, "SIGKILL");
		await rm(this.#folder, { recursive: true, force: true });
	}

	/** Resolves when it listens. */
	async #ready(): Promise<void> {
		while (this.#child.exitCode === null) {
			if ((await fetch(`${this.url}${allSeen}`).catch(() => null)) !== null) return;
			await delay(20);
		}
		throw new Error(`haproxy ended with ${this.#child.exitCode}`);
	}
}

/** The file as it stands but for addresses. @throws where it has other servers than there are */
function settingsFor(written: string, port: number, apiPorts: readonly number[]): string {
	let servers = 0;
	const settings = written
		.replace(
			/^\tbind .*$/m,
			`\tbind 127.0.0.1:${port}\n\thttp-request return status 204 if { path ${allSeen} } { nbsrv(api) ge ${apiPorts.length} }`,
		)
		.replace(/^\tserver (\S+) \S+$/gm, (_, name: string) => {
			servers += 1;
			return `\tserver ${name} 127.0.0.1:${apiPorts[servers - 1]}`;
		});
	if (servers !== apiPorts.length) throw new Error(`deploy/haproxy.cfg has ${servers} servers`);
	return settings;
}
