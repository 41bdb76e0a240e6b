/** The `npm-shrinkwrap.json` of what is published: users get the very versions that were tested, those that packages bring included. */
import { posix } from "node:path";
import type { PublishedManifest } from "./manifest.ts";

interface Locked {
  readonly [member: string]: unknown;
  readonly version?: string;
  readonly dev?: true;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

export interface LockFile {
  readonly name: string;
  readonly version: string;
  readonly lockfileVersion: number;
  /** By their places: "node_modules/a/node_modules/b". */
  readonly packages: Readonly<Record<string, Locked>>;
}

/** Of the repository's lock file that which the published package needs. Throws where something of it is not locked. */
export function shrinkwrap(lock: LockFile, manifest: PublishedManifest): LockFile {
  const { name, version, license, engines, bin, dependencies } = manifest;
  const reached = new Set<string>();
  const reach = (from: string, wanted: Iterable<string>): void => {
    for (const wantedName of wanted) {
      const place = placeOf(lock, from, wantedName);
      if (place === undefined)
        throw new Error(`${wantedName}, which ${from || name} needs, is not in package-lock.json`);
      if (reached.has(place)) continue;
      reached.add(place);
      reach(place, needsOf(lock, place));
    }
  };
  reach("", Object.keys(dependencies));
  const kept = [...reached].sort().map((place) => {
    // It is there for users, whatever it is here.
    const { dev: _, ...entry } = lock.packages[place] ?? {};
    return [place, entry] as const;
  });
  return {
    name,
    version,
    lockfileVersion: lock.lockfileVersion,
    packages: { "": { name, version, license, engines, bin, dependencies }, ...Object.fromEntries(kept) },
  };
}

/** What is optional is kept where it is locked. */
function needsOf(lock: LockFile, place: string): string[] {
  const {
    dependencies,
    optionalDependencies,
    peerDependencies = {},
    peerDependenciesMeta = {},
  } = lock.packages[place] ?? {};
  const peers = Object.keys(peerDependencies).filter((peer) => !peerDependenciesMeta[peer]?.optional);
  const optional = Object.keys(optionalDependencies ?? {}).filter((name) => placeOf(lock, place, name) !== undefined);
  return [...Object.keys(dependencies ?? {}), ...optional, ...peers];
}

/** As Node finds it: in its own node_modules, or in those around it. */
function placeOf(lock: LockFile, from: string, name: string): string | undefined {
  for (let at = from; ; at = posix.dirname(at)) {
    const place = posix.join(at, "node_modules", name);
    if (place in lock.packages) return place;
    if (at === "" || at === ".") return undefined;
  }
}
