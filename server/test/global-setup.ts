import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import type { TestProject } from "vitest/node";
import { openEmbedded } from "../src/store/embedded.ts";
import { migrate } from "../src/store/migrate.ts";

declare module "vitest" {
	interface ProvidedContext {
		/** A server to make databases on, and a migrated database there to copy. */
		database: { readonly adminUrl: string; readonly template: string };
		/** Where the logs of the whole suite are collected. */
		logFolder: string;
	}
}

/**
 * Runs once before the suite: a PostgreSQL (that of MUSTER_TEST_DATABASE_URL, or the bundled one in a temporary folder)
 * and on it a migrated database, which each test file copies.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
	const given = process.env.MUSTER_TEST_DATABASE_URL;
	const folder = await mkdtemp(join(tmpdir(), "muster-test-"));
	const logFolder = await mkdtemp(join(tmpdir(), "muster-test-logs-"));
	const embedded = given === undefined ? await openEmbedded(folder) : null;
	const adminUrl = given ?? embedded?.url ?? "";
	const template = `muster_template_${randomUUID().replaceAll("-", "")}`;
	const admin = new pg.Client({ connectionString: adminUrl });
	await admin.connect();
	if (embedded !== null) {
		// Nobody pulls the plug on this server, and each file makes a database and drops it, which waits for the disk. What a
		// killed process wrote is there all the same; a server that is killed is one of a test's own, as it is.
		await admin.query("alter system set fsync = off");
		await admin.query("select pg_reload_conf()");
	}
	await admin.query(`create database ${template}`);
	const url = new URL(adminUrl);
	url.pathname = `/${template}`;
	await migrate(url.href);
	project.provide("database", { adminUrl, template });
	project.provide("logFolder", logFolder);
	return async () => {
		await admin.query(`drop database ${template}`);
		await admin.end();
		await embedded?.stop();
		await rm(folder, { recursive: true, force: true });
		await rm(logFolder, { recursive: true, force: true });
	};
}
