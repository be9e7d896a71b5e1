import type { Dialect, ItemError, OperationName } from "@muster/client/contract";
import type { TestSite } from "../muster.ts";

/** A body has the shape of one of the two dialects, whichever base it is sent to. */
export type BodyShape = Dialect;

/** Items of one operation in one shape of body. */
export interface Shape {
	/** The key that the list stands under. */
	readonly key: string;
	/** An item that takes effect, another one for each number. */
	good(number: number): unknown;
	/** An item that fails, and how. */
	readonly bad: unknown;
	readonly fault: ItemError;
	/** What the reference's dialect shows of the failure beside the fault. */
	readonly entityId: string;
	readonly itemOperation: string;
}

/** What the table below says of one operation that writes records. */
export interface RecordCase {
	/** Makes what the items need and gives the items. */
	prepare(site: TestSite): Promise<Readonly<Record<BodyShape, Shape>>>;
	readonly outcome: "created" | "updated";
}

const unknownCustomer = {
	code: "customer_not_found",
	message: 'No customer of this site has the email "nobody@acme.com".',
	hint: "Send the customer first, with customer/bulk or customer/profile/bulk.",
};
const sendCustomersFirst = "Send the customers first, with customer/bulk or customer/profile/bulk.";
const sendOrganizationsFirst =
	"Send the organizations first, with organization/bulk or organization/profile/bulk.";

