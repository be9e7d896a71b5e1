import {
	type Dialect,
	guideBase,
	type OperationScope,
	referenceBase,
	referenceSiteBase,
} from "@muster/client/contract";
import { waitSecondsMax } from "../await-task.ts";

/** What the document tells beside its addresses. Markdown. */

export const groupNames: Readonly<Record<Dialect, string>> = {
	guide: `Guide: ${guideBase}`,
	reference: "Reference: /jsm/csm/...",
};

/** By the tags of routes. */
export const tagNotes: Readonly<Record<string, string>> = {
	"Bulk operations":
		"Send a list, get a task. A list is saved as a whole, with its Idempotency-Key, before the answer; its items then take effect in order, each by itself. A bad item is a failure of that item and stops no other.",
	Tasks:
		"What became of a list: look at its task, wait for it, list its items one by one, or find it again by its key.",
	Imports:
		"Send a file of any size instead of a list: it is carried out as tasks while it arrives, and tells how far it is.",
	Customers:
		"One customer at a time, at once and beside the queue: what is written here has no order with tasks that are still waiting. The rules are those of the bulk operations.",
	Organizations:
		"One organization at a time, at once and beside the queue: what is written here has no order with tasks that are still waiting. The rules are those of the bulk operations.",
	"Detail fields":
		"The site's own fields of customers, organizations and entitlements, with their types and options.",
	Products: "What customers and organizations can be entitled to.",
	Entitlements:
		"Which customers and organizations have which product, with details of their own. Items of the profile operations associate records with products too.",
	Connectors:
		"What brings records from another program again and again, such as `muster sync hubspot`: how far each has come, its runs, and which process has it.",
	Settings: "What the site does in cases that sites differ about. Only tokens with the scope `admin` may.",
	Statistics: "How much there is, and how much was done lately, as a first screen shows it.",
	Webhooks:
		"Addresses that are told when a task has ended and what it changed, signed as Standard Webhooks says. Only tokens with the scope `admin` may.",
	Sessions: "Who a token is, and how the web console keeps a browser signed in.",
	Server: "For load balancers and orchestrators. No token is needed.",
};

/** What each kind of bulk operation does. */
export const scopeNotes: Readonly<Record<OperationScope, string>> = {
	account:
		"Who a record is, and nothing more. Items are upserts unless `operationType` says otherwise; `CREATE` fails where the record exists, `UPDATE` where it does not.",
	profile:
		"A record with its details and its associations. What an item does not name stays as it is; associations are added and never removed. A detail field that does not exist is made as a text field, unless the site is set to refuse it.",
	details:
		"Edits of single details. `UPDATE` replaces the value, `PATCH` adds to a MULTISELECT, `DELETE` clears. A record is never created: an unknown one is a failure of its item.",
	definitions:
		"Detail fields, ahead of the data that fills them. They are made at once, all or none, and the task has already ended when it is answered.",
};

export function introduction(publicUrl: string): string {
	return `Muster takes customers and organizations by the list. You send a list and get a **task** at once; the task tells what became of every item.

## In one minute

\`npm start\` writes a token into \`.muster/dev.env\`; \`npx muster token create --site default --scope '*'\` makes further ones.

\`\`\`sh
curl ${publicUrl}${guideBase}/customer/profile/bulk \\
  -H "Authorization: Bearer $MUSTER_TOKEN" \\
  -H "Content-Type: application/json" \\
  -H "Idempotency-Key: my-first-request" \\
  -H "Prefer: wait=10" \\
  -d '{"customers": [
        {"email": "jane.smith@acme.com"},
        {"email": "invalid-email"}
      ]}'
\`\`\`

The answer is the finished task: one item \`created\`, one failure that says why and where.

## Two dialects

There are two descriptions of these APIs, and clients of both. The base path chooses how **answers** are spelled; **requests** of either shape are taken under either base.

| what | guide | reference |
|---|---|---|
| base | \`${guideBase}\` | \`${referenceSiteBase}\`, or \`${referenceBase}\` |
| the site | is the token's | the same; \`cloudId\` must be its id |
| accepted | \`taskId\`, absolute \`statusUrl\` | \`id\`, relative \`statusUrl\` |
| status | \`PROCESSING\`, \`COMPLETED\`, \`FAILED\` | \`NOT_STARTED\`, \`FINISHED\`, \`FAILED\` |
| failure | \`index\`, \`message\`, \`errors\` | \`entity\`, \`entityId\`, \`error\` |

## Sending again is safe

Every submission needs an \`Idempotency-Key\`: a new UUID for each new request. After a time-out, a 503 or a crash send **the same request with the same key**. It is carried out once, and the answer is the first one's task with \`Idempotency-Replayed: true\`. Another request under a used key is refused, and a request that was refused has not used up its key.

## Waiting for a task

- \`Prefer: wait=10\` on the submission: 200 with the task if it ends in time, else 202.
- \`?wait=10\` on the task: the answer comes when it ends, ${waitSecondsMax} seconds at most.
- Or ask again no sooner than \`Retry-After\` says.

\`?dryRun=true\` judges a list against the site as it is, shows per item what would change, and changes nothing.

## Failures and problems

An **item** that is wrong is a *failure* inside its task: \`COMPLETED\` means that all items were tried, not that all went well. Look at \`summary.failed\`, correct those items, and send them again under a new key. An item's \`clientRef\`, such as its row in your file, comes back with its result.

A **request** that is wrong is a *problem* (RFC 9457): 4xx with a \`code\` that never changes its meaning, a sentence that says what is wrong and where, and nothing saved. [Every code, with cause, example and fix](${publicUrl}/docs/errors).`;
}
