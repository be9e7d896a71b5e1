/** What the load sends: shared by the load's own process and by run.ts. */
export interface Workload {
	readonly kind: "profiles" | "faulty" | "linked" | "details" | "organizations";
	/** Names the records: two workloads of the same set are about the same ones. */
	readonly set: string;
	/** Goes into the values: another version changes every record. */
	readonly version: number;
	readonly requests: number;
}

export interface LoadOrder {
	readonly url: string;
	readonly token: string;
	readonly run: string;
	readonly workload: Workload;
	readonly inFlight: number;
	/** Whether each request waits for its task to end. */
	readonly waits: boolean;
}

export interface LoadResult {
	readonly items: number;
	/** From the first request sent to the last answer. */
	readonly acceptedMs: number;
	/** From the first request sent to the end of the last task. */
	readonly endedMs: number;
	readonly p50Ms: number;
	readonly p99Ms: number;
}

export const itemsPerRequest = 100;
const detailsPerProfile = 8;

export interface PreparedRequest {
	readonly path: string;
	readonly body: Buffer;
	readonly items: number;
}

export function requestsOf(workload: Workload): PreparedRequest[] {
	return Array.from({ length: workload.requests }, (_, place) => requestOf(workload, place));
}

/** One customer as rows are made of them, here and in the comparisons. */
export function profileOf(set: string, version: number, number: number) {
	return {
		email: `customer-${number}-${set}@example.com`,
		displayName: `Customer ${number} of ${set}`,
		details: Object.fromEntries(
			Array.from({ length: detailsPerProfile }, (_, field) => [
				`field-${field}`,
				`value ${field} of customer ${number}, version ${version}`,
			]),
		),
	};
}

function requestOf({ kind, set, version }: Workload, place: number): PreparedRequest {
	const numbers = Array.from({ length: itemsPerRequest }, (_, item) => place * itemsPerRequest + item);
	switch (kind) {
		case "profiles":
			return prepared("customer/profile/bulk", {
				customers: numbers.map((number) => profileOf(set, version, number)),
			});
		case "faulty":
			return prepared("customer/profile/bulk", {
				customers: numbers.map((number) => ({
					...profileOf(set, version, number),
					...(number % 100 === 7 ? { email: "no address" } : {}),
				})),
			});
		case "linked":
			return prepared("customer/profile/bulk", {
				customers: numbers.map((number) => ({
					...profileOf(set, version, number),
					organizations: [`Organization ${number % 1000} of linked`],
				})),
			});
		case "details":
			return prepared("customer/details/bulk", {
				customers: numbers.map((number) => ({
					email: profileOf(set, version, number).email,
					details: [{ fieldId: "field-0", operation: "UPDATE", value: `version ${version}` }],
				})),
			});
		case "organizations":
			return prepared("organization/profile/bulk", {
				organizations: numbers.map((number) => ({
					name: `Organization ${number} of ${set}`,
					details: { industry: `Industry ${number % 50}, version ${version}` },
				})),
			});
	}
}

function prepared(path: string, body: object): PreparedRequest {
	return { path, body: Buffer.from(JSON.stringify(body)), items: itemsPerRequest };
}
