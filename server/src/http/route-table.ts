import type { Route } from "./route.ts";
import { connectorRoutes } from "./routes/connectors.ts";
import { detailFieldRoutes } from "./routes/detail-fields.ts";
import { entitlementDetailRoutes } from "./routes/entitlement-details.ts";
import { entitlementRoutes } from "./routes/entitlements.ts";
import { exportRoutes } from "./routes/export-records.ts";
import { failureRoutes } from "./routes/failures.ts";
import { fetchRecordRoutes } from "./routes/fetch-records.ts";
import { historyRoutes } from "./routes/history.ts";
import { importResultRoutes } from "./routes/import-results.ts";
import { importRoutes } from "./routes/imports.ts";
import { listRoutes } from "./routes/list-records.ts";
import { personRoutes } from "./routes/person.ts";
import { productRoutes } from "./routes/products.ts";
import { recordDetailRoutes } from "./routes/record-details.ts";
import { recordRoutes } from "./routes/records.ts";
import { retryRoutes } from "./routes/retry.ts";
import { searchRecordRoutes } from "./routes/search-records.ts";
import { sessionRoutes } from "./routes/session.ts";
import { settingsRoutes } from "./routes/settings.ts";
import { statisticsRoutes } from "./routes/statistics.ts";
import { submitRoutes } from "./routes/submit.ts";
import { taskRoutes } from "./routes/task.ts";
import { tokenRoutes } from "./routes/tokens.ts";
import { undoRoutes } from "./routes/undo.ts";
import { webhookRoutes } from "./routes/webhooks.ts";
import { writeRecordRoutes } from "./routes/write-records.ts";

/** Every address of the API. OpenAPI, authorisation and the tests' tables are made from this list. */
export const routes: readonly Route[] = [
	...submitRoutes,
	...taskRoutes,
	...retryRoutes,
	...undoRoutes,
	...importRoutes,
	...importResultRoutes,
	...failureRoutes,
	...recordRoutes,
	...historyRoutes,
	...personRoutes,
	...listRoutes,
	...exportRoutes,
	...fetchRecordRoutes,
	...searchRecordRoutes,
	...writeRecordRoutes,
	...recordDetailRoutes,
	...detailFieldRoutes,
	...productRoutes,
	...entitlementRoutes,
	...entitlementDetailRoutes,
	...connectorRoutes,
	...settingsRoutes,
	...tokenRoutes,
	...statisticsRoutes,
	...webhookRoutes,
	...sessionRoutes,
];
