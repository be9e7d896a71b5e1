import { openApiDocument } from "../server/src/http/openapi/document.ts";
import { routes } from "../server/src/http/route-table.ts";

/** What of an operation of the OpenAPI document stands in the table. */
interface Operation {
	readonly summary: string;
	readonly tags: readonly string[];
	readonly "x-scope"?: string;
	readonly parameters?: readonly { readonly name?: string; readonly in?: string; readonly $ref?: string }[];
	readonly requestBody?: object;
	readonly responses: Readonly<Record<string, unknown>>;
}

/** docs/api.md: every address under the guide's base, from the OpenAPI document that a server gives out. */
export function apiReference(): string {
	// The version stands in the document and not here. Its form is OpenAPI's.
	const { paths } = openApiDocument(routes, "http://127.0.0.1:8700", "") as unknown as {
		readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
	};
	const rows = Object.entries(paths)
		.filter(([path]) => !path.startsWith("/jsm/"))
		.flatMap(([path, methods]) =>
			Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
		);
	const tags = [...new Set(rows.map(({ operation }) => operation.tags[0] ?? ""))];
	return `# Addresses

<!-- Written by \`npm run docs\` from the OpenAPI document: change the routes. -->

What a server answers to, by its OpenAPI document. A running server shows the same with bodies, examples and every problem at \`/docs\`, and the document itself at \`/openapi.json\`. Each address is also there under \`/jsm/csm/cloudid/{cloudId}/api/v1\` and \`/jsm/csm/api/v1\`, in the reference's dialect ([differences](differences.md)). Problems have codes: [errors.md](errors.md).

${tags.map((tag) => section(tag, rows)).join("\n\n")}
`;
}

interface Row {
	readonly path: string;
	readonly method: string;
	readonly operation: Operation;
}

function section(tag: string, rows: readonly Row[]): string {
	const lines = rows
		.filter(({ operation }) => operation.tags[0] === tag)
		.map(({ path, method, operation }) => {
			const query = (operation.parameters ?? [])
				.filter((each) => each.in === "query")
				.map((each) => each.name);
			const good = Object.keys(operation.responses).filter((status) => Number(status) < 400);
			return [
				`\`${method.toUpperCase()} ${path}\``,
				operation.summary,
				query.map((name) => `\`${name}\``).join(", "),
				good.join(", "),
				operation["x-scope"] === undefined ? "" : `\`${operation["x-scope"]}\``,
			];
		});
	return [
		`## ${tag}`,
		"",
		"| address | what it does | query | answers | scope |",
		"|---|---|---|---|---|",
		...lines.map((cells) => `| ${cells.join(" | ")} |`),
	].join("\n");
}
