import { type CodeEntry, failureCodes, problemCodes } from "@muster/client/contract";

/** Every code with cause, example and fix, as a page with an anchor for each: what the `type` of a problem leads to. */
export function errorsPage(): string {
	return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Codes of Muster</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<header>
<p><a href="../docs">API reference</a></p>
<h1>Codes</h1>
<p>A <a href="#problems">problem</a> answers a whole request: nothing of it was saved, unless its entry says otherwise. A <a href="#failures">failure</a> is about one item of an accepted request, and the other items are not touched by it. A code never changes its meaning.</p>
</header>
<main>
${section("problems", "Problems: answers to a request", problemCodes, (code) => code)}
${section("failures", "Failures: items of a task", failureCodes, failureAnchor)}
</main>
</body>
</html>
`;
}

/** A code that means a problem, too, has its failure's anchor beside it. */
function failureAnchor(code: string): string {
	return code in problemCodes ? `${code}-item` : code;
}

function section(
	id: string,
	title: string,
	codes: Readonly<Record<string, CodeEntry>>,
	anchorOf: (code: string) => string,
): string {
	const entries = Object.entries(codes);
	const links = entries.map(([code]) => `<li><a href="#${anchorOf(code)}"><code>${code}</code></a></li>`);
	return `<section>
<h2 id="${id}">${title}</h2>
<nav aria-label="${title}"><ul>${links.join("")}</ul></nav>
${entries.map(([code, entry]) => article(code, anchorOf(code), entry)).join("\n")}
</section>`;
}

function article(code: string, anchor: string, entry: CodeEntry): string {
	return `<article id="${anchor}">
<h3><a href="#${anchor}"><code>${code}</code></a> ${status(entry)}</h3>
<p><strong>${text(entry.title)}.</strong> ${text(entry.cause)}</p>
<dl><dt>Example</dt><dd>${text(entry.example)}</dd>
<dt>Fix</dt><dd>${text(entry.fix)}</dd></dl>
</article>`;
}

function status(entry: CodeEntry): string {
	if (entry.status === undefined) return "";
	const other = entry.referenceStatus === undefined ? "" : `, ${entry.referenceStatus} under /jsm/csm`;
	return `<span>${entry.status}${other}</span>`;
}

/** The table's texts have code in backticks. */
function text(plain: string): string {
	return escaped(plain).replace(/`([^`]+)`/g, "<code>$1</code>");
}

function escaped(plain: string): string {
	return plain.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}

const style = `
:root { color-scheme: light dark; --text: #1b1b1f; --quiet: #5b5b66; --line: #dfdfe6; --shade: #f4f4f7; --link: #0b57d0; --mark: #fff6d6; --page: #fff }
@media (prefers-color-scheme: dark) { :root { --text: #e7e7ea; --quiet: #a4a4ae; --line: #34343c; --shade: #232329; --link: #8ab4ff; --mark: #37301a; --page: #17171b } }
html { scroll-behavior: smooth; scroll-padding-top: 1rem }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto } }
body { margin: 0 auto; max-width: 46rem; padding: 1.5rem 1.25rem 6rem; background: var(--page); color: var(--text); font: 1rem/1.6 system-ui, sans-serif }
a { color: var(--link) }
h1 { font-size: 1.9rem; margin: 0 0 .5rem }
h2 { margin: 3rem 0 1rem }
h3 { font-size: 1.05rem; margin: 0 0 .5rem; display: flex; flex-wrap: wrap; gap: .6rem; align-items: baseline }
h3 a { text-decoration: none; color: inherit }
h3 span { color: var(--quiet); font-weight: 400; font-size: .9rem }
code { font: .875em/1.5 ui-monospace, "SF Mono", Menlo, Consolas, monospace; background: var(--shade); border-radius: .3em; padding: .12em .35em; overflow-wrap: anywhere }
nav ul { list-style: none; display: flex; flex-wrap: wrap; gap: .4rem .5rem; padding: 0; margin: 0 0 1.5rem }
nav a { text-decoration: none }
article { border-top: 1px solid var(--line); padding: 1.1rem .75rem; margin: 0 -.75rem }
article:target { background: var(--mark); border-radius: .5rem }
article p { margin: 0 0 .6rem }
dl { display: grid; grid-template-columns: 5rem 1fr; gap: .3rem .75rem; margin: 0 }
dt { color: var(--quiet) }
dd { margin: 0 }
@media (max-width: 32rem) { dl { grid-template-columns: 1fr; gap: 0 } dd { margin-bottom: .5rem } }
`;
