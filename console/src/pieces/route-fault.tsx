import { Container } from "@mantine/core";
import { TextLink } from "./links.tsx";
import { Empty, Trouble } from "./states.tsx";

/** An address that is no screen, or a screen that broke. @param error of the screen, where there is one */
export function RouteFault({ error }: { readonly error?: unknown }) {
	return (
		<Container size="sm" py="xl">
			{error === undefined ? (
				<Empty icon="question" title="There is no such screen">
					<TextLink to="/">Go to the first one</TextLink>
				</Empty>
			) : (
				// A new program may have been built meanwhile, whose files have other names.
				<Trouble error={error} onRetry={() => window.location.reload()} />
			)}
		</Container>
	);
}
