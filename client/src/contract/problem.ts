import type { Static } from "typebox";
import { ItemError } from "./task.ts";
import { Type } from "./type.ts";

/**
 * Every code that Muster answers with, in one table: the HTTP edge builds its problems from it (RFC 9457), the worker
 * its failures, and docs/errors.md is written from it (`npm run docs`). A code is a promise: it never changes its meaning.
 */

export interface CodeEntry {
	/** HTTP status of the answer under the guide's base path; absent for a failure of an item. */
	readonly status?: number;
	/** The status under the reference's base path, where it is another. */
	readonly referenceStatus?: number;
	readonly title: string;
	/** Why it happens, for the reader of docs/errors.md. */
	readonly cause: string;
	/** A request, header or item that gets this code. What is code stands in backticks, here and in the other texts. */
	readonly example: string;
	/** What to do about it. */
	readonly fix: string;
}

/** Answers to a whole request. Nothing of such a request is saved, unless the entry says otherwise. */
export const problemCodes = {
	invalid_json: {
		status: 400,
		title: "The body is not JSON",
		cause: "The body could not be read as JSON. The answer names the place where reading stopped.",
		example: '`{"customers": [{"email": "ann@example.com",}]}`',
		fix: "Check the body with a JSON linter; a comma before a closing bracket and single quotes are the usual causes.",
	},
	invalid_encoding: {
		status: 400,
		title: "The body is not plain UTF-8",
		cause: "The body holds bytes that are no UTF-8, or begins with a byte order mark.",
		example: "A CSV saved as UTF-16 or Latin-1 and pasted into a request",
		fix: "Encode the body as UTF-8 without a byte order mark.",
	},
	too_deep: {
		status: 400,
		title: "The body is nested too deeply",
		cause:
			"Objects and lists in the body are nested more than 32 levels deep. No request of this API needs more than seven.",
		example: "`[[[[ ... ]]]]`",
		fix: "Send the items flat, as the examples show.",
	},
	too_much: {
		status: 400,
		title: "The body holds too much",
		cause:
			"The body has more than 80,000 keys and values in all, a text or number of more than 120,000 characters, or a key of more than 3,100: more than any request can need.",
		example: "An item with a million keys",
		fix: "Send fewer items a request, and values that are within their limits.",
	},
	body_not_object: {
		status: 400,
		title: "The body is not a JSON object",
		cause: "The body is a list, a text, a number or null where an object was expected, or is missing.",
		example: '`[{"email": "ann@example.com"}]`',
		fix: 'Put the items under their key: `{"customers": [...]}`.',
	},
	unknown_key: {
		status: 400,
		title: "Unknown key",
		cause:
			"The body has a key at its top level that this address does not know, or two keys that both hold the items. Nothing is dropped in silence.",
		example: '`{"customer": [{"email": "ann@example.com"}]}`',
		fix: "Correct the spelling, or leave the key out. The answer suggests the nearest known key.",
	},
	missing_items: {
		status: 400,
		title: "The list of items is missing",
		cause: "The key that should hold the items is absent, or holds something that is not a list.",
		example: '`{"customers": {"email": "ann@example.com"}}`',
		fix: "Send a list, even for a single item.",
	},
	empty_items: {
		status: 400,
		title: "The list of items is empty",
		cause: "The list has no items, so there is nothing to do.",
		example: '`{"customers": []}`',
		fix: "Send at least one item.",
	},
	too_many_items: {
		status: 400,
		title: "Too many items",
		cause: "The request has more items than the operation takes: 50 or 100, depending on the operation.",
		example: "A profile request with 101 customers",
		fix: "Split the list, and send each part under an Idempotency-Key of its own.",
	},
	too_many_edits: {
		status: 400,
		title: "Too many detail edits",
		cause: "The items of a details request hold more than 1,000 detail edits in all.",
		example: "100 customers with 11 details each",
		fix: "Split the list, and send each part under an Idempotency-Key of its own.",
	},
	invalid_request: {
		status: 400,
		title: "The request is not valid",
		cause:
			"A query parameter is unknown, was sent twice or has a value that this address does not take; or a value in the body, the path or Content-Length is not valid.",
		example: "`GET /api/v1/tasks?status=DONE`",
		fix: "The answer names the place, the value seen and what is allowed.",
	},
	idempotency_key_missing: {
		status: 400,
		title: "The Idempotency-Key header is missing",
		cause:
			"Every bulk submission needs an Idempotency-Key, so that sending it again is safe. None was sent, or an empty one.",
		example: "A POST to customer/bulk without the header",
		fix: "Make a new UUID for each request, and send the same one only when you send the same request again.",
	},
	idempotency_key_invalid: {
		status: 400,
		title: "The Idempotency-Key header is not valid",
		cause:
			"The key is longer than 255 characters or holds something else than visible ASCII, or the header was sent twice.",
		example: "`Idempotency-Key: two words`",
		fix: "Use a UUID.",
	},
	idempotency_key_reused: {
		status: 422,
		referenceStatus: 400,
		title: "The Idempotency-Key was used for another request",
		cause:
			"A request with this key and another content was accepted before. Under the reference's base path the status is 400.",
		example: "The same key for the corrected items of a task with failures",
		fix: "Use a new key for a new request; use the old key only to repeat the very same request.",
	},
	idempotency_key_busy: {
		status: 409,
		title: "A request with this Idempotency-Key is being accepted",
		cause:
			"Another request with the same key is on its way, and its end could not be awaited within two seconds.",
		example: "Two equal requests at the same moment while the database is slow",
		fix: "Send the request again after the time in Retry-After: you will get the answer of the first.",
	},
	invalid_detail_field: {
		status: 400,
		title: "The detail field is not valid",
		cause:
			"A definition of a detail field has no name, an unknown type, or options that do not fit its type; or a change of a field drops an option that records still have, would change its type, or names a place that there is not.",
		example: '`{"detailFields": [{"name": "Tier", "type": {"name": "DROPDOWN"}}]}`',
		fix: "The answer names the field and what is allowed. Rename an option that is in use with `renameOptions`.",
	},
	detail_field_exists: {
		status: 400,
		title: "The detail field exists already",
		cause:
			"Names of detail fields are unique in their entity, ignoring case and surrounding blanks; nor may a name be what another field answers to as its id. One clash refuses the whole request.",
		example: "Defining Tier where tier exists",
		fix: "Leave out the field that exists, or give the new one another name.",
	},
	detail_field_limit: {
		status: 400,
		title: "Too many detail fields",
		cause: "The site would have more detail fields for this entity than its setting allows (50 by default).",
		example: "A 51st field",
		fix: "Delete a field that is not used, or raise the site's setting.",
	},
	unusable_columns: {
		status: 400,
		title: "The columns of the file cannot be used",
		cause:
			"No column of a CSV holds what names its records; or a column is no field of the site, which is set not to make fields (`unknownFields=fail`); or `column` names one that the file has not.",
		example: "A file of customers without a column `email`",
		fix: "Correct the file's first line, or say what a column is with `?column=Header=target`; the answer names the columns.",
	},
	unauthorized: {
		status: 401,
		title: "Not signed in",
		cause:
			"The Authorization header is missing or malformed, or its token is unknown, expired or revoked. The answer does not tell which.",
		example: "`Authorization: Bearer mst_mistyped`",
		fix: "Send `Authorization: Bearer <token>`. Make a token with `npx muster token create --site default --scope '*'`.",
	},
	forbidden: {
		status: 403,
		title: "The token lacks a scope",
		cause: "The token is good, but it was not given the scope that this address asks for.",
		example: "A token with read scopes only, on a bulk submission",
		fix: "Use a token with the scope that the answer names.",
	},
	not_found: {
		status: 404,
		title: "Not found",
		cause:
			"There is nothing at this address for this token's site: the id is unknown, belongs to another site, or the task is past its time of keeping.",
		example: "`GET /api/v1/tasks/00000000-0000-7000-8000-000000000000`",
		fix: "Check the id, and that the token belongs to the site that the record or task is in.",
	},
	method_not_allowed: {
		status: 405,
		title: "Method not allowed",
		cause: "The address exists, but not for this method. The Allow header lists those it takes.",
		example: "`GET /api/v1/customer/bulk`",
		fix: "Use a method from the Allow header.",
	},
	request_timeout: {
		status: 408,
		title: "The request took too long to arrive",
		cause: "The body did not arrive in time.",
		example: "An upload over a stalled connection",
		fix: "Send it again with the same Idempotency-Key.",
	},
	conflict: {
		status: 409,
		title: "The change clashes with another record",
		cause:
			"Another record of the site has this email or name already; or the customer or organization has the product already.",
		example: "Changing a customer's email to one that another customer has",
		fix: "Read both records, then decide which of them keeps it.",
	},
	stale: {
		status: 409,
		title: "Newer data is stored already",
		cause:
			"The sourceUpdatedAt of a single write is older than that of the record: a later change of it has arrived before.",
		example: 'A PUT with `"sourceUpdatedAt": "2026-11-24T09:30:00Z"` behind one of 09:31',
		fix: "Nothing is to be done. To write it nevertheless, send it without sourceUpdatedAt.",
	},
	connector_held: {
		status: 409,
		title: "Another process carries out this connector",
		cause:
			"A connector is carried out by one process at a time. The one that has it said so within the last 30 seconds; or it was yours, and another one went on with it after yours had been silent for longer.",
		example: "A second `muster sync hubspot` for the same site",
		fix: "Wait until the other one has ended. When it has died, its hold runs out within 30 seconds.",
	},
	values_at_stake: {
		status: 409,
		title: "Values would go",
		cause:
			"Records have values in the detail field that was to be deleted; `values` says how many. Nothing was deleted.",
		example: "`DELETE /api/v1/customer/details/Tier` where a customer has a tier",
		fix: "Send the same request with `?confirm=true` if the values may go.",
	},
	upload_conflict: {
		status: 409,
		title: "The import is not where the upload takes it up",
		cause:
			"An import's file was to go on from another byte than the import has come to, is being sent by two at once, or the import has ended or was canceled. Up to `receivedBytes` it is saved.",
		example: "`PATCH /api/v1/imports/{importId}` with `Upload-Offset: 0`",
		fix: "Look at the import: while it is `RECEIVING`, send what is behind `receivedBytes`, or the whole request again.",
	},
	task_unfinished: {
		status: 409,
		title: "The task has not ended yet",
		cause: "What failed of a task was asked for, or was to be sent again, before the task had ended.",
		example: "`POST /api/v1/tasks/{taskId}/retry` right behind the submission",
		fix: "Wait until the task has ended, with `?wait=30` on the task or as Retry-After says.",
	},
	nothing_to_undo: {
		status: 409,
		title: "There is nothing to undo",
		cause:
			"The task changed no record: it was a dry run, made detail fields, was an undo itself, or left everything as it was.",
		example: "`POST /api/v1/tasks/{taskId}/undo` where `summary.created` and `summary.updated` are 0",
		fix: "Nothing needs to be done. To have again what was undone, send it again.",
	},
	nothing_failed: {
		status: 409,
		title: "No item failed",
		cause: "What failed of a task was asked for, or was to be sent again, and no item of it failed.",
		example: "`POST /api/v1/tasks/{taskId}/retry` where `summary.failed` is 0",
		fix: "Nothing needs to be done.",
	},
	opt_in_required: {
		status: 412,
		title: "The opt-in header is missing",
		cause: "This site is set to ask for the header that opts in to experimental APIs (`requireOptIn`).",
		example: "A request without X-ExperimentalApi",
		fix: "Send `X-ExperimentalApi: opt-in` (`true` counts too).",
	},
	body_too_large: {
		status: 413,
		title: "The body is too large",
		cause: "The body has more than 8 MiB.",
		example: "A file of a million customers as one request",
		fix: "Send fewer items a request.",
	},
	unsupported_media_type: {
		status: 415,
		title: "The body is not JSON by its headers",
		cause: "Content-Type is missing or not application/json, or the request has a Content-Encoding.",
		example: "`Content-Type: text/csv`",
		fix: "Send JSON, not compressed, with `Content-Type: application/json`.",
	},
	rate_limited: {
		status: 429,
		title: "Too many requests",
		cause:
			"The site or the token was given a limit of requests a minute, and has used it up. The headers X-RateLimit-Limit, X-RateLimit-Remaining and X-RateLimit-Reset tell of it on every answer.",
		example: "The 61st request within a second, of a token that may send 60 a minute",
		fix: "Wait as long as Retry-After says, then send the same request with the same key.",
	},
	too_many_tasks: {
		status: 429,
		referenceStatus: 400,
		title: "Maximum number of tasks reached",
		cause:
			"The site has as many unfinished tasks as its setting allows (10,000 by default). Under the reference's base path the status is 400.",
		example: "Sending without ever waiting for a task to end",
		fix: "Wait as long as Retry-After says, then send the same request with the same key.",
	},
	internal: {
		status: 500,
		title: "Something went wrong inside Muster",
		cause:
			"A fault of ours. The answer holds a request id and nothing else; the log has the rest under that id.",
		example: "A bug in Muster",
		fix: "Send it again with the same Idempotency-Key; if it stays, report it with the request id.",
	},
	overloaded: {
		status: 503,
		title: "The server has too much to do",
		cause:
			"More is under way than the server has room for: requests, bytes of bodies, or unfinished tasks of all sites together. Nothing of the request was saved.",
		example: "A thousand bodies of 8 MiB at once",
		fix: "Send it again with the same Idempotency-Key after the time in Retry-After.",
	},
	unavailable: {
		status: 503,
		title: "The database cannot be reached",
		cause: "The database is down, restarting or out of reach. Nothing of the request was saved.",
		example: "A request while PostgreSQL restarts",
		fix: "Send it again with the same Idempotency-Key after the time in Retry-After.",
	},
	outcome_unknown: {
		status: 503,
		title: "It is not known whether this was saved",
		cause: "The connection to the database broke while the request was being committed.",
		example: "A database killed in the middle of a commit",
		fix: "Send it again with the same Idempotency-Key: it is saved once, whatever happened to the first try. A write of a single record has no key: read the record before you send it again.",
	},
} as const satisfies Record<string, CodeEntry>;

