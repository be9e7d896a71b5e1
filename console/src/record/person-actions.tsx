import { Alert, Button, Group, List, Modal, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { type CustomerProfile, operationNamed, readScopes } from "@muster/client";
import { type Query, useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { saveFile } from "../pieces/csv.ts";
import { Icon } from "../pieces/icon.tsx";
import { Refusal } from "../pieces/states.tsx";
import { queries } from "../queries.ts";
import { service } from "../service.ts";
import { useMay } from "../session.ts";
import { TypedConfirmation } from "./typed-confirmation.tsx";

/** The two things that a person may ask for: all that is known of them, and that nothing is. For administrators alone. */
export function PersonActions({ profile }: { readonly profile: CustomerProfile }) {
	const isAdmin = useMay("admin");
	const mayRead = useMay(readScopes.customer);
	const mayWrite = useMay(operationNamed("customer").writeScope);
	if (!isAdmin) return null;
	return (
		<>
			{mayRead ? <HandOver profile={profile} /> : null}
			{mayWrite ? <Erase profile={profile} /> : null}
		</>
	);
}

function HandOver({ profile: { customerId } }: { readonly profile: CustomerProfile }) {
	const handOver = useMutation({
		mutationFn: () => service.people.handOver(customerId),
		onSuccess: (everything) =>
			// Named by the id, so that the name of the file tells nobody who it is about.
			saveFile(`customer-${customerId.split(":").at(-1)}.json`, "application/json", [
				`${JSON.stringify(everything, null, 2)}\n`,
			]),
	});
	return (
		<>
			<Button
				variant="default"
				leftSection={<Icon name="download" size={16} />}
				loading={handOver.isPending}
				onClick={() => handOver.mutate()}
				title="The record, and what is kept of tasks, writes and imports that name them, as one JSON file"
			>
				Download all data
			</Button>
			<Modal
				opened={handOver.isError}
				onClose={handOver.reset}
				title="Nothing was downloaded"
				closeButtonProps={{ "aria-label": "Close" }}
			>
				<Refusal error={handOver.error} />
			</Modal>
		</>
	);
}

function Erase({ profile: { customerId, email } }: { readonly profile: CustomerProfile }) {
	const [isOpen, { open, close }] = useDisclosure();
	const navigate = useNavigate();
	const erase = useMutation({ mutationFn: () => service.people.erase(customerId) });
	/** What this page remembers of them goes too. */
	const leave = async (): Promise<void> => {
		close();
		await navigate({ to: "/customers" });
		const predicate = ({ queryKey: [kind] }: Query): boolean => kind !== "session";
		queries.removeQueries({ type: "inactive", predicate });
		await queries.resetQueries({ type: "active", predicate });
	};
	return (
		<>
			<Button variant="default" leftSection={<Icon name="eraser" size={16} />} onClick={open}>
				Erase
			</Button>
			<Modal
				opened={isOpen}
				onClose={() => (erase.isSuccess ? void leave() : close())}
				title="Erase this person?"
				closeButtonProps={{ "aria-label": "Close" }}
				closeOnClickOutside={false}
			>
				{erase.isSuccess ? (
					<Stack>
						<Alert color="green" variant="outline" role="status" title="Erased">
							Nothing that is kept here names this person any more. The audit log says that it was done, and
							has the id alone.
						</Alert>
						<Group justify="flex-end">
							<Button onClick={() => void leave()} data-autofocus>
								Done
							</Button>
						</Group>
					</Stack>
				) : (
					<TypedConfirmation
						text={email}
						action="Erase for ever"
						isPending={erase.isPending}
						error={erase.error}
						onConfirm={() => erase.mutate()}
						onCancel={close}
					>
						<Text size="sm">At once and for ever, under former emails too:</Text>
						<List size="sm" spacing={4}>
							<List.Item>the record, its details, memberships and entitlements</List.Item>
							<List.Item>what results and failed items of tasks tell of them</List.Item>
							<List.Item>their history, so nothing of it can be undone</List.Item>
							<List.Item>lines of imported files that name them</List.Item>
						</List>
						<Text size="sm" c="dimmed">
							Counts of tasks stay. Erase them at the source first: a list that names them brings them back.
						</Text>
					</TypedConfirmation>
				)}
			</Modal>
		</>
	);
}
