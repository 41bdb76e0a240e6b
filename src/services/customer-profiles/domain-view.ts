import type { Collection, Reader, Store } from "../../store/store.ts";
import { BoundedMap } from "../bounded-map.ts";
import { perStore } from "../per-store.ts";
import { type Domain, inDomain } from "./domain.ts";

/** Domains whose view is held; others are made anew from the store. */
const VIEWS_MAX = 1_000;

/** Documents read at once. */
const READ_SIZE = 1_000;

/**
 * What is made of all documents that a collection has in one domain, held until one of them changes. For definitions, which are asked for at
 * every change of a profile and change seldom.
 *
 * It may be read in a unit, but not in one that has itself changed the collection.
 */
export function domainView<T, View>(
  from: Collection<T>,
  make: (documents: readonly T[]) => View,
): (store: Store, reader: Reader, domain: Pick<Domain, "uid">) => Promise<View> {
  const heldOf = perStore((store) => {
    const held: Held<View> = { views: new BoundedMap(VIEWS_MAX), changes: 0 };
    store.watchCollection(from.name, (ids) => {
      held.changes += 1;
      for (const uid of held.views.keys()) {
        const prefix = inDomain({ uid }, "");
        if (ids.some((id) => id.startsWith(prefix))) held.views.delete(uid);
      }
    });
    return held;
  });
  return async (store, reader, domain) => {
    const held = heldOf(store);
    const known = held.views.get(domain.uid);
    if (known) return known.view;
    const { changes } = held;
    const view = make(await allIn(reader, from, domain));
    // What is read while the collection changes may be what it was before, and is not held.
    if (changes === held.changes) held.views.set(domain.uid, { view });
    return view;
  };
}

interface Held<View> {
  readonly views: BoundedMap<string, { readonly view: View }>;
  changes: number;
}

/** All documents that a collection has in a domain. */
export async function allIn<T>(
  reader: Reader,
  from: Collection<T>,
  domain: Pick<Domain, "uid">,
): Promise<readonly T[]> {
  const found: T[] = [];
  let after: string | undefined;
  do {
    const page = await reader.list(from, { prefix: inDomain(domain, ""), limit: READ_SIZE, after });
    found.push(...page.documents);
    after = page.next;
  } while (after !== undefined);
  return found;
}
