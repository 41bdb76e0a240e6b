/** The frame around a page: header with search, navigation, the text, and what is on this page. Every link in it is relative. */
import { posix } from "node:path";
import { escapeHtml } from "./highlight.ts";
import type { Heading } from "./markdown.ts";

export interface Link {
  readonly source: string;
  readonly anchor?: string | undefined;
}

interface Shown {
  readonly source: string;
  readonly title: string;
  readonly html: string;
  readonly headings: readonly Heading[];
}

interface Titled {
  readonly name: string;
  readonly pages: readonly { readonly source: string; readonly title: string }[];
}

/** `docs/rules.md` → `docs/rules.html`, `README.md` → `index.html`, `examples/shop.mjs` → `examples/shop.mjs.html`. */
export function outputOf(source: string): string {
  if (!source.endsWith(".md")) return `${source}.html`;
  return source.replace(/README\.md$/, "index.md").replace(/\.md$/, ".html");
}

export function relativeLink(from: string, { source, anchor }: Link): string {
  const path = from === source ? "" : posix.relative(posix.dirname(outputOf(from)), outputOf(source));
  return anchor === undefined ? path || posix.basename(outputOf(source)) : `${path}#${anchor}`;
}

export function pageHtml(page: Shown, groups: readonly Titled[]): string {
  const { source, title, html } = page;
  const up = "../".repeat(outputOf(source).split("/").length - 1);
  const shown = source === "README.md" ? "Trunkline" : `${title} · Trunkline`;
  return `<!doctype html>
<html lang="en" data-up="${up}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(shown)}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${up}site.css">
<script src="${up}search.js" defer></script>
<script src="${up}site.js" defer></script>
</head>
<body>
<a class="skip" href="#text">Skip to the text</a>
<header>
<a class="brand" href="${up}index.html">Trunkline</a>
<form role="search" class="search">
<input type="search" id="find" aria-label="Search" placeholder="Search ( / )" autocomplete="off">
<ol id="found" aria-label="Found" hidden></ol>
</form>
</header>
<div class="frame">
<nav aria-label="Pages" class="pages">
<details open><summary>Pages</summary>
${groups.map((group) => groupHtml(group, source)).join("\n")}
</details>
</nav>
<main id="text" tabindex="-1">
${html}</main>
${contents(page)}
</div>
</body>
</html>
`;
}

function groupHtml({ name, pages }: Titled, current: string): string {
  const items = pages.map(({ source, title }) => {
    const here = source === current ? ' aria-current="page"' : "";
    return `<li><a href="${relativeLink(current, { source })}"${here}>${escapeHtml(title)}</a></li>`;
  });
  const isOpen = pages.some(({ source }) => source === current) || name === "Get started";
  return `<details class="group"${isOpen ? " open" : ""}><summary>${escapeHtml(name)}</summary><ul>${items.join("")}</ul></details>`;
}

function contents({ headings }: Shown): string {
  const shown = headings.filter(({ depth }) => depth === 2 || depth === 3);
  if (shown.length < 2) return "";
  const items = shown.map(
    ({ id, depth, text }) => `<li class="h${depth}"><a href="#${id}">${escapeHtml(text)}</a></li>`,
  );
  return `<nav aria-label="On this page" class="contents"><h2>On this page</h2><ul>${items.join("")}</ul></nav>`;
}
