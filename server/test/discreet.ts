import { hostname } from "node:os";

/** What no answer may tell: where in our code something happened, SQL, tables, the machine, what it runs on. */
const talkative = [
	/^\s+at /m,
	/\((file|node):/,
	/node_modules|server\/src\//,
	/\bmuster\.(site|access_token|lane|task|customer|organization|membership|detail_field|audit_entry)\b/,
	/SQLSTATE|PostgreSQL|violates .* constraint|relation "/,
	new RegExp(`\\b${hostname()}\\b`),
	new RegExp(process.version.replaceAll(".", "\\.")),
];

/** @throws where an answer tells more than its sender may know. Every answer that the suite gets is held against it. */
export function expectDiscreet(headers: Headers, text: string): void {
	const told = talkative.find((form) => form.test(text));
	if (told !== undefined) throw new Error(`an answer tells ${told}: ${text}`);
	const named = ["server", "x-powered-by", "via"].find((name) => headers.has(name));
	if (named !== undefined) throw new Error(`an answer has the header ${named}: ${headers.get(named)}`);
}
