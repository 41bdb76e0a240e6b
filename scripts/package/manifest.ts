/** The `package.json` of what is published, made of the repository's own and of what the bundle was found to need. */
import { NODE_MAJOR } from "../../src/node-version.ts";
import { placeInPackage } from "./bundle.ts";

export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

export interface PublishedManifest {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly keywords: readonly string[];
  readonly type: "module";
  readonly types: string | undefined;
  readonly files: readonly string[];
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional: true }>>;
  readonly engines: { readonly node: string };
  readonly bin: Readonly<Record<string, string>>;
  /** Types and code by subpath. */
  readonly exports: Readonly<Record<string, unknown>>;
  readonly dependencies: Readonly<Record<string, string>>;
}

export interface Needs {
  /** Imported by the bundle. */
  readonly packages: readonly string[];
  /** Named by its types. */
  readonly typePackages: readonly string[];
  /** Sources by subpath. */
  readonly publicEntries: Readonly<Record<string, string>>;
}

/**
 * Packages that the repository has for development alone are those of whoever imports `trunkline/…`, such as the AWS SDK's clients:
 * optional, and of their own version.
 *
 * Throws for a package that the repository does not declare.
 */
export function publishedManifest(own: Manifest, { packages, typePackages, publicEntries }: Needs): PublishedManifest {
  const dependencies = Object.fromEntries(
    packages.flatMap((name) => (own.dependencies[name] ? [[name, own.dependencies[name]]] : [])),
  );
  const others = [...new Set([...packages, ...typePackages])].filter((name) => !(name in dependencies)).sort();
  const peers = others.map((name) => [name, majorOf(name, own.devDependencies[name] ?? own.dependencies[name])]);
  const exports = Object.entries(publicEntries).map(([subpath, source]) => {
    const file = `./${placeInPackage(source)}`;
    return [subpath, { types: file.replace(/\.ts$/, ".d.ts"), default: file.replace(/\.ts$/, ".js") }] as const;
  });
  const { name, version, description, license } = own;
  return {
    name,
    version,
    description,
    license,
    keywords: [
      "amazon-connect",
      "contact-centre",
      "emulator",
      "testing",
      "eventbridge",
      "kinesis",
      "customer-profiles",
    ],
    type: "module",
    engines: { node: `>=${NODE_MAJOR}` },
    bin: { trunkline: "bin/trunkline.mjs" },
    exports: { ...Object.fromEntries(exports), "./package.json": "./package.json" },
    types: Object.fromEntries(exports)["."]?.types,
    files: ["bin", "dist", "web/dist", "docs", "packaging", "CHANGELOG.md"],
    dependencies,
    ...(peers.length > 0 && {
      peerDependencies: Object.fromEntries(peers),
      peerDependenciesMeta: Object.fromEntries(peers.map(([peer]) => [peer, { optional: true as const }])),
    }),
  };
}

function majorOf(name: string, version: string | undefined): string {
  if (version === undefined) throw new Error(`The bundle imports ${name}, which package.json does not declare`);
  return `^${version.split(".")[0]}`;
}
