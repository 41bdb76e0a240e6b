import type { SegmentGroup } from "@aws-sdk/client-customer-profiles";
import { type Collection, collection, type Reader, type Unit } from "../../../store/store.ts";
import { guardRange } from "../../range-guard.ts";
import { type Domain, domainArn, inDomain } from "../domain.ts";
import { notFound } from "../errors.ts";
import type { SegmentSort } from "./segment-sort.ts";

/** A segment: which profiles belong to it. It never changes. */
export interface SegmentDefinition {
  /** Of its domain. */
  readonly uid: string;
  readonly name: string;
  readonly displayName: string;
  readonly description?: string | undefined;
  readonly groups: SegmentGroup;
  readonly sort?: SegmentSort | undefined;
  /** Segments that it rests on, directly. They cannot be deleted. */
  readonly sources: readonly string[];
  /** How many segments rest on one another below it, at most: 0 without sources. */
  readonly depth: number;
  readonly createdMs: number;
  readonly tags: Readonly<Record<string, string>>;
}

export const segments: Collection<SegmentDefinition> = collection("profiles_segments");

export function segmentKey({ uid, name }: Pick<SegmentDefinition, "uid" | "name">): string {
  return inDomain({ uid }, name);
}

export async function findSegment(
  reader: Reader,
  { uid }: Pick<Domain, "uid">,
  name: string,
): Promise<SegmentDefinition | undefined> {
  return reader.get(segments, segmentKey({ uid, name }));
}

/** A segment of a domain, or `ResourceNotFoundException`. */
export async function getSegment(
  reader: Reader,
  domain: Pick<Domain, "uid">,
  name: string,
): Promise<SegmentDefinition> {
  const segment = await findSegment(reader, domain, name);
  if (!segment) throw notFound(`Segment definition ${name} does not exist`);
  return segment;
}

/** Guards what is decided on which segments others rest on: a segment that is in use cannot be deleted. */
export function guardSegmentUse(unit: Unit, domain: Pick<Domain, "uid">): Promise<void> {
  return guardRange(unit, inDomain(domain, segments.name));
}

export function segmentArn(domain: Domain, name: string): string {
  return `${domainArn(domain)}/segment-definitions/${name}`;
}
