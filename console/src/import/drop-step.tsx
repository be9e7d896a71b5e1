import { Alert, Button, Stack, Text, VisuallyHidden } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type DragEvent, useRef, useState } from "react";
import { Icon } from "../pieces/icon.tsx";
import { wordsOf } from "../pieces/states.tsx";
import classes from "./import.module.css";
import { FileTrouble, openFile } from "./open-file.ts";
import { type Looked, look } from "./prepare.ts";

/** A file is dropped, or chosen: the button does all that dropping does. */
export function DropStep({ onLooked }: { readonly onLooked: (looked: Looked) => void }) {
	const [isOver, setOver] = useState(false);
	const input = useRef<HTMLInputElement>(null);
	const read = useMutation({
		mutationFn: async (file: File) => look(await openFile(file)),
		onSuccess: onLooked,
	});
	const take = (file: File | undefined): void => {
		if (file !== undefined && !read.isPending) read.mutate(file);
	};
	const drop = (event: DragEvent): void => {
		event.preventDefault();
		setOver(false);
		take(event.dataTransfer.files[0]);
	};
	return (
		<Stack>
			<section
				className={classes.drop}
				data-over={isOver || undefined}
				aria-label="Drop a file here"
				onDragOver={(event) => {
					event.preventDefault();
					setOver(true);
				}}
				onDragLeave={() => setOver(false)}
				onDrop={drop}
			>
				<Icon name="file" size={36} />
				<Text fw={600}>Drop a CSV here</Text>
				<Text size="sm" c="dimmed" ta="center" maw={460}>
					As spreadsheets and CRMs write it: any delimiter, any encoding, any size. It is read by this page
					bit by bit.
				</Text>
				<Button loading={read.isPending} onClick={() => input.current?.click()}>
					Choose a file
				</Button>
				<VisuallyHidden>
					<input
						ref={input}
						type="file"
						accept=".csv,.tsv,.txt,text/csv"
						aria-label="File"
						tabIndex={-1}
						onChange={(event) => {
							take(event.currentTarget.files?.[0]);
							// The same file may be chosen again, when it was changed.
							event.currentTarget.value = "";
						}}
					/>
				</VisuallyHidden>
			</section>
			{read.error === null ? null : (
				<Alert color="red" variant="outline" role="alert" title="This file cannot be imported">
					{read.error instanceof FileTrouble ? read.error.message : wordsOf(read.error).text}
				</Alert>
			)}
		</Stack>
	);
}
