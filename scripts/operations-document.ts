/**
 * Writes docs/operations.md, the operations that are built, and how many they are into README, from the code:
 * `node scripts/operations-document.ts`. A test compares them.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { loadModel } from "../src/models/catalog.ts";
import { services } from "../src/services/index.ts";

const README = new URL("../README.md", import.meta.url);
const BEGIN = /(<!-- operations:begin[^>]*-->\n)[\s\S]*?(<!-- operations:end -->)/;

const INTRODUCTION = `<!-- Written by scripts/operations-document.ts from the code. -->
# Operations

Every operation that is not built is known by its model: it checks its input as the real one does and then answers 501 with its name.
`;

interface Counted {
  readonly service: string;
  /** Names of the operations that are built, and of those that are not. */
  readonly built: readonly string[];
  readonly missing: readonly string[];
}

/** A model's operations may live in several services. */
function counted(): readonly Counted[] {
  const byModel = Map.groupBy(
    services.flatMap((service) => Object.entries(service.operations)),
    ([name]) => name,
  );
  const all = [...byModel].map(([name, tables]) => {
    const model = loadModel(name);
    const built = new Set(tables.flatMap(([, handlers]) => Object.keys(handlers)));
    const missing = Object.keys(model.operations).filter((operation) => !built.has(operation));
    return { service: model.serviceId, built: [...built].sort(), missing: missing.sort() };
  });
  return all.sort((a, b) => a.service.localeCompare(b.service));
}

export function operationsDocument(): string {
  const named = (operations: readonly string[]): string => operations.map((operation) => `\`${operation}\``).join(" ");
  const sections = counted().map(({ service, built, missing }) => {
    const not = missing.length > 0 ? `\nNot built: ${named(missing)}\n` : "";
    return `\n## ${service}\n\n${built.length} of ${built.length + missing.length}: ${named(built)}\n${not}`;
  });
  return INTRODUCTION + sections.join("");
}

export function withCounts(readme: string): string {
  const counts = counted().map(
    ({ service, built, missing }) => `${service} ${built.length} of ${built.length + missing.length}`,
  );
  return readme.replace(BEGIN, (_, begin: string, end: string) => `${begin}${counts.join(" · ")}\n${end}`);
}

if (import.meta.main) {
  writeFileSync(new URL("../docs/operations.md", import.meta.url), operationsDocument());
  writeFileSync(README, withCounts(readFileSync(README, "utf8")));
}
