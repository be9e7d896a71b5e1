import { createHash } from "node:crypto";
import type { Sendable } from "./sending.ts";

/** What the load sends, and what the comparisons write: the same customers. */
export interface Workload {
	readonly kind: "profiles" | "faulty" | "linked" | "details" | "organizations";
	/** Names the records: two workloads of the same set are about the same ones. */
	readonly set: string;
	/** Goes into the values: another version changes every record. */
	readonly version: number;
	readonly requests: number;
	/** The set's customers are so many, and this is about some of them at random, starting anywhere: not all, in order. */
	readonly among?: { readonly customers: number; readonly from: number };
}

export const itemsPerRequest = 100;
export const detailsPerProfile = 8;

/** A prime, and no part of any size that is measured, so that its steps meet no customer twice. */
const strideAmong = 7_368_787;

export function requestsOf(workload: Workload): Sendable[] {
	const numbers = numbersOf(workload);
	return Array.from({ length: workload.requests }, (_, place) =>
		requestOf(workload, numbers.slice(place * itemsPerRequest, (place + 1) * itemsPerRequest)),
	);
}

/** The customers of a workload, as rows are made of them. */
export function profilesOf(workload: Workload) {
	return numbersOf(workload).map((number) => profileOf(workload.set, workload.version, number));
}

/**
 * One customer. Real addresses meet the index anywhere; a hash in front does it here, where numbers in order would be
 * kinder to every database than life is.
 */
export function profileOf(set: string, version: number, number: number) {
	return {
		email: `${hashOf(`${number} of ${set}`)}-customer-${number}-${set}@example.com`,
		displayName: `Customer ${number} of ${set}`,
		details: Object.fromEntries(
			Array.from({ length: detailsPerProfile }, (_, field) => [
				`field-${field}`,
				`value ${field} of customer ${number}, version ${version}`,
			]),
		),
	};
}

/** The same as in growth.ts, where PostgreSQL makes the addresses. */
function hashOf(text: string): string {
	return createHash("md5").update(text).digest("hex").slice(0, 8);
}

function numbersOf({ requests, among }: Workload): number[] {
	return Array.from({ length: requests * itemsPerRequest }, (_, place) =>
		among === undefined ? place : ((among.from + place) * strideAmong) % among.customers,
	);
}

function requestOf({ kind, set, version }: Workload, numbers: readonly number[]): Sendable {
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

function prepared(path: string, body: object): Sendable {
	return { path, body: Buffer.from(JSON.stringify(body)), items: itemsPerRequest };
}
