/**
 * Events of cases: reference `cases`, section 11.
 *
 *     change ─► detail: metadata, and of the case or the related item what the domain's configuration includes ─► cut to size ─► default bus
 */
import type { Unit } from "../../store/store.ts";
import { putServiceEvent } from "../eventbridge/index.ts";
import type { Platform } from "../service.ts";
import type { Actor } from "./actor.ts";
import { type Case, caseArn } from "./case.ts";
import { type Domain, domainArn } from "./domain.ts";
import { type CaseDetail, type FittedEvent, fitted, type ItemDetail } from "./event-size.ts";
import { timeText, valueUnion } from "./field-value.ts";
import { findUsedField } from "./given-values.ts";
import { includedFields } from "./included-fields.ts";
import { type RelatedItem, relatedItemArn } from "./related-item.ts";
import { toldContent } from "./shown-content.ts";

export const CASE_EVENT_SOURCE = "aws.cases";
export const CASE_EVENT_DETAIL_TYPE = "Amazon Connect Cases Change";

/** A change of a case or of a related item, as its domain tells of it. */
export type CaseEvent = {
  /** After the change; of a deleted one as it was before. */
  readonly changed: Case;
  readonly actor: Actor;
} & (CaseItselfEvent | RelatedItemEvent);

interface CaseItselfEvent {
  readonly eventType: "CASE.CREATED" | "CASE.UPDATED" | "CASE.DELETED";
  /** Ids of the fields whose values differ from before, in the order of the domain's list. */
  readonly changedFieldIds: readonly string[];
}

interface RelatedItemEvent {
  readonly eventType: "RELATED_ITEM.CREATED" | "RELATED_ITEM.UPDATED" | "RELATED_ITEM.DELETED";
  readonly item: RelatedItem;
  readonly changedAttributes: readonly string[];
}

/** Tells a change on the default bus, in its unit, where the domain tells of changes. */
export async function tellCaseEvent(unit: Unit, platform: Platform, domain: Domain, event: CaseEvent): Promise<void> {
  if (!domain.events.enabled) return;
  const { changed, actor } = event;
  const metadata = {
    version: "0",
    eventType: eventTypeOf(domain, event),
    approximateChangeTime: timeText(changed.changedMs),
    ...("item" in event ? { changedAttributes: event.changedAttributes } : { changedFieldIds: event.changedFieldIds }),
    performedBy: { ...(actor.user && { user: actor.user }), iamPrincipalArn: actor.principalArn },
  };
  const about =
    "item" in event
      ? { relatedItem: await itemDetail(unit, domain, event) }
      : { case: await caseDetail(unit, domain, changed, event) };
  const whole = {
    source: CASE_EVENT_SOURCE,
    detailType: CASE_EVENT_DETAIL_TYPE,
    resources: [domainArn(domain), "item" in event ? relatedItemArn(event.item) : caseArn(changed)],
    detail: { ...metadata, ...about },
  };
  const sent = fitted(whole);
  if (sent.dropped.length > 0) unit.afterCommit(() => noteDropped(platform, changed, sent));
  await putServiceEvent(unit, platform, {
    ...whole,
    teller: domainArn(domain),
    account: domain.account,
    region: domain.region,
    detail: sent.detail,
    timeMs: platform.clock.now(),
    key: changed.id,
    id: platform.ids.uuid(),
  });
}

function eventTypeOf({ settings }: Domain, { eventType }: CaseEvent): string {
  const isPrefixed = eventType === "RELATED_ITEM.DELETED" && settings.prefixesDeletedRelatedItems;
  return isPrefixed ? `CASE.${eventType}` : eventType;
}

/** Fields without a value are not there, nor those that were deleted since they were configured. */
async function caseDetail(
  unit: Unit,
  domain: Domain,
  { id, templateId, createdMs, values }: Case,
  { eventType }: CaseItselfEvent,
): Promise<CaseDetail> {
  const detail = { caseId: id, templateId, createdDateTime: timeText(createdMs) };
  const included = includedFields(domain.events, values);
  if (eventType === "CASE.DELETED" || !included) return detail;
  const fields: [string, { readonly value: object }][] = [];
  for (const fieldId of included) {
    const value = values[fieldId];
    const field = value === undefined ? undefined : await findUsedField(unit, domain, fieldId);
    if (value !== undefined && field && !field.isDeleted) fields.push([fieldId, { value: valueUnion(field, value) }]);
  }
  return { ...detail, fields: Object.fromEntries(fields) };
}

async function itemDetail(unit: Unit, domain: Domain, { item, eventType }: RelatedItemEvent): Promise<ItemDetail> {
  const { events, settings } = domain;
  const { type } = item.content;
  const isIncluded = events.includesContent && eventType !== "RELATED_ITEM.DELETED";
  const content = isIncluded ? await toldContent(unit, domain, item.content) : {};
  return {
    relatedItemType: settings.lowerCaseRelatedItemTypes ? type.toLowerCase() : type,
    relatedItemId: item.id,
    caseId: item.caseId,
    createdDateTime: timeText(item.createdMs),
    ...content,
  };
}

/** Counts what events were too small for. */
export const DROPPED_METRIC = "trunkline_case_event_fields_dropped_total";

function noteDropped({ flow, log }: Platform, { domainId, id }: Case, { dropped }: FittedEvent): void {
  flow.metrics.count(DROPPED_METRIC, {}, dropped.length);
  log.warn(
    { domainId, caseId: id, dropped },
    "An event of a case would have had more than 256 KB: some values were left out",
  );
}
