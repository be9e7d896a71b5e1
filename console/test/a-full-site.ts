import { randomUUID } from "node:crypto";
import type { TestMuster, TestSite } from "../../server/test/muster.ts";

export interface FullSite {
	readonly site: TestSite;
	/** A task with failures. */
	readonly taskId: string;
	readonly customerId: string;
	readonly organizationId: string;
	/** A webhook with deliveries of all kinds. */
	readonly webhookId: string;
}

const first = ["Jane", "Ann", "Omar", "Yuki", "Lucía", "Jürgen", "نور", "Zoë", "Ivan", "Mei"];
const last = ["Smith", "Fischer", "Haddad", "Tanaka", "García", "Groß", "الحسن", "O'Brien", "Petrov", "Chen"];
const companies = ["Acme Corporation", "Globex", "Initech", "Umbrella Health", "Hooli", "شركة النور للتجارة"];
const plans = ["Free", "Gold", "Platinum"];
const longName =
	"Wolfeschlegelsteinhausenbergerdorff the Elder of the Very Long Names, Department of Everything ".repeat(2);

/** A site with something on every screen: people and companies of many scripts, tasks of all kinds, failures. */
export async function aFullSite(
	muster: TestMuster,
	/** What is done to the site before anything else. */
	before: (siteId: string) => Promise<void> = async () => undefined,
): Promise<FullSite> {
	const site = await muster.aSite();
	await before(site.siteId);
	await muster.database.inNoSite((transaction) =>
		transaction.execute(
			{ name: "name-site", text: "update muster.site set name = 'Acme support' where site_id = $1" },
			[site.siteId],
		),
	);
	const webhookId = await aWebhook(site);
	const run = async (path: string, body: unknown): Promise<string> =>
		(await site.post(path, body, { headers: { prefer: "wait=20" } })).body.taskId;
	await run("customer/details/definitions/bulk", {
		detailFields: [
			{ name: "Plan", type: { name: "SELECT", options: plans } },
			{ name: "Phone", type: { name: "PHONE" } },
			{ name: "Seats", type: { name: "NUMBER" } },
			{ name: "Customer since", type: { name: "DATE" } },
			{ name: "Newsletter", type: { name: "BOOLEAN" } },
			{ name: "Interests", type: { name: "MULTISELECT", options: ["Billing", "Security", "Training"] } },
			{ name: "ملاحظات", type: { name: "TEXT" } },
		],
	});
	await run("organization/details/definitions/bulk", {
		detailFields: [
			{ name: "Industry", type: { name: "SELECT", options: ["Manufacturing", "Health", "Trade"] } },
			{ name: "Website", type: { name: "URL" } },
		],
	});
	await run("organization/profile/bulk", {
		organizations: companies.map((name, place) => ({
			name,
			details: {
				Industry: ["Manufacturing", "Health", "Trade"][place % 3],
				Website: "https://acme.example.com",
			},
		})),
	});
	const people = Array.from({ length: 90 }, (_, place) => ({
		email: `person.${place}@acme.example.com`,
		displayName: `${first[place % 10]} ${last[(place * 7) % 10]}`,
		organizations: [companies[place % 6]],
		details: {
			Plan: plans[place % 3],
			Phone: `+1-555-01${String(place).padStart(2, "0")}`,
			Seats: (place * 37) % 500,
			"Customer since": `20${10 + (place % 16)}-03-0${1 + (place % 9)}`,
			Newsletter: place % 2 === 0,
			Interests: ["Billing", "Security", "Training"].slice(0, 1 + (place % 3)),
			ملاحظات: place % 4 === 0 ? "عميل مهم جدا" : "",
		},
	}));
	await run("customer/profile/bulk", { customers: people });
	await run("customer/bulk", { customers: [{ email: "long@acme.example.com", displayName: longName }] });
	const taskId = await run("customer/profile/bulk", {
		customers: [
			...people.slice(0, 40).map((person) => ({ ...person, details: { ...person.details, Seats: 7 } })),
			...people.slice(40, 62).map(({ email }, place) => ({
				clientRef: `crm.csv:${place + 2}`,
				email,
				details: { Plan: "Platnum" },
			})),
			{ clientRef: "crm.csv:80", email: "invalid-email" },
			{ clientRef: "crm.csv:81", email: "new.person@acme.example.com", organizations: ["Acme Corp"] },
			{ clientRef: "crm.csv:82", email: "no.seats@acme.example.com", details: { Seats: "many" } },
		],
	});
	await run("organization/details/bulk", {
		organizations: [
			{ name: "Globex", details: [{ fieldId: "industry", operation: "UPDATE", value: "Trade" }] },
		],
	});
	const { results: found } = (await site.get("customers?search=person.4%40")).body;
	const { results: organizations } = (await site.get("organizations?name=Acme")).body;
	await triedDeliveries(muster, site);
	await ranConnectors(site);
	return { site, taskId, customerId: found[0].customerId, organizationId: organizations[0].id, webhookId };
}

