/** Changes of related items: the twin of `change-case.ts`. */
import type { AuditEventType } from "@aws-sdk/client-connectcases";
import type { Reader, Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import type { Actor } from "./actor.ts";
import { type AuditedField, audit } from "./audit.ts";
import { type Case, caseKey, cases } from "./case.ts";
import { type CaseEvent, tellCaseEvent } from "./case-event.ts";
import type { Domain } from "./domain.ts";
import { timeText } from "./field-value.ts";
import { findUsedField } from "./given-values.ts";
import { type RelatedItem, type RelatedItemContent, relatedItemKey, relatedItems } from "./related-item.ts";

/** A related item that is created (no `before`), changed, or deleted (no `after`). */
export type ChangedItem = {
  /** The case, with the time of this change: items share it. */
  readonly of: Case;
  readonly actor: Actor;
} & (
  | { readonly before?: RelatedItem; readonly after: RelatedItem }
  | { readonly before: RelatedItem; readonly after?: undefined }
);

/** Writes a related item and its case, and tells of the item. */
export async function writeItem(unit: Unit, platform: Platform, domain: Domain, change: ChangedItem): Promise<void> {
  const { of, before, after, actor } = change;
  const item = after ?? change.before;
  const kind = !before ? "Created" : after ? "Updated" : "Deleted";
  if (after) unit.put(relatedItems, relatedItemKey(after), after);
  else unit.delete(relatedItems, relatedItemKey(item));
  unit.put(cases, caseKey(of), counted(of, item, { Created: 1, Updated: 0, Deleted: -1 }[kind]));

  const fields = await typed(unit, domain, changedParts(before?.content, after?.content));
  const { type } = item.content;
  audit(unit, platform, of, {
    type: AUDITED[kind],
    relatedItemType: type,
    timeMs: of.changedMs,
    actor,
    fields,
  });
  await tellCaseEvent(unit, platform, domain, {
    eventType: TOLD[kind],
    changed: of,
    actor,
    item,
    // Of what is gone nothing is told (our choice).
    changedAttributes: after ? fields.map(({ id }) => TOLD_PARTS[id] ?? id) : [],
  });
}

const AUDITED: Readonly<Record<"Created" | "Updated" | "Deleted", AuditEventType>> = {
  Created: "RelatedItem.Created",
  Updated: "RelatedItem.Updated",
  Deleted: "RelatedItem.Deleted",
};

const TOLD: Readonly<
  Record<"Created" | "Updated" | "Deleted", Extract<CaseEvent, { item: RelatedItem }>["eventType"]>
> = {
  Created: "RELATED_ITEM.CREATED",
  Updated: "RELATED_ITEM.UPDATED",
  Deleted: "RELATED_ITEM.DELETED",
};

/** What events call otherwise than the API. */
const TOLD_PARTS: Readonly<Record<string, string>> = { "comment.body": "comment.commentText" };

function counted(of: Case, { content: { type } }: RelatedItem, by: number): Case {
  return { ...of, itemCounts: { ...of.itemCounts, [type]: (of.itemCounts?.[type] ?? 0) + by } };
}

/** The parts of what items contain that differ, by their paths. */
function changedParts(
  before: RelatedItemContent | undefined,
  after: RelatedItemContent | undefined,
): readonly AuditedField[] {
  const [old, now] = [partsOf(before), partsOf(after)];
  return [...new Set([...Object.keys(old), ...Object.keys(now)])].flatMap((id) =>
    old[id] === now[id] ? [] : [{ id, before: old[id], after: now[id] }],
  );
}

type Parts = Readonly<Record<string, string | number | boolean | undefined>>;

function partsOf(content: RelatedItemContent | undefined): Parts {
  switch (content?.type) {
    case undefined:
      return {};
    case "Contact":
      return { "contact.contactArn": content.contactArn };
    case "Comment":
      return { "comment.body": content.body };
    case "File":
      return { "file.fileArn": content.fileArn };
    case "Sla":
      return {
        "sla.slaConfiguration.name": content.name,
        "sla.slaConfiguration.fieldId": content.fieldId,
        "sla.slaConfiguration.targetFieldValues": content.targetValue,
        "sla.slaConfiguration.targetTime": timeText(content.targetMs),
        "sla.slaConfiguration.status": content.status,
        "sla.slaConfiguration.completionTime":
          content.completedMs === undefined ? undefined : timeText(content.completedMs),
      };
    case "ConnectCase":
      return { "connectCase.caseId": content.caseId };
    case "Custom":
      return Object.fromEntries(Object.entries(content.values).map(([id, value]) => [`${CUSTOM}${id}`, value]));
  }
}

const CUSTOM = "custom.fields.";

/** With the types of custom fields, whose values are told in the members of these. All else is text. */
async function typed(reader: Reader, domain: Domain, parts: readonly AuditedField[]): Promise<readonly AuditedField[]> {
  const fields: AuditedField[] = [];
  for (const part of parts) {
    const field = part.id.startsWith(CUSTOM) && (await findUsedField(reader, domain, part.id.slice(CUSTOM.length)));
    fields.push(field ? { ...part, type: field.type } : part);
  }
  return fields;
}
