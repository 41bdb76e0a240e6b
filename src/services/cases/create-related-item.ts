import type {
  CreateRelatedItemRequest,
  CreateRelatedItemResponse,
  RelatedItemInputContent,
  RelatedItemType,
} from "@aws-sdk/client-connectcases";
import type { Validated } from "../../models/validated.ts";
import { compositeKey, type Reader, type Unit } from "../../store/store.ts";
import type { Context, Platform } from "../service.ts";
import type { Actor } from "./actor.ts";
import { type Case, getCase } from "./case.ts";
import { nextChangeMs } from "./change-case.ts";
import { writeItem } from "./change-item.ts";
import { type Domain, getDomain } from "./domain.ts";
import { newContent, requireMember } from "./new-content.ts";
import { actorOf } from "./performed-by.ts";
import { beyond, quotaOf } from "./quotas.ts";
import { type RelatedItem, relatedItemArn, relatedItems } from "./related-item.ts";
import { awaitBreach, isSla, slasOf, withNextBreach } from "./slas.ts";

/** Adds something to a case, and tells of it. The same contact again is the item that is there (our choice). */
export async function createRelatedItem(
  input: Validated<CreateRelatedItemRequest>,
  context: Context,
): Promise<CreateRelatedItemResponse> {
  const id = context.ids.uuid();
  return context.store.commit(async (unit) => {
    const domain = await getDomain(unit, context, input.domainId);
    const of = await getCase(unit, domain, input.caseId);
    requireMember(input.type, input.content);
    const actor = await actorOf(unit, context, input.performedBy);
    const item = await relate(unit, context, domain, of, { id, content: input.content, actor });
    return { relatedItemId: item.id, relatedItemArn: relatedItemArn(item) };
  });
}

/** What a related item is made of. */
export interface NewItem {
  readonly id: string;
  readonly content: Validated<RelatedItemInputContent>;
  readonly actor: Actor;
}

/** The same in somebody else's unit. Throws what CreateRelatedItem answers, before anything of the item is there. */
export async function relate(
  unit: Unit,
  platform: Platform,
  domain: Domain,
  stored: Case,
  { id, content: given, actor }: NewItem,
): Promise<RelatedItem> {
  const content = await newContent(unit, platform, domain, { of: stored, content: given });
  const known = content.type === "Contact" && (await findContactItem(unit, stored, content.contactArn));
  if (known) return known;
  requireRoom(platform, stored, content.type);
  const { account, region, domainId, id: caseId } = stored;
  const changed = { ...stored, changedMs: nextChangeMs(platform, stored) };
  const item: RelatedItem = {
    account,
    region,
    domainId,
    caseId,
    id,
    content,
    createdMs: changed.changedMs,
    createdBy: actor.user,
    tags: {},
  };
  if (isSla(item) && item.content.status === "Active") awaitBreach(unit, platform, item);
  const of = isSla(item) ? withNextBreach(changed, [...(await slasOf(unit, stored)), item]) : changed;
  await writeItem(unit, platform, domain, { of, after: item, actor });
  return item;
}

async function findContactItem(
  reader: Reader,
  { domainId, id }: Case,
  contactArn: string,
): Promise<RelatedItem | undefined> {
  const range = { index: "contactOfCase", equals: compositeKey(domainId, id, contactArn), limit: 1 };
  return (await reader.list(relatedItems, range)).documents[0];
}

/** Throws `ServiceQuotaExceededException` where a case can have no more of a kind. */
function requireRoom({ limits }: Platform, { itemCounts = {} }: Case, type: RelatedItemType): void {
  const all = Object.values(itemCounts).reduce((sum, count) => sum + count, 0);
  const counts = [
    { quota: "cases.related-items-per-case", count: all },
    ...(type === "File" ? [{ quota: "cases.files-per-case", count: itemCounts.File ?? 0 } as const] : []),
    ...(type === "Sla" ? [{ quota: "cases.slas-per-case", count: itemCounts.Sla ?? 0 } as const] : []),
  ] as const;
  for (const { quota, count } of counts) {
    const most = quotaOf(limits, quota);
    if (most !== undefined && count >= most) throw beyond(quota, limits);
  }
}