/** One that has come through twice, the next time soon, and one that failed. */
async function ranConnectors(site: TestSite): Promise<void> {
	const holder = randomUUID();
	const run = async (name: string, status: string, report: object): Promise<void> => {
		await site.post("connectors", { name, holder });
		await site.ask("PUT", `connectors/${name}`, { body: { holder, status, report } });
	};
	const counts = (created: number, updated: number) => ({
		created,
		updated,
		unchanged: 12,
		skipped: 0,
		failed: 0,
	});
	const organizations = counts(40, 2);
	await run("hubspot", "COMPLETED", { customers: counts(1_204, 0), organizations, everySeconds: 900 });
	await run("hubspot", "COMPLETED", {
		customers: { ...counts(3, 17), failed: 1 },
		organizations: counts(0, 1),
		everySeconds: 900,
		faultCount: 1,
		faults: [{ record: "contact 4711", code: "invalid_email", field: "email" }],
	});
	await run("singer", "FAILED", { customers: counts(0, 0), organizations: counts(0, 0) });
}

async function aWebhook(site: TestSite): Promise<string> {
	const { body } = await site.post("webhooks", { url: "https://hooks.acme.example.com/muster/tasks" });
	await site.post("webhooks", {
		url: "https://intern.example.com/a-very-long-path/that-goes-on-and-on/and-on/until-the-end?key=1",
		events: ["task.failed"],
		enabled: false,
	});
	return body.webhookId;
}

/** What receivers would have answered to the messages that there are, had there been any. */
async function triedDeliveries({ database }: TestMuster, { siteId }: TestSite): Promise<void> {
	await database.inSite(siteId, (transaction) =>
		transaction.execute(
			{
				name: "try-deliveries",
				text: `
					with numbered as (
						select delivery_id, row_number() over (order by delivery_id) as place
						from muster.webhook_delivery where site_id = $1
					)
					update muster.webhook_delivery as delivery
					set attempts = case when place = 2 then 12 else 1 end, last_attempt_at = clock_timestamp(),
						next_attempt_at = case when place = 1 then clock_timestamp() + interval '20 seconds' end,
						delivered_at = case when place > 2 then clock_timestamp() end,
						last_status = case place when 1 then 503 when 2 then null else 204 end,
						last_trouble = case place
							when 1 then 'the receiver did not take it' when 2 then 'no answer within 15 seconds' end
					from numbered
					where delivery.site_id = $1 and delivery.delivery_id = numbered.delivery_id`,
			},
			[siteId],
		),
	);
}

/** Every screen by a name of its own, with the text that says that it is there. */
export function screensOf({ taskId, customerId, organizationId, webhookId }: FullSite): readonly Shown[] {
	return [
		{ name: "overview", path: "/", text: "What fails most" },
		{ name: "tasks", path: "/tasks", text: "Outcome" },
		{ name: "task", path: `/tasks/${taskId}`, text: "Platnum" },
		{ name: "task-results", path: `/tasks/${taskId}?tab=results`, text: "person.4@acme.example.com" },
		{ name: "task-sent", path: `/tasks/${taskId}?tab=sent`, text: "Send them" },
		{ name: "failures", path: "/failures", text: "Platnum" },
		{
			name: "failed-items",
			path: "/failures/items?code=invalid_detail_value&field=details.Plan&value=Platnum",
			text: "crm.csv:2",
		},
		{ name: "customers", path: "/customers", text: "Jane Smith" },
		{ name: "customer", path: `/customers/${encodeURIComponent(customerId)}`, text: "Newsletter" },
		{ name: "organizations", path: "/organizations", text: "Globex" },
		{ name: "organization", path: `/organizations/${organizationId}`, text: "Manufacturing" },
		{ name: "import", path: "/import", text: "Drop a CSV here" },
		{ name: "fields", path: "/fields", text: "Customer since" },
		{ name: "settings-tokens", path: "/settings", text: "Everything" },
		{ name: "settings-site", path: "/settings?tab=site", text: "Days that tasks are kept" },
		{ name: "settings-webhooks", path: "/settings?tab=webhooks", text: "hooks.acme.example.com" },
		{ name: "webhook", path: `/settings/webhooks/${webhookId}`, text: "Given up" },
		{ name: "settings-connectors", path: "/settings?tab=connectors", text: "hubspot" },
		{ name: "connector", path: "/settings/connectors/hubspot", text: "contact 4711" },
		{ name: "settings-audit", path: "/settings?tab=audit", text: "token.created" },
	];
}

export interface Shown {
	readonly name: string;
	readonly path: string;
	readonly text: string;
}
