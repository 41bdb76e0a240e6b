/**
 * Writes docs/limits.md, all that `--limit` can set, from the code: `node scripts/limits-document.ts`. A test compares the two.
 */
import { writeFileSync } from "node:fs";
import { services } from "../src/services/index.ts";
import type { Limit } from "../src/services/service.ts";

const INTRODUCTION = `<!-- Written by scripts/limits-document.ts from the code. -->
# Quotas and rates

\`--enforce-limits\` applies what the real services allow an account; \`--limit NAME=VALUE\`, which may be repeated, puts another number in
the place of one of them. Those marked "always" hold without \`--enforce-limits\` too.

| name | default | what it limits | source |
| --- | ---: | --- | --- |
`;

export function limitsDocument(): string {
  const rows = services.flatMap(({ limits = [] }) => limits).map(row);
  return `${INTRODUCTION}${rows.sort().join("\n")}\n`;
}

function row({ name, default: value, meaning, source, always }: Limit): string {
  const link = source.startsWith("https://") ? `[${source.slice(source.lastIndexOf("/") + 1)}](${source})` : source;
  return `| \`${name}\` | ${value} | ${meaning}${always ? " (always)" : ""} | ${link} |`;
}

if (import.meta.main) writeFileSync(new URL("../docs/limits.md", import.meta.url), limitsDocument());
