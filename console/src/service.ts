import { MusterClient } from "@muster/client";

/** The server that this page came from; its cookie says who asks. */
export const service = new MusterClient({
	url: new URL(document.baseURI).href,
	// A person is waiting: what does not come soon is told, with a button to try again.
	retry: { triesMax: 3 },
});
