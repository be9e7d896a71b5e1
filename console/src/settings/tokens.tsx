import { Button, Code, Group, Modal, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import type { AccessToken } from "@muster/client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Icon } from "../pieces/icon.tsx";
import { type Column, ListTable } from "../pieces/list-table.tsx";
import { Mark } from "../pieces/outcome.tsx";
import { Loading, Trouble } from "../pieces/states.tsx";
import { Time } from "../pieces/time.tsx";
import { queries } from "../queries.ts";
import { service } from "../service.ts";
import { useSession } from "../session.ts";
import { NewToken } from "./new-token.tsx";
import { shortScope } from "./scope-words.ts";

/** The site's tokens: made, shown once, told by their beginnings, revoked. */
export function Tokens() {
	const { tokenId: own } = useSession();
	const [isNew, { open, close }] = useDisclosure();
	const [revoking, setRevoking] = useState<AccessToken | null>(null);
	const { data, error, refetch } = useQuery({
		queryKey: ["tokens"],
		queryFn: ({ signal }) => service.site.tokens({ signal }),
	});
	const revoke = useMutation({
		mutationFn: (tokenId: string) => service.site.revokeToken(tokenId),
		onSuccess: async () => {
			setRevoking(null);
			await queries.invalidateQueries({ queryKey: ["tokens"] });
			await queries.invalidateQueries({ queryKey: ["audit"] });
		},
	});
	if (data === undefined) {
		return error === null ? <Loading /> : <Trouble error={error} onRetry={() => void refetch()} />;
	}
	return (
		<Stack>
			<Group>
				<Button leftSection={<Icon name="plus" size={16} />} onClick={open}>
					New token
				</Button>
			</Group>
			<ListTable
				label="Tokens"
				one="token"
				columns={columnsWith(own, setRevoking)}
				rows={[...data].reverse()}
				keyOf={({ tokenId }) => tokenId}
				minWidth="18rem"
				wideMinWidth="60rem"
				note={rightsText}
			/>
			<Modal
				opened={isNew}
				onClose={close}
				title="New token"
				size="lg"
				closeButtonProps={{ "aria-label": "Close" }}
				closeOnClickOutside={false}
			>
				<NewToken onDone={close} />
			</Modal>
			<Modal
				opened={revoking !== null}
				onClose={() => setRevoking(null)}
				title="Revoke this token?"
				closeButtonProps={{ "aria-label": "Close" }}
			>
				<Stack>
					<Text size="sm">
						<Code>{revoking?.prefix}…</Code> is refused within a second, everywhere, and for ever.
						{revoking?.tokenId === own
							? " It is the one that you are signed in with: you will be signed out."
							: ""}
					</Text>
					{revoke.error === null ? null : <Trouble error={revoke.error} />}
					<Group justify="flex-end" gap="xs">
						<Button variant="default" onClick={() => setRevoking(null)}>
							Cancel
						</Button>
						<Button
							color="red.9"
							loading={revoke.isPending}
							onClick={() => revoking !== null && revoke.mutate(revoking.tokenId)}
						>
							Revoke
						</Button>
					</Group>
				</Stack>
			</Modal>
		</Stack>
	);
}

function columnsWith(own: string, onRevoke: (token: AccessToken) => void): readonly Column<AccessToken>[] {
	return [
		{
			name: "prefix",
			title: "Token",
			width: "11rem",
			cell: ({ prefix, tokenId }) => (
				<>
					<Code>{prefix}…</Code>
					{tokenId === own ? " (yours)" : ""}
				</>
			),
		},
		{ name: "state", title: "State", width: "6.5rem", cell: (token) => <TokenState token={token} /> },
		{
			name: "scopes",
			title: "Rights",
			isWide: true,
			cell: (token) => <span title={token.scopes.join("\n")}>{rightsText(token)}</span>,
		},
		{
			name: "used",
			title: "Last used",
			width: "10rem",
			isWide: true,
			cell: ({ lastUsedDate }) => <Time iso={lastUsedDate} none="Never" />,
		},
		{
			name: "created",
			title: "Made",
			width: "10rem",
			isWide: true,
			cell: ({ createdDate }) => <Time iso={createdDate} />,
		},
		{
			name: "expires",
			title: "Ends",
			width: "10rem",
			isWide: true,
			cell: ({ expiresDate }) => <Time iso={expiresDate} none="Never" />,
		},
		{
			name: "revoke",
			title: "Action",
			width: "6.5rem",
			cell: (token) =>
				token.revokedDate === null ? (
					<Button
						size="compact-sm"
						variant="default"
						aria-label={`Revoke ${token.prefix}`}
						onClick={() => onRevoke(token)}
					>
						Revoke
					</Button>
				) : null,
		},
	];
}

function rightsText({ scopes }: AccessToken): string {
	return scopes.includes("*") ? "Everything" : scopes.map(shortScope).join(", ");
}

function TokenState({ token: { revokedDate, expiresDate } }: { readonly token: AccessToken }) {
	if (revokedDate !== null) return <Mark tone="calm">Revoked</Mark>;
	if (expiresDate !== null && Date.parse(expiresDate) < Date.now()) return <Mark tone="calm">Ended</Mark>;
	return <Mark tone="good">Good</Mark>;
}
