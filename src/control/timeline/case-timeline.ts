/** One case on one axis. */

import { ModeledError } from "../../models/modeled-error.ts";
import { instanceOfCasesDomain } from "../../services/connect/index.ts";
import { explainSubject } from "../../services/rules/index.ts";
import { auditEntries } from "./case-entries.ts";
import {
  type Asker,
  called,
  calledAll,
  type Entry,
  inOrder,
  iso,
  isoOf,
  type Link,
  lastPart,
  type Timeline,
} from "./entry.ts";
import { ruleEntries } from "./rule-entries.ts";

interface CaseRef {
  readonly domainId: string;
  readonly caseId: string;
}

/** As SearchRelatedItems answers. */
interface RelatedItem {
  readonly relatedItemId: string;
  readonly type: string;
  readonly associationTime: string;
  readonly content: {
    readonly contact?: { readonly contactArn: string; readonly channel: string };
    readonly comment?: { readonly body: string };
    readonly file?: { readonly fileArn: string };
    readonly sla?: {
      readonly slaConfiguration: {
        readonly name: string;
        readonly status: string;
        readonly targetTime: string;
        readonly completionTime?: string;
      };
    };
    readonly connectCase?: { readonly caseId: string };
  };
}

const ITEMS_MAX = 500;

/** Throws `ResourceNotFoundException` where the caller has no such domain or case. */
export async function caseTimeline(asker: Asker, { domainId, caseId }: CaseRef): Promise<Timeline> {
  const { context } = asker;
  const notes: string[] = [];
  const related: Link[] = [];
  const fields = STATE_FIELDS.map((id) => ({ id }));
  const shown = await asker.callOperation(
    { model: "connectcases", operation: "GetCase", input: { domainId, caseId, fields } },
    context,
  );
  if (shown.status !== 200) throw refusal(shown.status, shown.document);
  const { fields: values } = shown.document as {
    readonly fields: readonly { readonly id: string; readonly value: object }[];
  };
  const text = (id: string) => Object.values(values.find((field) => field.id === id)?.value ?? {}).map(String)[0];
  const items = await calledAll<RelatedItem>(
    asker,
    ["connectcases", "SearchRelatedItems"],
    { domainId, caseId },
    { member: "relatedItems", limit: ITEMS_MAX },
  );
  if (items.problem) notes.push(items.problem);
  if (items.isCut) notes.push(`The last ${ITEMS_MAX} related items are shown.`);
  const entries = [
    ...(await auditEntries(asker, { domainId, caseId }, undefined, notes)),
    ...items.items.flatMap((item) => itemEntries(domainId, item, related)),
    ...(await rulesOf(asker, { domainId, caseId }, notes)),
  ];
  const configuration = await called<{ readonly eventBridge?: { readonly enabled?: boolean } }>(
    asker,
    "connectcases",
    "GetCaseEventConfiguration",
    { domainId },
  );
  const isTold = configuration.value?.eventBridge?.enabled === true;
  return {
    state: text("status") ?? "",
    isOver: false,
    now: iso(context.clock.now()),
    entries: inOrder(entries),
    related,
    facts: [
      ...(text("title") ? [{ title: "Title", value: text("title") ?? "" }] : []),
      { title: "Events", value: isTold ? "each change is told on the default bus" : "the domain tells no events" },
    ],
    notes,
  };
}

const STATE_FIELDS = ["status", "title"];

function refusal(status: number, document: unknown): Error {
  const { code = "", message = "" } = document as { readonly code?: string; readonly message?: string };
  return new ModeledError(status === 404 ? "ResourceNotFoundException" : code, message);
}

function itemEntries(domainId: string, item: RelatedItem, related: Link[]): readonly Entry[] {
  const { contact, comment, sla, file, connectCase } = item.content;
  const base = { kind: "item", document: item } as const;
  const at = isoOf(item.associationTime);
  const id = `item:${item.relatedItemId}`;
  if (contact) {
    const { contactArn, channel } = contact;
    const [, instance = "", contactId = ""] = /instance\/([^/]+)\/contact\/([^/]+)$/.exec(contactArn) ?? [];
    const to = ["contacts", instance, contactId];
    related.push({ title: `${channel} ${contactId.slice(0, 8)}`, to });
    const links = [{ title: "Contact", to }];
    return [{ ...base, id, at, title: channel === "TASK" ? "Task" : `Contact, ${channel}`, detail: contactId, links }];
  }
  if (sla) {
    const { name, status, targetTime, completionTime } = sla.slaConfiguration;
    const isLate = status === "Overdue" || status === "NotMet";
    const until = completionTime ?? targetTime;
    return [
      {
        ...base,
        id,
        at,
        until: isoOf(until),
        title: `SLA ${name}`,
        detail: `${status}, due ${isoOf(targetTime)}`,
        tone: isLate ? "bad" : status === "Met" ? "good" : undefined,
      },
    ];
  }
  if (connectCase) {
    const to = ["cases", domainId, connectCase.caseId];
    related.push({ title: `case ${connectCase.caseId.slice(0, 8)}`, to });
    return [{ ...base, id, at, title: "Case", detail: connectCase.caseId, links: [{ title: "Case", to }] }];
  }
  return [{ ...base, id, at, title: item.type, detail: comment?.body ?? (file && lastPart(file.fileArn)) }];
}

async function rulesOf({ context }: Asker, { domainId, caseId }: CaseRef, notes: string[]): Promise<readonly Entry[]> {
  const { account, region, store } = context;
  const arn = `arn:aws:cases:${region}:${account}:domain/${domainId}`;
  const instance = await instanceOfCasesDomain(store, { account, region, arn });
  if (!instance) {
    notes.push("No Connect instance is associated with the domain: no Connect rule looks at its cases.");
    return [];
  }
  const explained = await explainSubject({ instanceId: instance.instanceId, subject: caseId }, context);
  if (explained.note) notes.push(`Rules: ${explained.note}`);
  return ruleEntries(explained, { beganMs: 0, lastHeardMs: 0, turns: new Set() });
}