/** Every operation that writes records. */
export const recordCases: Partial<Record<OperationName, RecordCase>> = {
	customer: {
		outcome: "created",
		prepare: async () => {
			const fault = { code: "invalid_email", message: 'Invalid email format: "invalid-email" has no @.' };
			return {
				guide: {
					key: "customers",
					good: (number) => ({ email: `customer-${number}@acme.com`, displayName: `Customer ${number}` }),
					bad: { email: "invalid-email" },
					fault: { ...fault, pointer: "/email" },
					entityId: "invalid-email",
					itemOperation: "UPSERT",
				},
				reference: {
					key: "customerAccounts",
					good: (number) => ({
						operationType: "CREATE",
						payload: { email: `customer-${number}@acme.com`, displayName: `Customer ${number}` },
					}),
					bad: { operationType: "CREATE", payload: { email: "invalid-email" } },
					fault: { ...fault, pointer: "/payload/email" },
					entityId: "invalid-email",
					itemOperation: "CREATE",
				},
			};
		},
	},
	"customer.profile": {
		outcome: "created",
		prepare: async (site) => {
			await site.run("organization/bulk", { organizations: [{ name: "Acme" }] });
			return {
				guide: {
					key: "customers",
					good: (number) => ({
						email: `customer-${number}@acme.com`,
						details: { phone: "+1-555-0123" },
						organizations: ["Acme"],
					}),
					bad: { email: "jane.smith@acme.com", organizations: ["Nowhere"] },
					fault: {
						code: "organization_not_found",
						pointer: "/organizations/0",
						message: 'No organization of this site has the name "Nowhere".',
						hint: sendOrganizationsFirst,
					},
					entityId: "jane.smith@acme.com",
					itemOperation: "UPSERT",
				},
				reference: {
					key: "customerProfiles",
					good: (number) => ({
						operationType: "UPSERT",
						payload: {
							email: `customer-${number}@acme.com`,
							details: [{ name: "phone", values: ["+1-555-0123"] }],
							associateOrganizations: { organizationIds: ["1"] },
						},
					}),
					bad: {
						operationType: "UPSERT",
						payload: { email: "jane.smith@acme.com", associateOrganizations: { organizationIds: ["999"] } },
					},
					fault: {
						code: "organization_not_found",
						pointer: "/payload/associateOrganizations/organizationIds/0",
						message: 'No organization of this site has the id "999".',
						hint: sendOrganizationsFirst,
					},
					entityId: "jane.smith@acme.com",
					itemOperation: "UPSERT",
				},
			};
		},
	},
	"customer.details": {
		outcome: "updated",
		prepare: async (site) => {
			const customers = numbered(100, (number) => ({ email: `customer-${number}@acme.com` }));
			const { taskId } = await site.run("customer/profile/bulk", { customers });
			const ids = (await site.results(taskId)).map((result) => result.id);
			return {
				guide: {
					key: "customers",
					good: (number) => ({
						email: `customer-${number}@acme.com`,
						details: [{ fieldId: "support-tier", operation: "UPDATE", value: "Premium" }],
					}),
					bad: {
						email: "nobody@acme.com",
						details: [{ fieldId: "support-tier", operation: "PATCH", value: "Premium" }],
					},
					fault: { ...unknownCustomer, pointer: "/email" },
					entityId: "nobody@acme.com",
					itemOperation: "PATCH",
				},
				reference: {
					key: "customers",
					good: (number) => ({
						customerId: ids[number],
						operations: [{ operationType: "UPDATE", payload: { name: "support-tier", values: ["Premium"] } }],
					}),
					bad: {
						customerId: "5b10ac8d82e05b22cc7d4ef5",
						operations: [{ operationType: "DELETE", payload: { name: "support-tier" } }],
					},
					fault: {
						code: "customer_not_found",
						pointer: "/customerId",
						message: 'No customer of this site has the customerId "5b10ac8d82e05b22cc7d4ef5".',
						hint: "Leave customerId out to find the customer by email.",
					},
					entityId: "5b10ac8d82e05b22cc7d4ef5",
					itemOperation: "DELETE",
				},
			};
		},
	},
	organization: {
		outcome: "created",
		prepare: async () => ({
			guide: {
				key: "organizations",
				good: (number) => ({ name: `Organization ${number}` }),
				bad: { name: " " },
				fault: { code: "invalid_name", pointer: "/name", message: "name is blank." },
				entityId: " ",
				itemOperation: "UPSERT",
			},
			reference: {
				key: "organizations",
				good: (number) => ({ operationType: "CREATE", payload: { name: `Organization ${number}` } }),
				bad: { operationType: "UPDATE", payload: { name: "Nowhere" } },
				fault: {
					code: "organization_not_found",
					pointer: "/payload/name",
					message: 'No organization of this site has the name "Nowhere".',
					hint: "Use UPSERT to create it.",
				},
				entityId: "Nowhere",
				itemOperation: "UPDATE",
			},
		}),
	},
	"organization.profile": {
		outcome: "created",
		prepare: async (site) => {
			const { taskId } = await site.run("customer/bulk", { customers: [{ email: "jane.smith@acme.com" }] });
			const [jane] = await site.results(taskId);
			return {
				guide: {
					key: "organizations",
					good: (number) => ({
						name: `Organization ${number}`,
						details: { industry: "Manufacturing" },
						customers: ["jane.smith@acme.com"],
					}),
					bad: { name: "Acme", customers: [{ email: "nobody@acme.com" }] },
					fault: { ...unknownCustomer, pointer: "/customers/0/email", hint: sendCustomersFirst },
					entityId: "Acme",
					itemOperation: "UPSERT",
				},
				reference: {
					key: "organizationProfiles",
					good: (number) => ({
						operationType: "CREATE",
						payload: {
							name: `Organization ${number}`,
							details: [{ name: "industry", values: ["Manufacturing"] }],
							associateCustomers: { customerIds: [jane.id] },
						},
					}),
					bad: {
						operationType: "CREATE",
						payload: { name: "Acme", associateCustomers: { customerIds: ["x"] } },
					},
					fault: {
						code: "customer_not_found",
						pointer: "/payload/associateCustomers/customerIds/0",
						message: 'No customer of this site has the customerId "x".',
						hint: sendCustomersFirst,
					},
					entityId: "Acme",
					itemOperation: "CREATE",
				},
			};
		},
	},
	"organization.details": {
		outcome: "updated",
		prepare: async (site) => {
			const organizations = numbered(100, (number) => ({ name: `Organization ${number}` }));
			await site.run("organization/profile/bulk", { organizations });
			return {
				guide: {
					key: "organizations",
					good: (number) => ({
						name: `Organization ${number}`,
						details: [{ fieldId: "industry", operation: "UPDATE", value: "Retail" }],
					}),
					bad: { name: "Nowhere", details: [{ fieldId: "industry", value: "Retail" }] },
					fault: {
						code: "organization_not_found",
						pointer: "/name",
						message: 'No organization of this site has the name "Nowhere".',
						hint: "Send the organization first, with organization/bulk or organization/profile/bulk.",
					},
					entityId: "Nowhere",
					itemOperation: "UPDATE",
				},
				reference: {
					key: "organizations",
					good: (number) => ({
						organizationId: `${number + 1}`,
						operations: [{ operationType: "UPDATE", payload: { name: "industry", values: ["Retail"] } }],
					}),
					bad: {
						organizationId: 999,
						operations: [{ operationType: "PATCH", payload: { name: "industry", values: ["Retail"] } }],
					},
					fault: {
						code: "organization_not_found",
						pointer: "/organizationId",
						message: "No organization of this site has the id 999.",
						hint: "Leave id out to find the organization by name.",
					},
					entityId: "999",
					itemOperation: "PATCH",
				},
			};
		},
	},
};

export function numbered<T>(count: number, make: (number: number) => T): T[] {
	return Array.from({ length: count }, (_, number) => make(number));
}
