import { type Asker, calledAll, type Entry, isoOf } from "./entry.ts";

interface CaseRef {
  readonly domainId: string;
  readonly caseId: string;
}

interface Span {
  readonly sinceMs: number;
  readonly untilMs: number;
}

/** As GetCaseAuditEvents answers. */
interface AuditEvent {
  readonly eventId: string;
  readonly type: string;
  readonly relatedItemType?: string;
  readonly performedTime: string;
  readonly fields: readonly { readonly eventFieldId: string; readonly newValue?: object; readonly oldValue?: object }[];
  readonly performedBy?: { readonly iamPrincipalArn?: string; readonly user?: object };
}

const AUDIT_MAX = 500;

/** What was done to a case, in a span of time where one is given. */
export async function auditEntries(
  asker: Asker,
  { domainId, caseId }: CaseRef,
  span: Span | undefined,
  notes: string[],
): Promise<readonly Entry[]> {
  const { items, isCut, problem } = await calledAll<AuditEvent>(
    asker,
    ["connectcases", "GetCaseAuditEvents"],
    { domainId, caseId },
    { member: "auditEvents", limit: AUDIT_MAX },
  );
  if (problem) notes.push(problem);
  if (isCut) notes.push(`The last ${AUDIT_MAX} changes of case ${caseId} are shown.`);
  return items.flatMap((event): readonly Entry[] => {
    const at = isoOf(event.performedTime);
    if (span && (Date.parse(at) < span.sinceMs || Date.parse(at) > span.untilMs)) return [];
    const fields = event.fields.map(({ eventFieldId, newValue }) => `${eventFieldId}: ${textOf(newValue)}`);
    return [
      {
        id: `audit:${event.eventId}`,
        at,
        kind: "case",
        title: [event.type, event.relatedItemType].filter(Boolean).join(" "),
        detail: fields.slice(0, FIELDS_SHOWN).join(", ") || undefined,
        links: [{ title: "Case", to: ["cases", domainId, caseId] }],
        document: event,
      },
    ];
  });
}

const FIELDS_SHOWN = 4;

function textOf(union: object | undefined): string {
  const [value] = Object.values(union ?? {});
  return typeof value === "object" ? "none" : String(value);
}
