/**
 * Pages that are made of the code, as Markdown by their place on the site: what each service has, commands, metrics. They lie nowhere in
 * the repository, so they cannot be out of date.
 */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { commands } from "../../src/cli/commands.ts";
import { help } from "../../src/cli/help.ts";
import { type CatalogEntry, catalog, loadModel } from "../../src/models/catalog.ts";
import { actionTables } from "../../src/services/authorization/tables.ts";
import { services } from "../../src/services/index.ts";
import type { Limit } from "../../src/services/service.ts";
import { permissionsOf } from "./permissions.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Guides of a service beside its own name, and what its limits' names begin with. */
const ABOUT: Readonly<Record<string, { readonly guides?: readonly string[]; readonly limits?: readonly string[] }>> = {
  connect: { guides: ["contact-control", "carrier", "rules", "contact-lens"] },
  "connect-contact-lens": { guides: ["contact-lens"] },
  connectparticipant: { guides: ["chat"] },
  connectcampaignsv2: { guides: ["event-triggers"] },
  "customer-profiles": { guides: ["customer-profiles", "segments", "event-triggers", "integrations"] },
  connectcases: { guides: ["cases"], limits: ["cases"] },
  appintegrations: { guides: ["webhooks", "integrations"], limits: ["app-integrations"] },
  appflow: { guides: ["flows", "connectors"] },
  events: { guides: ["eventbridge", "api-destinations"] },
  firehose: { guides: ["firehose"] },
  lambda: { guides: ["lambda", "event-source-mappings"] },
  apigateway: { guides: ["api-gateway", "api-gateway-calls"] },
  apigatewayv2: { guides: ["api-gateway", "api-gateway-calls"], limits: ["apigateway"] },
  logs: { guides: ["logs"] },
  s3: { guides: ["s3"] },
  sns: { guides: ["sns"] },
  sts: { guides: ["iam"] },
  iam: { guides: ["iam"] },
};

export async function generatedPages(): Promise<ReadonlyMap<string, string>> {
  const entries = catalog.toSorted((a, b) => a.serviceId.localeCompare(b.serviceId));
  const pages = new Map([["services/index.md", servicesPage(entries)]]);
  for (const entry of entries) pages.set(`services/${entry.name}.md`, await servicePage(entry));
  return pages.set("reference/commands.md", commandsPage()).set("reference/metrics.md", metricsPage());
}

function builtOperations(name: string): ReadonlySet<string> {
  return new Set(services.flatMap(({ operations }) => Object.keys(operations[name] ?? {})));
}

function servicesPage(entries: readonly CatalogEntry[]): string {
  const rows = entries.map(({ name, serviceId }) => {
    const guides = (ABOUT[name]?.guides ?? []).map((guide) => `[${guide}](../docs/${guide}.md)`);
    const count = `${builtOperations(name).size} of ${Object.keys(loadModel(name).operations).length}`;
    return `| [${serviceId}](${name}.md) | ${count} | ${guides.join(", ")} |`;
  });
  return `# What is supported

All operations of these services are known by their API models. One that is not built checks its input as the real one does, and then
answers 501 with its name.

| service | operations built | guides |
| --- | --- | --- |
${rows.join("\n")}
`;
}

async function servicePage(entry: CatalogEntry): Promise<string> {
  const { name, serviceId, signingName } = entry;
  const model = loadModel(name);
  const built = builtOperations(name);
  const table = actionTables[name]?.();
  const rows: string[] = [];
  for (const operation of Object.keys(model.operations).sort()) {
    const asked = table
      ? await permissionsOf(model, operation, table)
      : "none: participants prove who they are by tokens";
    rows.push(`| \`${operation}\` | ${built.has(operation) ? "built" : "501"} | ${asked} |`);
  }
  const guides = (ABOUT[name]?.guides ?? []).map((guide) => `[${guide}](../docs/${guide}.md)`);
  const variable = `AWS_ENDPOINT_URL_${serviceId.toUpperCase().replaceAll(" ", "_")}`;
  return `# ${serviceId}

${built.size} of ${rows.length} operations are built; the others check their input as the real service does and then answer 501 with their
name. Requests are signed for \`${signingName}\`; \`${variable}\` leads the calls of this service alone to Trunkline.
${guides.length > 0 ? `\nGuides: ${guides.join(", ")}.\n` : ""}
## Operations of ${serviceId}, and their permissions

An account's own keys may do everything. For users and roles of [IAM](../docs/iam.md) these are the permissions that are asked for; what
stands in braces comes from the input's member of that name. Where no resource stands it is \`*\`, or what a token of the input is for.

| operation | | permissions |
| --- | --- | --- |
${rows.join("\n")}
${limitsOf(entry)}`;
}

