import type { TaskSource } from "@muster/client";
import { TextLink } from "../pieces/links.tsx";

/** What a task came of, in few words; the list shows them. */
export function sourceText({ source }: { readonly source: TaskSource | null }): string {
	if (source === null) return "–";
	const { kind, connector, tokenPrefix } = source;
	switch (kind) {
		case "import":
			return "File";
		case "connector":
			return connector ?? "Connector";
		case "retry":
			return "Retry";
		case "undo":
			return "Undo";
		default:
			return tokenPrefix === undefined ? "Request" : `${tokenPrefix}…`;
	}
}

/** The same as a sentence, with links to what it came of and the token that sent it. */
export function Source({ source }: { readonly source: TaskSource }) {
	const { tokenPrefix } = source;
	return (
		<>
			{whatOf(source)}
			{tokenPrefix === undefined ? ", by a token that is gone" : `, by the token ${tokenPrefix}…`}
		</>
	);
}

function whatOf({ kind, importId, connector, taskId }: TaskSource) {
	const task =
		taskId === undefined ? null : (
			<TextLink to="/tasks/$taskId" params={{ taskId }} size="sm" underline="always">
				this task
			</TextLink>
		);
	switch (kind) {
		case "import":
			return `A part of a file, import ${importId}`;
		case "connector":
			return (
				<>
					The connector{" "}
					<TextLink to="/settings" search={{ tab: "connectors" }} size="sm" underline="always">
						{connector}
					</TextLink>
				</>
			);
		case "retry":
			return <>What failed of {task}, sent again</>;
		case "undo":
			return task === null ? "An undo" : <>The undo of {task}</>;
		default:
			return "A request";
	}
}
