import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { makeProgram } from "../server/src/cli/program.ts";

// No container engine runs in CI: what can be read of these files is checked, and the commands in them are run elsewhere.

interface Service {
	readonly image: string;
	readonly command?: readonly string[];
	readonly environment?: Readonly<Record<string, string>>;
	readonly volumes?: readonly string[];
	readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
	readonly read_only?: boolean;
	readonly ports?: readonly string[];
}

const compose = parse(readFile("deploy/compose.yaml"), { merge: true }) as {
	services: Record<string, Service>;
	volumes: Record<string, unknown>;
};
const services = Object.entries(compose.services);
const ours = services.filter(([, { image }]) => image === "muster");
const config = readFile("server/src/server/config.ts");
const dockerfile = readFile("deploy/Dockerfile").replace(/\\\n\s*/g, " ");

function instructions(name: string): string[] {
	return [...dockerfile.matchAll(new RegExp(`^${name} (.*)$`, "gm"))].map(([, rest = ""]) => rest);
}

describe("compose.yaml", () => {
	test("has a database, a migration, two processes of the API, two workers and a proxy", () => {
		expect(services.map(([name]) => name)).toEqual([
			"postgres",
			"migrate",
			"api-1",
			"api-2",
			"worker-1",
			"worker-2",
			"proxy",
		]);
		expect(ours.map(([, { command }]) => command)).toEqual([
			["migrate"],
			["serve", "--no-worker"],
			["serve", "--no-worker"],
			["worker"],
			["worker"],
		]);
	});

	test.each(ours)(
		"%s runs a command with options and variables that there are, read-only",
		(_name, service) => {
			const [name, ...options] = service.command ?? [];
			const command = makeProgram("").commands.find((one) => one.name() === name);
			expect(command?.options.map(({ long }) => long)).toEqual(expect.arrayContaining(options));
			for (const variable of Object.keys(service.environment ?? {})) {
				expect(config).toContain(`environment.${variable}`);
			}
			expect(service.read_only).toBe(true);
			expect(service.ports).toBeUndefined();
		},
	);

	test.each(services)("%s waits for services and has volumes that there are", (_name, service) => {
		expect(Object.keys(compose.services)).toEqual(
			expect.arrayContaining(Object.keys(service.depends_on ?? {})),
		);
		const named = (service.volumes ?? [])
			.map((volume) => volume.split(":")[0] ?? "")
			.filter((source) => !source.startsWith("."));
		expect(Object.keys(compose.volumes)).toEqual(expect.arrayContaining(named));
	});

	test("nothing but the proxy is reached from outside, and it turns to every process of the API", () => {
		expect(services.filter(([, { ports }]) => ports !== undefined).map(([name]) => name)).toEqual(["proxy"]);
		const servers = [...readFile("deploy/haproxy.cfg").matchAll(/^\tserver \S+ (\S+)$/gm)];
		const apis = ours.filter(([, { command }]) => command?.[0] === "serve").map(([name]) => `${name}:8700`);
		expect(servers.map(([, address]) => address)).toEqual(apis);
	});
});

describe("the Dockerfile", () => {
	test("is of the Node that the program needs, and runs it as nobody special", () => {
		expect(instructions("FROM")).toEqual(["node:24-slim AS build", "node:24-slim"]);
		expect(instructions("USER")).toEqual(["node"]);
		expect(instructions("ENTRYPOINT")).toEqual(['["node", "/opt/muster/server/bin/muster.js"]']);
		expect(instructions("CMD")).toEqual(['["serve"]']);
	});

	test("sets variables that there are, and asks the API whether it lives", () => {
		const variables = instructions("ENV").flatMap((line) => line.split(" ").map((one) => one.split("=")[0]));
		for (const variable of variables) {
			if (variable !== "NODE_ENV") expect(config).toContain(`environment.${variable}`);
		}
		expect(instructions("HEALTHCHECK")).toEqual([expect.stringContaining("/livez")]);
	});
});

function readFile(path: string): string {
	return readFileSync(new URL(`../${path}`, import.meta.url), "utf8");
}
