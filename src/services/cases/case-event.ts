import type { Unit } from "../../store/store.ts";
import { putServiceEvent } from "../eventbridge/index.ts";
import type { Platform } from "../service.ts";
import type { Actor } from "./actor.ts";
import { type Case, caseArn } from "./case.ts";
import { type Domain, domainArn } from "./domain.ts";
import { timeText } from "./field-value.ts";
import { type RelatedItem, relatedItemArn } from "./related-item.ts";

export const CASE_EVENT_SOURCE = "aws.cases";
export const CASE_EVENT_DETAIL_TYPE = "Amazon Connect Cases Change";

/** A change of a case or of a related item, as its domain tells of it. */
export type CaseEvent = {
  /** After the change; of a deleted one as it was before. */
  readonly changed: Case;
  readonly actor: Actor;
} & (
  | {
      readonly eventType: "CASE.CREATED" | "CASE.UPDATED" | "CASE.DELETED";
      /** Ids of the fields whose values differ from before, in the order of the domain's list. */
      readonly changedFieldIds: readonly string[];
    }
  | {
      readonly eventType: "RELATED_ITEM.CREATED" | "RELATED_ITEM.UPDATED" | "RELATED_ITEM.DELETED";
      readonly item: RelatedItem;
      readonly changedAttributes: readonly string[];
    }
);

/** Tells a change on the default bus, in its unit, where the domain tells of changes: reference `cases`, section 11. */
export async function tellCaseEvent(unit: Unit, platform: Platform, domain: Domain, event: CaseEvent): Promise<void> {
  if (!domain.events.enabled) return;
  const { changed, actor, eventType } = event;
  const about = "item" in event ? relatedItemArn(event.item) : caseArn(changed);
  await putServiceEvent(unit, platform, {
    account: domain.account,
    region: domain.region,
    source: CASE_EVENT_SOURCE,
    detailType: CASE_EVENT_DETAIL_TYPE,
    resources: [domainArn(domain), about],
    detail: {
      version: "0",
      eventType,
      approximateChangeTime: timeText(changed.changedMs),
      ...("item" in event
        ? { changedAttributes: event.changedAttributes }
        : { changedFieldIds: event.changedFieldIds }),
      performedBy: { ...(actor.user && { user: actor.user }), iamPrincipalArn: actor.principalArn },
      // `case` or `relatedItem`
    },
    timeMs: platform.clock.now(),
    key: changed.id,
    id: platform.ids.uuid(),
  });
}
