import type {
  DeleteSegmentDefinitionRequest,
  DeleteSegmentDefinitionResponse,
  GetSegmentDefinitionRequest,
  GetSegmentDefinitionResponse,
  ListSegmentDefinitionsRequest,
  ListSegmentDefinitionsResponse,
} from "@aws-sdk/client-customer-profiles";
import type { Validated } from "../../../models/validated.ts";
import { listPage } from "../../list-page.ts";
import type { Context } from "../../service.ts";
import { getDomain, inDomain } from "../domain.ts";
import { allIn } from "../domain-view.ts";
import { badRequest, invalidNextToken } from "../errors.ts";
import { eventTriggers } from "../triggers/event-trigger.ts";
import { getSegment, guardSegmentUse, segmentArn, segmentKey, segments } from "./segment-definition.ts";
import type { SegmentSort } from "./segment-sort.ts";
import { forgetSubscription } from "./segment-subscriptions.ts";

const PAGE_SIZE = 100;

export async function getSegmentDefinition(
  input: Validated<GetSegmentDefinitionRequest>,
  context: Context,
): Promise<GetSegmentDefinitionResponse & { readonly SegmentSort: SegmentSort | undefined }> {
  const domain = await getDomain(context.store, context, input.DomainName);
  const segment = await getSegment(context.store, domain, input.SegmentDefinitionName);
  return {
    SegmentDefinitionName: segment.name,
    DisplayName: segment.displayName,
    Description: segment.description,
    SegmentGroups: segment.groups,
    SegmentSort: segment.sort,
    SegmentDefinitionArn: segmentArn(domain, segment.name),
    CreatedAt: new Date(segment.createdMs),
    Tags: segment.tags,
    SegmentType: "CLASSIC",
  };
}

export async function listSegmentDefinitions(
  input: Validated<ListSegmentDefinitionsRequest>,
  context: Context,
): Promise<ListSegmentDefinitionsResponse> {
  const domain = await getDomain(context.store, context, input.DomainName);
  const page = await listPage(
    context.store,
    { collection: segments, under: [domain.uid], nameOf: ({ name }) => name },
    {
      of: ["ListSegmentDefinitions", domain.uid],
      token: input.NextToken,
      limit: input.MaxResults ?? PAGE_SIZE,
      refuse: invalidNextToken,
    },
  );
  const items = page.items.map((segment) => ({
    SegmentDefinitionName: segment.name,
    DisplayName: segment.displayName,
    Description: segment.description,
    SegmentDefinitionArn: segmentArn(domain, segment.name),
    CreatedAt: new Date(segment.createdMs),
    Tags: segment.tags,
    SegmentType: "CLASSIC" as const,
  }));
  return { Items: items, NextToken: page.nextToken };
}

/** Deletes a segment, with its subscription. Not one that others rest on, or that an event trigger filters by. */
export async function deleteSegmentDefinition(
  input: Validated<DeleteSegmentDefinitionRequest>,
  context: Context,
): Promise<DeleteSegmentDefinitionResponse> {
  const { SegmentDefinitionName: name } = input;
  await context.store.commit(async (unit) => {
    const domain = await getDomain(unit, context, input.DomainName);
    const segment = await getSegment(unit, domain, name);
    await guardSegmentUse(unit, domain);
    const user = (await allIn(unit, segments, domain)).find(({ sources }) => sources.includes(name));
    if (user) throw badRequest(`Segment definition ${name} is a source of segment ${user.name} and cannot be deleted`);
    const filtered = await unit.list(eventTriggers, { index: "segment", prefix: inDomain(domain, name, ""), limit: 1 });
    for (const trigger of filtered.documents) {
      throw badRequest(
        `Segment definition ${name} is the filter of event trigger ${trigger.name} and cannot be deleted`,
      );
    }
    await forgetSubscription(unit, context, domain, segment.name);
    unit.delete(segments, segmentKey(segment));
  });
  return { Message: `Segment definition ${name} deleted` };
}
