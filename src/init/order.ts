import { type Entry, titleOf } from "./entries.ts";
import type { InitFile } from "./init-file.ts";
import type { Reference } from "./references.ts";

/**
 * The entry of the file that a reference means, as seen from another entry: of those with that name the one that has most of its place in
 * common with it.
 */
export function entryNamed(entries: readonly Entry[], { section, name }: Reference, from: Entry): Entry | undefined {
  const own = new Set(ancestry(from));
  const named = entries.filter((entry) => entry.kind.section === section && entry.name === name);
  const near = (entry: Entry): number => ancestry(entry).filter((one) => own.has(one)).length;
  return named.sort((a, b) => near(b) - near(a))[0];
}

/** An entry and what it stands in. */
export function ancestry(entry: Entry): readonly Entry[] {
  return entry.parent === undefined ? [entry] : [entry, ...ancestry(entry.parent)];
}

/** Entries behind all that they refer to and stand in. Throws `InitError` for those that refer to each other. */
export function ordered(file: InitFile, entries: readonly Entry[]): readonly Entry[] {
  const done = new Set<Entry>();
  const path: Entry[] = [];
  const visit = (entry: Entry): void => {
    if (done.has(entry)) return;
    if (path.includes(entry)) {
      const circle = [...path.slice(path.indexOf(entry)), entry].map(titleOf).join(" → ");
      throw file.error(entry.place, `these refer to each other in a circle: ${circle}`);
    }
    path.push(entry);
    if (entry.parent) visit(entry.parent);
    for (const reference of entry.references) {
      if (entry.kind.later?.includes(reference.member)) continue;
      const needed = entryNamed(entries, reference, entry);
      if (needed && needed !== entry && !ancestry(entry).includes(needed)) visit(needed);
    }
    path.pop();
    done.add(entry);
  };
  for (const entry of entries) visit(entry);
  return [...done];
}
