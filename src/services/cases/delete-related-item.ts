import type { DeleteRelatedItemRequest, DeleteRelatedItemResponse } from "@aws-sdk/client-connectcases";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
import { getCase } from "./case.ts";
import { nextChangeMs } from "./change-case.ts";
import { writeItem } from "./change-item.ts";
import { getDomain } from "./domain.ts";
import { invalid } from "./errors.ts";
import { actorOf } from "./performed-by.ts";
import { getRelatedItem } from "./related-item.ts";
import { cancelBreach, isSla, slasOf, withNextBreach } from "./slas.ts";

/** Takes something away from a case, and tells of it. Files go where they came from: by DeleteAttachedFile of Connect. */
export async function deleteRelatedItem(
  input: Validated<DeleteRelatedItemRequest>,
  context: Context,
): Promise<DeleteRelatedItemResponse> {
  await context.store.commit(async (unit) => {
    const domain = await getDomain(unit, context, input.domainId);
    const stored = await getCase(unit, domain, input.caseId);
    const before = await getRelatedItem(unit, domain, stored, input.relatedItemId);
    if (before.content.type === "File") throw invalid("Related items of type File cannot be deleted here");
    const changed = { ...stored, changedMs: nextChangeMs(context, stored) };
    if (isSla(before)) cancelBreach(unit, context, before);
    const left = isSla(before) ? (await slasOf(unit, stored)).filter(({ id }) => id !== before.id) : undefined;
    const of = left ? withNextBreach(changed, left) : changed;
    await writeItem(unit, context, domain, { of, before, actor: await actorOf(unit, context, undefined) });
  });
  return {};
}
