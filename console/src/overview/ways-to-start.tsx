import { Paper, Stack, Text, Title } from "@mantine/core";
import { CodeBlock } from "../pieces/code-block.tsx";
import { Icon } from "../pieces/icon.tsx";
import { ButtonLink } from "../pieces/links.tsx";

/** On a site that has nothing yet: three ways to give it something. */
export function WaysToStart() {
	const url = new URL("api/v1/customer/profile/bulk", document.baseURI).href;
	return (
		<Paper withBorder p="md" component="section" aria-label="Ways to start">
			<Stack>
				<Title order={2}>Three ways to start</Title>
				<Text size="sm">
					This site has no customers yet. Drop a file that another system exported, and match its columns:
				</Text>
				<ButtonLink
					to="/import"
					leftSection={<Icon name="import" size={16} />}
					style={{ alignSelf: "flex-start" }}
				>
					Import a file
				</ButtonLink>
				<CodeBlock label="Or send a list by the API" text={curlTo(url)} />
				<CodeBlock label="Or import from a terminal" text="npx muster import examples/customers.csv" />
			</Stack>
		</Paper>
	);
}

function curlTo(url: string): string {
	return [
		". ./.muster/dev.env",
		`curl '${url}' \\`,
		'  -H "Authorization: Bearer $MUSTER_TOKEN" \\',
		"  -H 'Content-Type: application/json' \\",
		"  -H 'Idempotency-Key: my-first-request' \\",
		`  -d '{"customers": [{"email": "jane.smith@acme.com", "displayName": "Jane Smith"}]}'`,
	].join("\n");
}
