/**
 * Writes README's table of built operations from the code: `node scripts/readme-operations.ts`. With `--check` it only compares,
 * and exits with 1 where they differ (`.ci/run` and a test do so).
 */
import { readFileSync, writeFileSync } from "node:fs";
import { loadModel } from "../src/models/catalog.ts";
import { services } from "../src/services/index.ts";

const README = new URL("../README.md", import.meta.url);
const BEGIN = /(<!-- operations:begin[^>]*-->\n)[\s\S]*?(<!-- operations:end -->)/;

export function withOperations(readme: string): string {
  // A model's operations may live in several services.
  const byModel = Map.groupBy(
    services.flatMap((service) => Object.entries(service.operations)),
    ([name]) => name,
  );
  const rows = [...byModel].map(([name, tables]) => {
    const model = loadModel(name);
    const built = tables.flatMap(([, handlers]) => Object.keys(handlers)).sort();
    return `| ${model.serviceId} | ${built.length} of ${Object.keys(model.operations).length} | ${built.map((operation) => `\`${operation}\``).join(" ")} |`;
  });
  const table = ["| service | built | operations |", "| --- | --- | --- |", ...rows.sort()].join("\n");
  return readme.replace(BEGIN, (_, begin: string, end: string) => `${begin}${table}\n${end}`);
}

if (import.meta.main) {
  const before = readFileSync(README, "utf8");
  const after = withOperations(before);
  if (!process.argv.includes("--check")) writeFileSync(README, after);
  else if (before !== after) {
    console.error("README.md does not list the built operations: run node scripts/readme-operations.ts");
    process.exit(1);
  }
}
