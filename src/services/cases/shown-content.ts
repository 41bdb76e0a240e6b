/** What related items contain, as the API shows it and as events tell it. */
import type { FieldValueUnion, RelatedItemContent as ShownContent } from "@aws-sdk/client-connectcases";
import type { Reader } from "../../store/store.ts";
import { findContactByArn } from "../connect/index.ts";
import type { Platform } from "../service.ts";
import type { Domain } from "./domain.ts";
import { type CaseValues, timeText, valueUnion } from "./field-value.ts";
import { findUsedField } from "./given-values.ts";
import type { ContactContent, RelatedItemContent, Sla } from "./related-item.ts";

/** As the API shows it: a contact as it is now, or as it was when it was associated where it is not there any more. */
export async function shownContent(
  reader: Reader,
  { clock }: Pick<Platform, "clock">,
  domain: Domain,
  content: RelatedItemContent,
): Promise<ShownContent> {
  switch (content.type) {
    case "Contact": {
      const contact = await findContactByArn(reader, domain, content.contactArn, clock.now());
      const { contactArn, channel, connectedMs } = contact ? contactContent(content.contactArn, contact) : content;
      return { contact: { contactArn, channel, connectedToSystemTime: new Date(connectedMs) } };
    }
    case "Comment":
      return { comment: { body: content.body, contentType: "Text/Plain" } };
    case "File":
      return { file: { fileArn: content.fileArn } };
    case "Sla":
      return { sla: { slaConfiguration: slaConfiguration(content, (timeMs) => new Date(timeMs)) } };
    case "ConnectCase":
      return { connectCase: { caseId: content.caseId } };
    case "Custom": {
      const values = await unions(reader, domain, content.values);
      return { custom: { fields: values.map(([id, value]) => ({ id, value })) } };
    }
  }
}

/** As events tell it, in plain JSON. */
export async function toldContent(
  reader: Reader,
  domain: Domain,
  content: RelatedItemContent,
): Promise<Readonly<Record<string, object>>> {
  switch (content.type) {
    case "Contact": {
      const { contactArn, channel, connectedMs } = content;
      return { contact: { contactArn, channel, connectedToSystemTime: timeText(connectedMs) } };
    }
    case "Comment":
      return { comment: { body: content.body, contentType: "Text/Plain" } };
    case "File":
      return { file: { fileArn: content.fileArn } };
    case "Sla":
      return { sla: { slaConfiguration: slaConfiguration(content, timeText) } };
    case "ConnectCase":
      return { connectCase: { caseId: content.caseId } };
    case "Custom": {
      const values = await unions(reader, domain, content.values);
      return { custom: { fields: Object.fromEntries(values.map(([id, value]) => [id, { value }])) } };
    }
  }
}

/** What a case has of a contact. One that has not been connected yet counts from when it began (our choice). */
export function contactContent(
  contactArn: string,
  contact: {
    readonly channel: string;
    readonly initiationMs: number;
    readonly connectedToSystemMs?: number | undefined;
  },
): ContactContent {
  const { channel, initiationMs, connectedToSystemMs = initiationMs } = contact;
  return { type: "Contact", contactArn, channel, connectedMs: connectedToSystemMs };
}

interface SlaConfiguration<Time> {
  readonly name: string;
  readonly type: "CaseField";
  readonly status: Sla["status"];
  readonly fieldId: string;
  readonly targetFieldValues: FieldValueUnion[];
  readonly targetTime: Time;
  readonly completionTime?: Time;
}

function slaConfiguration<Time>(
  { name, status, fieldId, targetValue, targetMs, completedMs }: Sla,
  time: (timeMs: number) => Time,
): SlaConfiguration<Time> {
  return {
    name,
    type: "CaseField",
    status,
    fieldId,
    targetFieldValues: [{ stringValue: String(targetValue) }],
    targetTime: time(targetMs),
    ...(completedMs !== undefined && { completionTime: time(completedMs) }),
  };
}

async function unions(
  reader: Reader,
  domain: Domain,
  values: CaseValues,
): Promise<readonly (readonly [id: string, value: FieldValueUnion])[]> {
  const shown: [string, FieldValueUnion][] = [];
  for (const [id, value] of Object.entries(values)) {
    const field = await findUsedField(reader, domain, id);
    shown.push([id, valueUnion(field ?? { type: "Text" }, value)]);
  }
  return shown;
}
