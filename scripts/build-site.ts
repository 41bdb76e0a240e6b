/**
 * `npm run site`: the documentation as a static site in `dist/site`, from the Markdown of the repository and from the code.
 *
 * It works from a folder (`file://`) and below any path of a server, and asks no other host for anything. A link or an anchor that leads
 * nowhere fails it, with the file that has it.
 */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { generatedPages } from "./site/generated-pages.ts";
import { type Heading, renderCode, renderMarkdown } from "./site/markdown.ts";
import { type Group, listGroups } from "./site/navigation.ts";
import { type Link, outputOf, pageHtml, relativeLink } from "./site/page.ts";
import { indexOf, type Section, sectionsOf } from "./site/search-index.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const ASSETS = fileURLToPath(new URL("site/assets", import.meta.url));
const ASSET_NAMES = ["site.css", "search.js", "site.js"];

interface Page {
  /** Path in the repository, or of a page that is made of the code: what links are relative to. */
  readonly source: string;
  readonly title: string;
  readonly html: string;
  readonly headings: readonly Heading[];
}

export interface Site {
  /** Output files of pages, in the order of the navigation, then those that pages lead to. */
  readonly pages: readonly string[];
  readonly problems: readonly string[];
}

/** Writes the site into an empty folder. What is wrong with links comes back as a line each. `more` are further pages, by their path. */
export async function buildSite(out: string, more: Readonly<Record<string, string>> = {}): Promise<Site> {
  rmSync(out, { recursive: true, force: true });
  const generated = new Map([...(await generatedPages()), ...Object.entries(more)]);
  const groups = listGroups(ROOT, generated);
  const reading = new Reading(generated);
  for (const source of Object.keys(more)) reading.want(source);
  for (const { sources } of groups) for (const source of sources) reading.want(source);
  const pages = reading.readAll();
  const problems = [...reading.problems, ...deadAnchors(pages, reading.anchors)];

  const titled = titledGroups(groups, pages);
  for (const page of pages.values()) writePage(out, page, titled);
  writeFileSync(
    join(out, "search-index.js"),
    `globalThis.searchIndex = ${JSON.stringify(indexOf(sections(pages)))};\n`,
  );
  for (const name of ASSET_NAMES) copyFileSync(join(ASSETS, name), join(out, name));
  for (const picture of reading.pictures) copyInto(out, picture);
  return { pages: [...pages.keys()].map(outputOf), problems };
}

/** Reads the pages of the navigation and whatever they link to in the repository. */
class Reading {
  readonly problems: string[] = [];
  /** Links with an anchor: they can be checked only once all pages are read. */
  readonly anchors: (Link & { readonly from: string })[] = [];
  readonly pictures = new Set<string>();
  readonly #generated: ReadonlyMap<string, string>;
  readonly #wanted = new Set<string>();

  constructor(generated: ReadonlyMap<string, string>) {
    this.#generated = generated;
  }

  want(source: string): void {
    this.#wanted.add(source);
  }

  readAll(): Map<string, Page> {
    const pages = new Map<string, Page>();
    // A set's iteration goes on with what is added meanwhile.
    for (const source of this.#wanted) pages.set(source, this.#read(source));
    return pages;
  }

  #read(source: string): Page {
    const context = {
      link: (href: string) => this.#link(source, href),
      picture: (href: string) => this.#picture(source, href),
    };
    if (!source.endsWith(".md") && source !== "LICENSE" && isFolder(source)) {
      const rows = readdirSync(join(ROOT, source))
        .sort()
        .map((name) => `- [${name}](${name})`);
      return { source, ...renderMarkdown(`# ${source}\n\n${rows.join("\n")}\n`, context) };
    }
    const text = this.#generated.get(source) ?? readFileSync(join(ROOT, source), "utf8");
    return { source, ...(source.endsWith(".md") ? renderMarkdown(text, context) : renderCode(source, text)) };
  }

  #link(from: string, href: string): string {
    if (/^[a-z][a-z+.-]*:/i.test(href)) return href;
    const [path = "", anchor] = href.split("#", 2);
    const target = path === "" ? from : this.#find(from, decodeURIComponent(path));
    if (target === undefined) {
      this.problems.push(`${from}: there is no ${path}`);
      return "#";
    }
    this.want(target);
    if (anchor !== undefined) this.anchors.push({ from, source: target, anchor });
    return relativeLink(from, { source: target, anchor });
  }

  /** A page, a file or a folder of the repository. A folder that has a README is that. */
  #find(from: string, path: string): string | undefined {
    const base = isFolder(from) ? from : posix.dirname(from);
    const target = posix.normalize(posix.join(base, path)).replace(/\/$/, "");
    if (this.#generated.has(target)) return target;
    if (target.startsWith("..") || !existsSync(join(ROOT, target))) return undefined;
    const readme = posix.join(target, "README.md");
    return isFolder(target) && existsSync(join(ROOT, readme)) ? readme : target;
  }

  #picture(from: string, href: string): string {
    if (/^[a-z][a-z+.-]*:/i.test(href)) {
      this.problems.push(`${from}: the picture ${href} lies on another host`);
      return "";
    }
    const target = this.#find(from, href);
    if (target === undefined) this.problems.push(`${from}: there is no ${href}`);
    else this.pictures.add(target);
    return target === undefined ? "" : posix.relative(posix.dirname(outputOf(from)), target);
  }
}

function isFolder(path: string): boolean {
  const full = join(ROOT, path);
  return existsSync(full) && statSync(full).isDirectory();
}

function deadAnchors(pages: ReadonlyMap<string, Page>, anchors: Reading["anchors"]): string[] {
  return anchors.flatMap(({ from, source, anchor }) => {
    const page = pages.get(source);
    const isThere = page?.headings.some(({ id }) => id === anchor) || page?.html.includes(`id="${anchor}"`);
    return isThere ? [] : [`${from}: ${source} has no heading #${anchor}`];
  });
}

export type TitledGroup = Pick<Group, "name"> & { readonly pages: readonly { source: string; title: string }[] };

function titledGroups(groups: readonly Group[], pages: ReadonlyMap<string, Page>): TitledGroup[] {
  return groups.map(({ name, sources, labels }) => ({
    name,
    pages: sources.map((source) => ({ source, title: labels?.[source] ?? pages.get(source)?.title ?? source })),
  }));
}

function sections(pages: ReadonlyMap<string, Page>): Section[] {
  return [...pages.values()].flatMap(({ source, title, html }) =>
    sectionsOf({ url: outputOf(source), title, html: source.endsWith(".md") ? html : "" }),
  );
}

function writePage(out: string, page: Page, groups: readonly TitledGroup[]): void {
  const file = join(out, outputOf(page.source));
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, pageHtml(page, groups));
}

function copyInto(out: string, path: string): void {
  mkdirSync(dirname(join(out, path)), { recursive: true });
  copyFileSync(join(ROOT, path), join(out, path));
}

if (import.meta.main) {
  const out = process.argv[2] ?? join(ROOT, "dist/site");
  const { pages, problems } = await buildSite(out);
  for (const problem of problems) console.error(problem);
  console.log(`${pages.length} pages in ${out}: open ${join(out, "index.html")}`);
  process.exitCode = problems.length > 0 ? 1 : 0;
}
