import { type Place, port } from "./place.ts";

/**
 * What PostgreSQL is started with. It stands in the arguments and not in the cluster's files, so that a newer Muster brings
 * newer settings to an old cluster.
 */
export function postgresArguments(place: Place): string[] {
	const settings: Readonly<Record<string, string>> = {
		// No TCP port: whoever may enter the folder is let in without a password, and nobody else can reach it.
		listen_addresses: "",
		port: String(port),
		// The setting is a list, in which quotes keep a path with a comma or a space in one piece.
		unix_socket_directories: `"${place.sockets.replaceAll('"', '""')}"`,
		unix_socket_permissions: "0700",
		// An accepted task is promised to survive a crash: a commit is on the disk when it is answered.
		fsync: "on",
		synchronous_commit: "on",
		// Muster, its workers, a demo and a person with psql together stay well below.
		max_connections: "100",
		// Twice the default: a laptop can spare it, and the keys and records of a large site stay in memory.
		shared_buffers: "256MB",
		// A bulk load writes gigabytes of log. With the default of 1 GB it would force one checkpoint after another, and each
		// makes every page be written whole again.
		max_wal_size: "4GB",
		// pglz is the one method this build has (no lz4): measured, it takes a third off the log and doubles an insert's time.
		wal_compression: "off",
		// postgres.log is for why it started and stopped. What went wrong with a statement goes to who sent it: in this file
		// it would grow without end, and its messages hold values, people's addresses among them.
		log_min_messages: "log",
		log_min_error_statement: "panic",
		log_error_verbosity: "terse",
		log_timezone: "UTC",
		timezone: "UTC",
	};
	return [
		"-D",
		place.data,
		...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
	];
}