function limitsOf({ name, serviceId }: CatalogEntry): string {
  const prefixes = ABOUT[name]?.limits ?? [name];
  const limits = services
    .flatMap((service) => service.limits ?? [])
    .filter((limit) => prefixes.includes(limit.name.split(".")[0] ?? ""));
  const rows = limits.map(limitRow).sort();
  if (rows.length === 0) return "";
  return `
## Limits of ${serviceId}

They hold with \`--enforce-limits\`, those marked "always" without it too; \`--limit NAME=VALUE\` changes one
([all of them, with their sources](../docs/limits.md)).

| name | default | what it limits |
| --- | ---: | --- |
${rows.join("\n")}
`;
}

function limitRow({ name, default: value, meaning, always }: Limit): string {
  return `| \`${name}\` | ${value} | ${meaning}${always ? " (always)" : ""} |`;
}

function commandsPage(): string {
  const page = (name: string | undefined): string => `\`\`\`\n${help(name)}\n\`\`\`\n`;
  const each = Object.keys(commands).map((name) => `## trunkline ${name}\n\n${page(name)}`);
  return `# Commands\n\nWhat \`trunkline --help\` and \`trunkline COMMAND --help\` print.\n\n${page(undefined)}\n${each.join("\n")}`;
}

export interface Metric {
  readonly name: string;
  /** Empty where the code has no sentence for it. */
  readonly help: string;
}

/** All counters and gauges that the code has, by name. */
export function listMetrics(): Metric[] {
  const files = globSync("src/**/*.ts", { cwd: ROOT }).filter((path) => !path.endsWith(".test.ts"));
  const text = files.map((file) => readFileSync(join(ROOT, file), "utf8")).join("\n");
  const named = [/"(trunkline_\w+_total)"/g, /gauge\(\s*"(trunkline_\w+)"/g].flatMap((pattern) => [
    ...text.matchAll(pattern),
  ]);
  const found = new Map(named.map(([, name = ""]) => [name, ""]));
  for (const { name, help: words } of describedIn(text)) found.set(name, words);
  return [...found].sort().map(([name, words]) => ({ name, help: words }));
}

/** What the code says of metrics. Names and ends of sentences may be constants. */
function describedIn(text: string): Metric[] {
  const constant = (name: string, like: string): string =>
    new RegExp(`const ${name}(?:: string)? =\\s*"(${like}[^"]*)"`).exec(text)?.[1] ?? name;
  const calls = text.matchAll(/\.describe\(\s*(?:"(trunkline_\w+)"|([A-Z_]+)),\s*(?:"([^"]*)"|`([^`]*)`)/g);
  return [...calls].map(([, name, named = "", plain, template = ""]) => ({
    name: name ?? constant(named, "trunkline_"),
    help: plain ?? template.replace(/\$\{(\w+)\}/g, (_whole, it: string) => constant(it, "by ")),
  }));
}

function metricsPage(): string {
  const rows = listMetrics().map(({ name, help: words }) => `| \`${name}\` | ${words} |`);
  return `# Metrics

\`GET /_trunkline/metrics\`, signed, answers these in Prometheus' text format. One shows from its first value on.

| metric | what it counts |
| --- | --- |
${rows.join("\n")}
`;
}
