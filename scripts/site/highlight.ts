/** Colours for the languages that the guides use. It knows tokens and no grammar: enough to tell a comment from a string. */

type Language = Readonly<Record<"comment" | "string" | "keyword" | "number", RegExp | undefined>>;

const STRING = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`/;
const NUMBER = /\b\d+(?:\.\d+)?\b/;

const script: Language = {
  comment: /\/\/[^\n]*|\/\*[\s\S]*?\*\//,
  string: STRING,
  keyword:
    /\b(?:import|from|export|default|const|let|new|await|async|for|of|in|if|else|return|function|class|throw|try|catch|finally|using|typeof|true|false|null|undefined)\b/,
  number: NUMBER,
};
const shell: Language = {
  comment: /(?<=^|\s)#[^\n]*/,
  string: /"(?:[^"\\]|\\.)*"|'[^']*'/,
  keyword: /\b(?:export|for|do|done|if|then|fi|while|in)\b(?!-)|(?<=\s)--?[a-z][\w-]*/,
  number: undefined,
};
const python: Language = {
  comment: /#[^\n]*/,
  string: /"""[\s\S]*?"""|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/,
  keyword: /\b(?:import|from|def|class|return|with|as|for|in|if|else|elif|assert|yield|not|and|or|None|True|False)\b/,
  number: NUMBER,
};
const yaml: Language = {
  comment: /(?<=^|\s)#[^\n]*/,
  string: /"(?:[^"\\\n]|\\.)*"|'[^'\n]*'/,
  keyword: /(?<=^|\n)[ -]*[\w.$-]+(?=:)/,
  number: NUMBER,
};
const hcl: Language = { ...yaml, keyword: /\b(?:resource|provider|variable|output|terraform|data|module)\b/ };

const LANGUAGES: Readonly<Record<string, Language>> = {
  ...{ js: script, ts: script, mjs: script, javascript: script, typescript: script, json: script, json5: script },
  ...{ sh: shell, bash: shell, console: shell, dockerfile: shell, ini: shell, nginx: shell, python, py: python },
  ...{ yaml, yml: yaml, hcl, tf: hcl, terraform: hcl },
};

export function escapeHtml(text: string): string {
  const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return text.replace(/[&<>"]/g, (character) => entities[character] ?? "");
}

/** A block of code as HTML, whatever is in it. */
export function highlight(code: string, name: string): string {
  const language = Object.hasOwn(LANGUAGES, name) ? LANGUAGES[name] : undefined;
  if (language === undefined) return escapeHtml(code);
  const kinds = Object.entries(language).filter(([, pattern]) => pattern !== undefined);
  const token = new RegExp(kinds.map(([kind, pattern]) => `(?<${kind}>${pattern?.source})`).join("|"), "g");
  let html = "";
  let end = 0;
  for (const match of code.matchAll(token)) {
    const [kind] = Object.entries(match.groups ?? {}).find(([, text]) => text !== undefined) ?? [];
    html += `${escapeHtml(code.slice(end, match.index))}<span class="${kind}">${escapeHtml(match[0])}</span>`;
    end = match.index + match[0].length;
  }
  return html + escapeHtml(code.slice(end));
}