/** Failures of single items, in a task. The other items of the request are not touched by them. */
export const failureCodes = {
	item_not_object: {
		title: "The item is not an object",
		cause: "An entry of the list is null, a text, a number or a list.",
		example: '`{"customers": ["ann@example.com"]}`',
		fix: 'Send an object: `{"email": "ann@example.com"}`.',
	},
	unknown_item_key: {
		title: "Unknown key in the item",
		cause:
			"The item has a key that the operation does not know. A site can be set to ignore such keys (`unknownKeys=ignore`).",
		example: '`{"emial": "ann@example.com"}`',
		fix: "Correct the spelling or leave the key out; the hint suggests the nearest known key.",
	},
	invalid_type: {
		title: "A value of the wrong type",
		cause:
			"A value is missing or of another JSON type than this place takes; nothing is converted in silence. In a definition of a detail field also: a type that does not exist, or options that do not fit it.",
		example: '`{"email": 42}`',
		fix: "Send what the message names.",
	},
	invalid_operation_type: {
		title: "Unknown operation type",
		cause: "operationType is CREATE, UPDATE or UPSERT on a record, and UPDATE, PATCH or DELETE on a detail.",
		example: '`{"operationType": "MERGE", "payload": {}}`',
		fix: "Use one of those, in capitals.",
	},
	identity_missing: {
		title: "The item does not say whom it is about",
		cause:
			"A customer is named by customerId or email, an organization by id or name, and the item has neither. Or one of its detail edits names no field.",
		example: '`{"displayName": "Ann"}`',
		fix: "Add the email (the name) or the id; to a detail edit, the field's id or name.",
	},
	identity_conflict: {
		title: "The id and the email (name) belong to two records",
		cause: "Both are given, and each is known, but they are of different records.",
		example: '`{"customerId": "<Ann\'s id>", "email": "<Bob\'s address>"}`',
		fix: "Send only the one that you mean.",
	},
	invalid_email: {
		title: "Invalid email address",
		cause:
			"The email is blank, longer than 254 characters, or not an address that a customer can have here. Quoted local parts, comments and address literals are not taken.",
		example: '`{"email": "invalid-email"}`',
		fix: "Correct the address at its source and send the item again under a new key.",
	},
	invalid_name: {
		title: "Invalid name",
		cause:
			"The name of an organization or of a detail field is blank. In a definition of a detail field also: it is missing, or another field answers to it.",
		example: '`{"name": " "}`',
		fix: "Send a name, one that is free.",
	},
	text_too_long: {
		title: "Text too long",
		cause:
			"A name, a clientRef or a detail value has more than 255 characters, or the value of a TEXT field more than 10,000.",
		example: "A display name of 300 characters",
		fix: "Shorten it; long values belong in a TEXT field.",
	},
	invalid_text: {
		title: "Text that cannot be kept",
		cause: "A text holds U+0000 or half of a surrogate pair, which no database can give back as sent.",
		example: '`{"displayName": "Ann\\u0000"}`',
		fix: "Remove the character. The message names its place.",
	},
	already_exists: {
		title: "The record exists already",
		cause: "operationType is CREATE, and the site has a record with this email, name or id.",
		example: '`{"operationType": "CREATE", "payload": {"email": "ann@example.com"}}`, twice',
		fix: "Use UPSERT to create or update, or UPDATE.",
	},
	customer_not_found: {
		title: "No such customer",
		cause:
			"The customerId is not known in this site; or the email is not, and the item cannot create the customer: it edits details, updates, or names a member of an organization.",
		example: "A details edit for an email that was never sent as a customer",
		fix: "Send the customer first, with customer/bulk or customer/profile/bulk.",
	},
	organization_not_found: {
		title: "No such organization",
		cause:
			"The id is not known in this site; or the name is not, and the item cannot create the organization: it edits details, updates, or names where a customer belongs.",
		example: '`{"email": "ann@example.com", "organizations": ["Acme"]}` before Acme was sent',
		fix: "Send the organizations first, with organization/bulk or organization/profile/bulk.",
	},
	changed_since: {
		title: "Changed since the task that is undone",
		cause:
			"Of what the task wrote, this was changed later, by another task or by hand, so it stays as it is now. The item's outcome is `skipped`, or `updated` where other parts of it were given back.",
		example: "A plan that a task set to Gold, somebody to Platinum since, and the undo of that task",
		fix: "Look at the record's history. Write the value that you want by hand.",
	},
	history_missing: {
		title: "What was there before is not known",
		cause:
			"The record was written while the site kept no history (setting `history`), or before its history was kept, so what of it is of the task cannot be told. The item's outcome is `skipped`.",
		example: "A task that was accepted while `history` was off, and its undo",
		fix: "Write the values that you want by hand.",
	},
	product_not_found: {
		title: "No such product",
		cause:
			"The item names a product that is not known in this site. Items associate records with products, and never make a product.",
		example: '`{"email": "ann@example.com", "products": ["Premium support"]}` before that product was made',
		fix: "Make the product first, with `POST product`, or correct its name or id.",
	},
	invalid_detail_value: {
		title: "Invalid detail field value",
		cause: "The value does not fit the type of its detail field.",
		example: '`{"details": {"renewal": "31.12.2026"}}` where renewal is a DATE',
		fix: "The message says what the field takes; the hint suggests the nearest option of a SELECT.",
	},
	unknown_detail_field: {
		title: "Invalid detail field",
		cause:
			"The item names a detail field that does not exist, and the site is set to refuse such fields instead of making them (`unknownFields=fail`).",
		example: '`{"details": {"teir": "Premium"}}`',
		fix: "Correct the name, define the field first, or set the site to make missing fields (`unknownFields=create`).",
	},
	detail_field_limit: {
		title: "Too many detail fields",
		cause:
			"The item names a field that does not exist, and the site has as many fields as its setting allows (50 by default).",
		example: "A 51st field",
		fix: "Delete a field that is not used, or raise the site's setting.",
	},
	invalid_date_time: {
		title: "Not a date-time",
		cause:
			"sourceUpdatedAt is a date-time of RFC 3339 with its offset, of the years 1 to 9999 in UTC, and nothing else.",
		example: '`{"sourceUpdatedAt": "24.11.2026 09:30"}`',
		fix: "Write it such as `2026-11-24T09:30:00Z` or `2026-11-24T10:30:00.5+01:00`.",
	},
	stale: {
		title: "Newer data is stored already",
		cause:
			"The item's sourceUpdatedAt is older than that of the record: a later change of it has arrived before. The item's outcome is `skipped`, which is no failure.",
		example: "A change of 09:30 that arrives behind the one of 09:31",
		fix: "Nothing is to be done. To write it nevertheless, send it without sourceUpdatedAt.",
	},
	unreadable_line: {
		title: "The line could not be read",
		cause:
			"A line of an import's file is no JSON, not UTF-8, nested too deeply, or longer than 1 MiB. The other lines are not touched by it.",
		example: '`{"email": "ann@example.com"`',
		fix: "The message says what is wrong; correct the line and import it.",
	},
	too_many_cells: {
		title: "More cells than columns",
		cause:
			"A row of an import's CSV has more cells than the file has columns: nobody knows which belongs where.",
		example: "`ann@example.com,Acme, Inc.` beneath `email,company`",
		fix: "Put a cell that holds the delimiter in quotes.",
	},
	task_failed: {
		title: "The task failed as a whole",
		cause: "Muster tried five times to apply the task and could not; none of its items took effect.",
		example: "A task that ends each worker that takes it",
		fix: "Send the items again under a new key. If it stays, report it with the task's id.",
	},
} as const satisfies Record<string, CodeEntry>;

export type ProblemCode = keyof typeof problemCodes;
export type FailureCode = keyof typeof failureCodes;

const problemMembers = {
	type: Type.String({ format: "uri-reference" }),
	title: Type.String(),
	status: Type.Integer(),
	detail: Type.String(),
	instance: Type.String(),
	code: Type.String({ description: "Stable; docs/errors.md explains each" }),
	message: Type.String({ description: "The same text as detail" }),
	requestId: Type.String(),
	values: Type.Optional(
		Type.Integer({ minimum: 1, description: "With `values_at_stake`: how many values would go" }),
	),
};

export const Problem = Type.Object(
	{ ...problemMembers, errors: Type.Optional(Type.Array(ItemError)) },
	{ description: "A problem by RFC 9457" },
);
export type Problem = Static<typeof Problem>;

export const ReferenceProblem = Type.Object(
	{ ...problemMembers, errorMessage: Type.String(), errorMessages: Type.Array(Type.String()) },
	{ description: "A problem by RFC 9457, with the texts where clients of the reference look for them" },
);
export type ReferenceProblem = Static<typeof ReferenceProblem>;
