import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { operations, type Task } from "@muster/client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { count } from "../pieces/count.ts";
import { Icon } from "../pieces/icon.tsx";
import { Loading, Refusal, Trouble } from "../pieces/states.tsx";
import { queries } from "../queries.ts";
import { service } from "../service.ts";
import { useMay } from "../session.ts";
import { Results } from "./results.tsx";

const previewSeconds = 30;

/** Gives the records of a task back what they had, after a look at what that would be. */
export function UndoTask({ task }: { readonly task: Task }) {
	const [isOpen, { open, close }] = useDisclosure();
	const operation = operations.find(({ name }) => name === task.operation);
	const mayWrite = useMay(operation?.writeScope ?? "*");
	const { created = 0, updated = 0 } = task.summary ?? {};
	const isUndoable = operation !== undefined && operation.scope !== "definitions" && !task.dryRun;
	if (!mayWrite || !isUndoable || created + updated === 0) return null;
	return (
		<>
			<Button variant="default" leftSection={<Icon name="undo" size={16} />} onClick={open}>
				Undo
			</Button>
			<Modal
				opened={isOpen}
				onClose={close}
				title="Undo this task?"
				size="xl"
				closeButtonProps={{ "aria-label": "Close" }}
			>
				<Preview task={task} onClose={close} />
			</Modal>
		</>
	);
}

function Preview({ task, onClose }: { readonly task: Task; readonly onClose: () => void }) {
	const navigate = useNavigate();
	const preview = useQuery({
		queryKey: ["task", task.taskId, "undo-preview"],
		queryFn: async ({ signal }) => {
			const { taskId } = await service.undoTask(task.taskId, { dryRun: true });
			return service.waitForTask(taskId, { timeoutSeconds: previewSeconds, signal });
		},
		// What it says changes with what is done meanwhile, so each opening looks anew.
		gcTime: 0,
		staleTime: Number.POSITIVE_INFINITY,
		refetchOnWindowFocus: false,
	});
	const undo = useMutation({
		mutationFn: () => service.undoTask(task.taskId),
		onSuccess: async ({ taskId }) => {
			onClose();
			await queries.invalidateQueries({ queryKey: ["tasks"] });
			await navigate({ to: "/tasks/$taskId", params: { taskId } });
		},
	});
	if (preview.data === undefined) {
		return preview.error === null ? (
			<Loading label="Finding out what would be undone" />
		) : (
			<Trouble error={preview.error} onRetry={() => void preview.refetch()} />
		);
	}
	const { updated = 0, skipped = 0, failed = 0, unchanged = 0, deleted = 0 } = preview.data.summary ?? {};
	return (
		<Stack>
			<Text size="sm">
				{count(updated)} would get back what they had, {count(deleted)} that it created would go, and{" "}
				{count(skipped + failed + unchanged)} would stay: they were changed since, or there is nothing to
				undo.
			</Text>
			<Results taskId={preview.data.taskId} />
			<Refusal error={undo.error} />
			<Group justify="flex-end" gap="xs">
				<Button variant="default" onClick={onClose}>
					Cancel
				</Button>
				<Button loading={undo.isPending} onClick={() => undo.mutate()}>
					Undo it
				</Button>
			</Group>
		</Stack>
	);
}
