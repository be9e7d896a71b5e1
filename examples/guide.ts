// The guide's requests with the client: `npm start` in another terminal, then `npx node examples/guide.ts`.
import { existsSync } from "node:fs";
import { MusterClient, type OperationName } from "@muster/client";

// Written by the first start; what is set in the environment counts first.
const devEnvironment = new URL("../.muster/dev.env", import.meta.url);
if (existsSync(devEnvironment)) process.loadEnvFile(devEnvironment);
const { MUSTER_URL: url = "http://127.0.0.1:8700", MUSTER_TOKEN: token = "" } = process.env;
const muster = new MusterClient({ url, token });

await send("customer.profile", [
	{ email: "jane.smith@acme.com", displayName: "Jane Smith", details: { phone: "+1-555-0123" } },
	{ email: "john.doe@acme.com", displayName: "John Doe", details: { phone: "+1-555-0124" } },
]);
await send("customer.details", [
	{
		email: "jane.smith@acme.com",
		details: [{ fieldId: "support-tier", operation: "UPDATE", value: "Premium" }],
	},
]);
await send("organization.profile", [{ name: "Acme Corporation", details: { industry: "Manufacturing" } }]);
await send("customer.profile", [{ email: "jane.smith@acme.com" }, { email: "invalid-email" }]);

async function send(operation: OperationName, items: object[]): Promise<void> {
	const { taskId } = await muster.submit(operation, items);
	const task = await muster.waitForTask(taskId, { timeoutSeconds: 60 });
	console.log(operation, task.status, task.summary);
	for (const failure of task.failures) console.log(`  item ${failure.index}: ${failure.message}`);
}
