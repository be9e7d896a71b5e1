import type { IncomingMessage } from "node:http";
import { ProblemError } from "../problem-error.ts";

/** Longest time between two pieces of an upload that is being read, in milliseconds: as long as a whole request may take. */
const stallMs = 29_000;

/**
 * The pieces of an upload as they arrive, for as long as they do. Nothing is read ahead of whoever takes them: while they do
 * not, the sender waits, and that may be any time.
 * @param signal aborted when the sender has gone or the server stops
 * @throws ProblemError request_timeout where nothing came for a while, unavailable, invalid_request where it broke off
 */
export async function* piecesOf(
	upload: IncomingMessage,
	signal: AbortSignal,
	pieceMs: number = stallMs,
): AsyncGenerator<Buffer, void> {
	// Who is refused in the middle gets an answer, over the same connection.
	const pieces = upload.iterator({ destroyOnReturn: false });
	try {
		for (;;) {
			const next = await within(pieces.next(), pieceMs, signal, upload);
			if (next.done === true) return;
			yield next.value as Buffer;
		}
	} finally {
		// What nobody takes is still on its way: it is thrown away, or the answer would wait for it.
		void pieces.return?.().then(
			() => upload.resume(),
			() => undefined,
		);
	}
}

function within<T>(piece: Promise<T>, ms: number, signal: AbortSignal, upload: IncomingMessage): Promise<T> {
	const { promise, resolve, reject } = Promise.withResolvers<T>();
	const onAbort = (): void => reject(endedProblem(upload));
	const timer = setTimeout(() => reject(stalled()), ms);
	signal.addEventListener("abort", onAbort);
	if (signal.aborted) onAbort();
	piece.then(resolve, () => reject(brokenOff()));
	return promise.finally(() => {
		clearTimeout(timer);
		signal.removeEventListener("abort", onAbort);
	});
}

/** Why an upload cannot go on when its signal was aborted. */
export function endedProblem(upload: IncomingMessage): ProblemError {
	return upload.destroyed && !upload.complete
		? brokenOff()
		: new ProblemError(
				"unavailable",
				"This server is stopping. What has arrived of the file is saved up to receivedBytes; send the same request again, and it goes on from there.",
				{ headers: { "retry-after": "1" } },
			);
}

function stalled(): ProblemError {
	return new ProblemError(
		"request_timeout",
		"Nothing more of the file arrived for 29 seconds. What has arrived is saved up to receivedBytes; send the same request again, and it goes on from there.",
		{ headers: { connection: "close" } },
	);
}

/** Nobody reads it. */
function brokenOff(): ProblemError {
	return new ProblemError("invalid_request", "The connection was closed before the whole file had arrived.");
}
