import { SiteSettings, SiteSettingsChange } from "@muster/client/contract";
import type { Fault } from "../../domain/fault.ts";
import { readSettings, settingNames } from "../../domain/settings.ts";
import { actAs } from "../../store/act-as.ts";
import { changeSite } from "../../store/change-site.ts";
import { siteOf } from "../../store/find-site.ts";
import { refuse } from "../detail-fields.ts";
import { readJsonObject, refuseUnknownKeys } from "../read-json.ts";
import type { Call, Reply, Route } from "../route.ts";

const tag = "Settings";
const answers = [
	{ status: 200, description: "All settings of the site", guide: SiteSettings, reference: SiteSettings },
];

export const settingsRoutes: readonly Route[] = [
	{
		method: "GET",
		path: "settings",
		id: "settings.get",
		tag,
		summary: "Look at the site's settings",
		scope: "admin",
		answers,
		handle: show,
	},
	{
		method: "PUT",
		path: "settings",
		id: "settings.change",
		tag,
		summary: "Change settings of the site",
		description: "What is left out stays as it is. A change holds on every process within a second.",
		scope: "admin",
		bodies: [
			{
				name: "settings",
				schema: SiteSettingsChange,
				example: { unknownFields: "fail", retentionDays: 7 },
			},
		],
		answers,
		handle: change,
	},
];

async function show(call: Call): Promise<Reply> {
	const { siteId } = call.principal;
	// As they are now: what came with the token may be a second old.
	const { settings } = await call.services.database.inNoSite((transaction) => siteOf(transaction, siteId), {
		readOnly: true,
	});
	return { status: 200, body: settings };
}

async function change(call: Call): Promise<Reply> {
	const body = readJsonObject(call.body);
	refuseUnknownKeys(body, settingNames);
	const faults: Fault[] = [];
	const asked = readSettings(body, faults);
	refuse("invalid_request", faults);
	const { siteId, tokenId } = call.principal;
	return call.services.database.inNoSite(async (transaction) => {
		await actAs(transaction, { actor: `token ${tokenId}`, origin: call.address });
		await changeSite(transaction, siteId, asked);
		return { status: 200, body: (await siteOf(transaction, siteId)).settings };
	});
}
