import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { routes } from "../server/src/http/route-table.ts";
import { Metrics } from "../server/src/server/metrics.ts";

interface Rule {
	readonly alert: string;
	readonly expr: string;
	readonly labels: { readonly severity: string };
	readonly annotations: { readonly summary: string };
}

const { groups } = parse(readFile("deploy/alerts.yaml")) as { groups: { rules: Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);

/** As Prometheus sees them: a histogram is three series. */
const series = new Map(
	new Metrics("").list().flatMap(({ name, type, labels }) => {
		const suffixes = type === "histogram" ? ["_bucket", "_count", "_sum"] : [""];
		return suffixes.map((suffix) => [name + suffix, labels] as const);
	}),
);

describe("the alert rules", () => {
	test.each(rules.map((rule) => [rule.alert, rule] as const))(
		"%s asks for metrics and labels that there are",
		(_name, { expr, annotations, labels }) => {
			const names = [...expr.matchAll(/\b(muster_\w+)(?:\{(\w+)[=~!])?/g)];
			expect(names).not.toEqual([]);
			for (const [, name = "", label] of names) {
				expect([...series.keys()]).toContain(name);
				if (label !== undefined) expect(series.get(name)).toContain(label);
			}
			const [, route] = /route="([^"]+)"/.exec(expr) ?? [];
			if (route !== undefined) expect(routes.map(({ id }) => id)).toContain(route);
			expect(["page", "ticket"]).toContain(labels.severity);
			expect(annotations.summary).toMatch(/\.$/);
		},
	);

	test("have one section each in the runbook, in the same order", () => {
		const headings = [...readFile("docs/runbook.md").matchAll(/^## (.*)$/gm)].map(([, name]) => name);
		expect(headings).toEqual(rules.map(({ alert }) => alert));
	});
});

test("no metric has a label that could name a site or a customer", () => {
	const labels = new Metrics("")
		.list()
		.filter(({ name }) => name.startsWith("muster_"))
		.flatMap((metric) => metric.labels);
	expect([...new Set(labels)].toSorted()).toEqual([
		"code",
		"node",
		"outcome",
		"route",
		"state",
		"status",
		"version",
	]);
});

function readFile(path: string): string {
	return readFileSync(new URL(`../${path}`, import.meta.url), "utf8");
}
