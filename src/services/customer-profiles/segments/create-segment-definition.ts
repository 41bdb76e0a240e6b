import type {
  CreateSegmentDefinitionRequest,
  CreateSegmentDefinitionResponse,
  SegmentGroup,
} from "@aws-sdk/client-customer-profiles";
import { ProfileSegment } from "../../../matching/profile-segment.ts";
import type { Validated } from "../../../models/validated.ts";
import type { Reader } from "../../../store/store.ts";
import type { Context, Limit } from "../../service.ts";
import { getCalculatedAttribute } from "../calculated-attributes/calculated-attribute.ts";
import { type Domain, getDomain } from "../domain.ts";
import { badRequest } from "../errors.ts";
import {
  getSegment,
  guardSegmentUse,
  type SegmentDefinition,
  segmentArn,
  segmentKey,
  segments,
} from "./segment-definition.ts";
import { checkSort, type SegmentSort } from "./segment-sort.ts";

const SOURCE = "https://docs.aws.amazon.com/connect/latest/adminguide/amazon-connect-service-limits.html";

export const ATTRIBUTES_PER_SEGMENT: Limit = {
  name: "customer-profiles.attributes-per-segment",
  default: 60,
  meaning: "Different attributes that a segment looks at, with those of the segments that it rests on",
  source: SOURCE,
  always: true,
};

export const CALCULATED_PER_SEGMENT: Limit = {
  name: "customer-profiles.calculated-attributes-per-segment",
  default: 10,
  meaning: "Different calculated attributes that a segment looks at, with those of the segments that it rests on",
  source: SOURCE,
  always: true,
};

/** "Nesting depth 5": of segments that rest on one another. */
const DEPTH_MAX = 5;

/** Defines which profiles belong to a segment. There is no way to change it: it is deleted, and defined anew. */
export async function createSegmentDefinition(
  input: Validated<CreateSegmentDefinitionRequest> & { readonly SegmentSort?: SegmentSort },
  context: Context,
): Promise<CreateSegmentDefinitionResponse> {
  const { SegmentDefinitionName: name } = input;
  const groups = classicGroups(input.SegmentGroups, input.SegmentSqlQuery, "SegmentGroups");
  const segment = new ProfileSegment(groups, "SegmentGroups");
  const nowMs = context.clock.now();
  return context.store.commit(async (unit) => {
    const domain = await getDomain(unit, context, input.DomainName);
    const key = segmentKey({ uid: domain.uid, name });
    if (await unit.get(segments, key)) throw badRequest(`Segment definition with name ${name} already exists`);
    const { depth } = await checkSegment(unit, context, domain, segment);
    if (input.SegmentSort) await checkSort(unit, domain, input.SegmentSort);
    // Nobody may delete meanwhile what this one rests on.
    if (segment.sources.length > 0) await guardSegmentUse(unit, domain);
    const definition: SegmentDefinition = {
      uid: domain.uid,
      name,
      displayName: input.DisplayName,
      description: input.Description,
      groups,
      sort: input.SegmentSort,
      sources: segment.sources,
      depth,
      createdMs: nowMs,
      tags: input.Tags ?? {},
    };
    unit.put(segments, key, definition);
    return {
      SegmentDefinitionName: name,
      DisplayName: definition.displayName,
      Description: definition.description,
      CreatedAt: new Date(nowMs),
      SegmentDefinitionArn: segmentArn(domain, name),
      Tags: definition.tags,
    };
  });
}

/** The groups of a request that must have groups or a query, and cannot have a query here. */
export function classicGroups(groups: object | undefined, query: string | undefined, member: string): SegmentGroup {
  if (query !== undefined && groups !== undefined) {
    throw badRequest(`${member} and SegmentSqlQuery: a segment has one of them`);
  }
  if (query !== undefined) throw badRequest("SegmentSqlQuery: segments by SQL (ENHANCED) are not built");
  if (groups === undefined) throw badRequest(`${member}: it is needed`);
  return groups as SegmentGroup;
}

/**
 * Checks what a segment names: calculated attributes and source segments that exist, and not too many of either, nor too deep. Throws
 * `ResourceNotFoundException` and `BadRequestException`.
 */
export async function checkSegment(
  reader: Reader,
  { limits }: Pick<Context, "limits">,
  domain: Domain,
  segment: ProfileSegment,
): Promise<{ readonly depth: number }> {
  for (const { name } of segment.calculated) await getCalculatedAttribute(reader, domain, name);
  const looked = new Set<string>(segment.attributes);
  const seen = new Set<string>();
  let depth = 0;
  const addSources = async (names: readonly string[]): Promise<void> => {
    for (const name of names) {
      if (seen.has(name)) continue;
      seen.add(name);
      const source = await getSegment(reader, domain, name);
      depth = Math.max(depth, segment.sources.includes(name) ? source.depth + 1 : 0);
      for (const attribute of new ProfileSegment(source.groups, "SegmentGroups").attributes) looked.add(attribute);
      await addSources(source.sources);
    }
  };
  await addSources(segment.sources);
  if (depth > DEPTH_MAX) {
    throw badRequest(`SourceSegments: segments rest on one another ${depth} deep, and ${DEPTH_MAX} are allowed`);
  }
  const calculated = [...looked].filter((attribute) => attribute.startsWith("_calculated."));
  requireAtMost(looked.size, limits.value(ATTRIBUTES_PER_SEGMENT.name, ATTRIBUTES_PER_SEGMENT.default), "attributes");
  requireAtMost(
    calculated.length,
    limits.value(CALCULATED_PER_SEGMENT.name, CALCULATED_PER_SEGMENT.default),
    "calculated attributes",
  );
  return { depth };
}

function requireAtMost(count: number, most: number, what: string): void {
  if (count > most) throw badRequest(`Limit exceeded: ${count} ${what} in one segment, and ${most} are allowed`);
}
