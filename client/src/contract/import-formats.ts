/** How a file of an import is written, by its media type. */
export const importFormats = { jsonl: "application/x-ndjson", csv: "text/csv" } as const;
export type ImportFormat = keyof typeof importFormats;
