import "@mantine/core/styles.css";
import "./console.css";
import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { setNonce } from "get-nonce";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { queries } from "./queries.ts";
import { router } from "./router.tsx";
import { theme } from "./theme.ts";

/** Where the page says which style elements may stand in it; the policy of the page refuses all others. */
const nonce = document.querySelector<HTMLMetaElement>("meta[property=csp-nonce]")?.nonce ?? "";
// Dialogs hold the page still by a style element of their own.
setNonce(nonce);

const root = document.getElementById("console");
if (root === null) throw new Error("the page has no place for the console");
createRoot(root).render(
	<StrictMode>
		<MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={() => nonce}>
			<QueryClientProvider client={queries}>
				<RouterProvider router={router} />
			</QueryClientProvider>
		</MantineProvider>
	</StrictMode>,
);
