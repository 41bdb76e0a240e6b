import { isDeepStrictEqual } from "node:util";
import type {
  RelatedItemUpdateContent,
  UpdateRelatedItemRequest,
  UpdateRelatedItemResponse,
} from "@aws-sdk/client-connectcases";
import type { Validated } from "../../models/validated.ts";
import type { Reader } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { getCase } from "./case.ts";
import { nextChangeMs } from "./change-case.ts";
import { writeItem } from "./change-item.ts";
import { type Domain, getDomain } from "./domain.ts";
import { invalid } from "./errors.ts";
import { customValues } from "./new-content.ts";
import { actorOf } from "./performed-by.ts";
import { getRelatedItem, type RelatedItem, type RelatedItemContent, relatedItemArn } from "./related-item.ts";
import { shownContent } from "./shown-content.ts";

/** Changes a comment or a custom item, and tells of it; where nothing differs, nothing happens. */
export async function updateRelatedItem(
  input: Validated<UpdateRelatedItemRequest>,
  context: Context,
): Promise<UpdateRelatedItemResponse> {
  return context.store.commit(async (unit) => {
    const domain = await getDomain(unit, context, input.domainId);
    const stored = await getCase(unit, domain, input.caseId);
    const before = await getRelatedItem(unit, domain, stored, input.relatedItemId);
    const actor = await actorOf(unit, context, input.performedBy);
    const content = await changedContent(unit, context, domain, { before, content: input.content });
    if (isDeepStrictEqual(content, before.content)) return answerOf(unit, context, domain, before);
    const after: RelatedItem = { ...before, content, lastUpdatedBy: actor.user };
    const of = { ...stored, changedMs: nextChangeMs(context, stored) };
    await writeItem(unit, context, domain, { of, before, after, actor });
    return answerOf(unit, context, domain, after);
  });
}

/** Values of a custom item replace all that it had. */
async function changedContent(
  reader: Reader,
  context: Context,
  domain: Domain,
  { before, content }: { readonly before: RelatedItem; readonly content: Validated<RelatedItemUpdateContent> },
): Promise<RelatedItemContent> {
  const { type } = before.content;
  const { comment, custom } = content;
  if (type === "Comment" && comment) return { type, body: comment.body };
  if (type === "Custom" && custom) return { type, values: await customValues(reader, context, domain, custom) };
  if (type === "Comment" || type === "Custom") throw invalid(`content: related item ${before.id} is of type ${type}`);
  throw invalid(`Related items of type ${type} cannot be updated`);
}

async function answerOf(
  reader: Reader,
  context: Context,
  domain: Domain,
  item: RelatedItem,
): Promise<UpdateRelatedItemResponse> {
  return {
    relatedItemId: item.id,
    relatedItemArn: relatedItemArn(item),
    type: item.content.type,
    content: await shownContent(reader, context, domain, item.content),
    associationTime: new Date(item.createdMs),
    tags: { ...item.tags },
    lastUpdatedUser: item.lastUpdatedBy,
    createdBy: item.createdBy,
  };
}
