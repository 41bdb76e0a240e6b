/** What a related item is to contain, as it is stored: held against what there is. */
import type { RelatedItemInputContent, RelatedItemType } from "@aws-sdk/client-connectcases";
import type { Validated } from "../../models/validated.ts";
import type { Reader } from "../../store/store.ts";
import { findContactByArn } from "../connect/index.ts";
import type { Platform } from "../service.ts";
import { type Case, getCase } from "./case.ts";
import type { Domain } from "./domain.ts";
import { invalid } from "./errors.ts";
import type { CaseValues } from "./field-value.ts";
import { checkedCustomValues, requireOption, storedValue } from "./given-values.ts";
import { beyond, quotaOf } from "./quotas.ts";
import type { RelatedItemContent, Sla } from "./related-item.ts";
import { contactContent } from "./shown-content.ts";

type Content = Validated<RelatedItemInputContent>;
type CustomContent = NonNullable<Content["custom"]>;
type SlaInput = NonNullable<NonNullable<Content["sla"]>["slaInputConfiguration"]>;

const MEMBERS: Readonly<Record<RelatedItemType, keyof Content>> = {
  Contact: "contact",
  Comment: "comment",
  File: "file",
  Sla: "sla",
  ConnectCase: "connectCase",
  Custom: "custom",
};

/** Throws `ValidationException` where the type is not that of the content. */
export function requireMember(type: RelatedItemType, content: Content): void {
  if (content[MEMBERS[type]] === undefined)
    throw invalid(`content: of type ${type} it must have the member ${MEMBERS[type]}`);
}

/** Throws `ValidationException` for what cannot be, and `ResourceNotFoundException` for a case that is not there. */
export async function newContent(
  reader: Reader,
  platform: Pick<Platform, "clock" | "limits">,
  domain: Domain,
  { of, content }: { readonly of: Case; readonly content: Content },
): Promise<RelatedItemContent> {
  const { contact, comment, file, sla, connectCase, custom } = content;
  if (contact) return associatedContact(reader, platform, domain, contact.contactArn);
  if (comment) return { type: "Comment", body: comment.body };
  if (file) return { type: "File", fileArn: requireArn(file.fileArn) };
  if (sla) return newSla(reader, domain, of, { input: sla.slaInputConfiguration, nowMs: platform.clock.now() });
  if (connectCase) return otherCase(reader, domain, of, connectCase.caseId);
  return { type: "Custom", values: await customValues(reader, platform, domain, custom) };
}

async function associatedContact(
  reader: Reader,
  { clock }: Pick<Platform, "clock">,
  domain: Domain,
  arn: string,
): Promise<RelatedItemContent> {
  const contact = await findContactByArn(reader, domain, arn, clock.now());
  if (!contact) throw invalid(`content.contact.contactArn: contact ${arn} does not exist`);
  return contactContent(arn, contact);
}

function requireArn(text: string): string {
  if (/^arn:[a-z0-9-]+:[a-z0-9-]+:[a-z0-9-]*:\d*:\S+$/.test(text)) return text;
  throw invalid(`content.file.fileArn: ${text} is not an ARN`);
}

async function otherCase(reader: Reader, domain: Domain, of: Case, caseId: string): Promise<RelatedItemContent> {
  if (caseId === of.id) throw invalid("content.connectCase.caseId: a case cannot be related to itself");
  await getCase(reader, domain, caseId);
  return { type: "ConnectCase", caseId };
}

/** Values of a custom item, all that it is to have. Throws `ServiceQuotaExceededException` for too many. */
export async function customValues(
  reader: Reader,
  platform: Pick<Platform, "clock" | "limits">,
  domain: Domain,
  custom: CustomContent | undefined,
): Promise<CaseValues> {
  const values = await checkedCustomValues(reader, platform, { domain, fields: custom?.fields ?? [] });
  const most = quotaOf(platform.limits, "cases.fields-per-custom-related-item");
  if (most !== undefined && Object.keys(values).length > most) {
    throw beyond("cases.fields-per-custom-related-item", platform.limits);
  }
  return values;
}

/** The one field that service levels may ask of (published). */
const SLA_FIELD = { id: "status", type: "SingleSelect" } as const;
const MINUTE_MS = 60_000;

/**
 * One whose target the case has reached already is met from its beginning. The time runs by the clock, also where the change itself is told a
 * millisecond later than the one before: a clock that is moved by so many minutes gets there.
 */
async function newSla(
  reader: Reader,
  domain: Domain,
  of: Case,
  { input, nowMs }: { readonly input: SlaInput | undefined; readonly nowMs: number },
): Promise<Sla> {
  const at = "content.sla.slaInputConfiguration";
  const { name = "", fieldId, targetFieldValues: [target] = [], targetSlaMinutes = 0 } = input ?? {};
  if (fieldId !== SLA_FIELD.id) throw invalid(`${at}.fieldId: must be ${SLA_FIELD.id}`);
  if (!target) throw invalid(`${at}.targetFieldValues: must hold the value that is to be reached`);
  const targetValue = storedValue(SLA_FIELD, target);
  if (targetValue === undefined) throw invalid(`${at}.targetFieldValues: must hold a value`);
  await requireOption(reader, domain, SLA_FIELD.id, String(targetValue));
  const isMet = of.values[SLA_FIELD.id] === targetValue;
  return {
    type: "Sla",
    name,
    fieldId,
    targetValue,
    targetMs: nowMs + targetSlaMinutes * MINUTE_MS,
    status: isMet ? "Met" : "Active",
    ...(isMet && { completedMs: nowMs }),
  };
}
