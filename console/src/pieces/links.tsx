import { Anchor, type AnchorProps, Button, type ButtonProps } from "@mantine/core";
import { createLink } from "@tanstack/react-router";
import type { ComponentPropsWithRef } from "react";

// Links to screens, whose addresses the compiler knows, in the looks of the parts that the console is made of.

export const TextLink = createLink(
	(props: AnchorProps & Omit<ComponentPropsWithRef<"a">, keyof AnchorProps>) => <Anchor {...props} />,
);

export const ButtonLink = createLink(
	(props: ButtonProps & Omit<ComponentPropsWithRef<"a">, keyof ButtonProps>) => (
		<Button component="a" {...props} />
	),
);
