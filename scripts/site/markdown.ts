/** Markdown to HTML, with anchors at headings, code that can be copied, and links that the caller leads. */
import { Marked, type Tokens } from "marked";
import { escapeHtml, highlight } from "./highlight.ts";

export interface Heading {
  readonly depth: number;
  readonly id: string;
  /** Without markup, not escaped. */
  readonly text: string;
}

export interface Rendered {
  readonly title: string;
  readonly html: string;
  readonly headings: readonly Heading[];
}

/** Where links and pictures of a page lead. */
export interface Leading {
  link(href: string): string;
  picture(href: string): string;
}

export function renderMarkdown(text: string, leading: Leading): Rendered {
  const headings: Heading[] = [];
  const marked = new Marked({
    async: false,
    renderer: {
      heading({ tokens, depth }: Tokens.Heading) {
        const html = this.parser.parseInline(tokens);
        const plain = plainText(html);
        const id = uniqueId(slugOf(plain), headings);
        headings.push({ depth, id, text: plain });
        return `<h${depth} id="${id}">${html}${depth === 1 ? "" : anchorTo(id, plain)}</h${depth}>\n`;
      },
      code: ({ text, lang = "" }: Tokens.Code) => codeBlock(text, lang.split(" ", 1)[0] ?? ""),
      link({ href, tokens }: Tokens.Link) {
        return `<a href="${escapeHtml(leading.link(href))}">${this.parser.parseInline(tokens)}</a>`;
      },
      image: ({ href, text }: Tokens.Image) =>
        `<img src="${escapeHtml(leading.picture(href))}" alt="${escapeHtml(text)}" loading="lazy">`,
      // Comments are for whoever writes; anything else of HTML is shown as it stands.
      html: ({ text }: Tokens.HTML | Tokens.Tag) =>
        text === "<br>" ? text : escapeHtml(text.replace(/<!--[\s\S]*?-->\n?/g, "")),
    },
  });
  const html = wrapTables(marked.parse(text) as string);
  return { title: headings[0]?.text ?? "Trunkline", html, headings };
}

/** A file of the repository that is no Markdown. */
export function renderCode(source: string, text: string): Rendered {
  const language = source.slice(source.lastIndexOf(".") + 1);
  const html = `<h1 id="file">${escapeHtml(source)}</h1>\n${codeBlock(text, language)}`;
  return { title: source, html, headings: [{ depth: 1, id: "file", text: source }] };
}

/** What scrolls sideways must be reachable by keys. */
function codeBlock(code: string, language: string): string {
  return `<div class="code"><pre tabindex="0"><code>${highlight(code, language)}</code></pre></div>\n`;
}

function wrapTables(html: string): string {
  return html
    .replaceAll("<table>", '<div class="wide" tabindex="0" role="group" aria-label="Table"><table>')
    .replaceAll("</table>", "</table></div>")
    .replaceAll("<th></th>", "<td></td>");
}

function anchorTo(id: string, text: string): string {
  return ` <a class="anchor" href="#${id}" aria-label="Link to ${escapeHtml(text)}">#</a>`;
}

/** As GitHub makes them, so that a link works there and here. */
export function slugOf(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .replaceAll(/\s/g, "-");
}

function uniqueId(slug: string, taken: readonly Heading[]): string {
  let id = slug;
  for (let copy = 1; taken.some((heading) => heading.id === id); copy++) id = `${slug}-${copy}`;
  return id;
}

/** What a person reads of HTML that we made. */
export function plainText(html: string): string {
  const characters: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };
  return html
    .replace(/<a class="anchor".*?<\/a>/g, "")
    .replace(/<[^>]+>/g, (tag) => (/^<\/?(?:a|code|em|strong|span)\b/.test(tag) ? "" : " "))
    .replace(/&(amp|lt|gt|quot|#39);/g, (_whole, name: string) => characters[name] ?? "")
    .replace(/\s+/g, " ")
    .trim();
}
