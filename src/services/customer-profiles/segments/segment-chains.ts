import { ProfileSegment, SegmentChain, type SegmentDocument } from "../../../matching/profile-segment.ts";
import type { Reader, Store } from "../../../store/store.ts";
import { BoundedMap } from "../../bounded-map.ts";
import { perStore } from "../../per-store.ts";
import type { Domain } from "../domain.ts";
import type { ProfileFields } from "../profile-fields.ts";
import { getSegment, segmentKey, segments } from "./segment-definition.ts";

/** What all segments are asked of that have none of their own: a profile is a person, unless it says otherwise (our choice). */
const PROFILE_TYPE = "PROFILE";

/** What segments are asked of. `calculated`: values of calculated attributes, by `calculatedKey`. */
export function segmentDocument(fields: ProfileFields, calculated: Readonly<Record<string, string>>): SegmentDocument {
  return { _profile: { ProfileType: PROFILE_TYPE, ...fields }, _calculated: calculated };
}

/** Compiled segments that are held; others are compiled anew. */
const CHAINS_MAX = 10_000;

interface Held {
  readonly chains: BoundedMap<string, SegmentChain>;
  changes: number;
}

const heldOf = perStore((store): Held => {
  const held: Held = { chains: new BoundedMap(CHAINS_MAX), changes: 0 };
  store.watchCollection(segments.name, (ids) => {
    held.changes += 1;
    // What others rest on is never deleted, and no segment changes: those that rest on this one stay as they are.
    for (const id of ids) held.chains.delete(id);
  });
  return held;
});

/**
 * A segment, compiled with all that it rests on, or `ResourceNotFoundException`. It may be asked for in a unit, but not in one that has itself
 * created or deleted segments.
 */
export async function segmentChain(
  store: Store,
  reader: Reader,
  domain: Pick<Domain, "uid">,
  name: string,
): Promise<SegmentChain> {
  const held = heldOf(store);
  const key = segmentKey({ uid: domain.uid, name });
  const known = held.chains.get(key);
  if (known) return known;
  const { changes } = held;
  const { groups } = await getSegment(reader, domain, name);
  const chain = await compiledChain(reader, domain, new ProfileSegment(groups, "SegmentGroups"), name);
  if (changes === held.changes) held.chains.set(key, chain);
  return chain;
}

/** A segment with all that it rests on, each after those that it rests on itself. */
export async function compiledChain(
  reader: Reader,
  domain: Pick<Domain, "uid">,
  segment: ProfileSegment,
  name: string,
): Promise<SegmentChain> {
  const links = new Map<string, ProfileSegment>();
  const addSources = async ({ sources }: ProfileSegment): Promise<void> => {
    for (const source of sources) {
      if (links.has(source)) continue;
      const compiled = new ProfileSegment((await getSegment(reader, domain, source)).groups, "SegmentGroups");
      await addSources(compiled);
      links.set(source, compiled);
    }
  };
  await addSources(segment);
  return new SegmentChain([...links, [name, segment]]);
}
