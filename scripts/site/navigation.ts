/** In which order pages stand beside each other. A guide that nobody has put into a group stands in the last one, so that none is lost. */
import { existsSync, globSync } from "node:fs";
import { join } from "node:path";

export interface Group {
  readonly name: string;
  /** Paths in the repository, or of pages that are made of the code. */
  readonly sources: readonly string[];
  /** What stands in the navigation, where it is not the page's own title. */
  readonly labels?: Readonly<Record<string, string>>;
}

const guide = (...names: readonly string[]): string[] => names.map((name) => `docs/${name}.md`);

const GROUPS: readonly Group[] = [
  {
    name: "Get started",
    sources: [
      "README.md",
      ...guide("get-started", "install", "recipes"),
      "examples/README.md",
      ...guide("differences"),
    ],
    labels: { "README.md": "What Trunkline is" },
  },
  {
    name: "Contact centre",
    sources: guide("contact-control", "carrier", "chat", "contact-lens", "cases", "simulator"),
  },
  {
    name: "Customer data",
    sources: guide(
      "customer-profiles",
      "segments",
      "event-triggers",
      "integrations",
      "webhooks",
      "flows",
      "connectors",
    ),
  },
  { name: "Rules", sources: guide("rules", "eventbridge", "api-destinations") },
  {
    name: "Integration plane",
    sources: guide(
      ...["lambda", "event-source-mappings", "api-gateway", "api-gateway-calls"],
      ...["sns", "firehose", "s3", "logs", "iam"],
    ),
  },
  { name: "Console", sources: guide("console") },
  { name: "Testing", sources: guide("testing", "testing-python") },
  { name: "Infrastructure as code", sources: guide("init", "infrastructure-as-code") },
  { name: "Operate", sources: guide("operate", "capacity", "upgrading", "limits") },
  { name: "Services", sources: [] },
  { name: "Reference", sources: [...guide("where-sources-are-silent"), "bench/README.md"] },
  { name: "Architecture", sources: ["docs/ARCHITECTURE.md", "CONTRIBUTING.md"] },
  { name: "Changelog", sources: ["CHANGELOG.md", "docs/NOTES.md"] },
];

export function listGroups(root: string, generated: ReadonlyMap<string, string>): Group[] {
  const isThere = (source: string): boolean => generated.has(source) || existsSync(join(root, source));
  const named = new Set(GROUPS.flatMap(({ sources }) => sources));
  const unnamed = globSync(["docs/*.md"], { cwd: root }).filter((file) => !named.has(file));
  const beyond: Readonly<Record<string, readonly string[]>> = {
    Services: [...generated.keys()].filter((source) => source.startsWith("services/")),
    Reference: [...generated.keys()].filter((source) => source.startsWith("reference/")),
    Architecture: globSync("docs/decisions/*.md", { cwd: root }).sort(),
  };
  return [...GROUPS, { name: "More", sources: unnamed.sort() }]
    .map((group) => ({ ...group, sources: [...group.sources, ...(beyond[group.name] ?? [])].filter(isThere) }))
    .filter(({ sources }) => sources.length > 0);
}
