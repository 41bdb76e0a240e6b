/**
 * What Connect rules do to cases, in the unit in which they do it: on cases of the domain that their instance is associated with. Each throws what
 * the operation of that name answers, before it has changed anything.
 */
import type { FieldValue, FieldValueUnion } from "@aws-sdk/client-connectcases";
import type { Validated } from "../../models/validated.ts";
import type { Reader, Unit } from "../../store/store.ts";
import { casesDomainOfInstance, type InstanceRef } from "../connect/index.ts";
import type { Platform } from "../service.ts";
import { getCase } from "./case.ts";
import { openCase } from "./create-case.ts";
import { relate } from "./create-related-item.ts";
import { type Domain, domainArn, getDomain, inDomain } from "./domain.ts";
import { invalid } from "./errors.ts";
import { findUsedField, MEMBERS, type UsedField } from "./given-values.ts";
import { connectActor } from "./performed-by.ts";
import { relatedItems } from "./related-item.ts";
import { slasOf } from "./slas.ts";
import { changeFields } from "./update-case.ts";

/** A value as a rule says it: a text may hold what a variable stood for. `undefined` clears. */
export interface RuleValue {
  readonly id: string;
  readonly value: string | number | boolean | undefined;
}

interface ByRule {
  readonly instance: InstanceRef;
  /** Ids of the rules by whose actions it comes to this, the last one that of the rule itself. */
  readonly byRules: readonly string[];
}

/** CREATE_CASE. `contactArn`: is linked to it. */
export async function createCaseByRule(
  unit: Unit,
  platform: Platform,
  of: ByRule & {
    readonly id: string;
    readonly templateId: string;
    readonly values: readonly RuleValue[];
    readonly contact?: { readonly itemId: string; readonly arn: string } | undefined;
  },
): Promise<void> {
  const { id, templateId, contact, byRules } = of;
  const domain = await domainOf(unit, of.instance);
  const fields = await givenByRule(unit, domain, of.values);
  const actor = connectActor(domain);
  const created = await openCase(unit, platform, domain, { id, templateId, fields, actor, byRules });
  if (!contact) return;
  const content = { contact: { contactArn: contact.arn } };
  await relate(unit, platform, domain, created, { id: contact.itemId, content, actor });
}

/** UPDATE_CASE. */
export async function updateCaseByRule(
  unit: Unit,
  platform: Platform,
  { instance, byRules, caseId, values }: ByRule & { readonly caseId: string; readonly values: readonly RuleValue[] },
): Promise<void> {
  const domain = await domainOf(unit, instance);
  const before = await getCase(unit, domain, caseId);
  const fields = await givenByRule(unit, domain, values);
  await changeFields(unit, platform, domain, before, { fields, actor: connectActor(domain), byRules });
}

/** What ASSIGN_SLA says of a service level. */
export interface SlaByRule {
  readonly name: string;
  readonly fieldId?: string | undefined;
  readonly target?: string | number | boolean | undefined;
  readonly minutes: number;
}

/** ASSIGN_SLA. One of the same name that is active is not added twice (our choice). */
export async function assignSlaByRule(
  unit: Unit,
  platform: Platform,
  {
    instance,
    caseId,
    id,
    sla,
  }: Pick<ByRule, "instance"> & { readonly caseId: string; readonly id: string; readonly sla: SlaByRule },
): Promise<void> {
  const domain = await domainOf(unit, instance);
  const of = await getCase(unit, domain, caseId);
  const { name, fieldId, target, minutes } = sla;
  const isThere = (await slasOf(unit, of)).some(({ content }) => content.name === name && content.status === "Active");
  if (isThere) return;
  const slaInputConfiguration = {
    name,
    type: "CaseField" as const,
    fieldId,
    ...(target !== undefined && { targetFieldValues: [{ stringValue: String(target) }] }),
    targetSlaMinutes: minutes,
  };
  await relate(unit, platform, domain, of, {
    id,
    content: { sla: { slaInputConfiguration } },
    actor: connectActor(domain),
  });
}

/** Links a contact to a case. */
export async function relateContactByRule(
  unit: Unit,
  platform: Platform,
  of: Pick<ByRule, "instance"> & { readonly caseId: string; readonly id: string; readonly contactArn: string },
): Promise<void> {
  const domain = await domainOf(unit, of.instance);
  const stored = await getCase(unit, domain, of.caseId);
  const content = { contact: { contactArn: of.contactArn } };
  await relate(unit, platform, domain, stored, { id: of.id, content, actor: connectActor(domain) });
}

/** Of a case at most, which has no more related items than that. */
const CONTACTS_READ = 200;

/** The ARNs of the contacts of a case. */
export async function contactsOfCase(
  reader: Reader,
  { instance, caseId }: { readonly instance: InstanceRef; readonly caseId: string },
): Promise<readonly string[]> {
  const domain = await domainOf(reader, instance);
  const { id } = await getCase(reader, domain, caseId);
  const range = { index: "contactOfCase", prefix: inDomain(domain, id, ""), limit: CONTACTS_READ };
  const { documents } = await reader.list(relatedItems, range);
  return documents.flatMap(({ content }) => (content.type === "Contact" ? [content.contactArn] : []));
}

/** The domain of an instance, or `ValidationException` where it has none. */
async function domainOf(reader: Reader, instance: InstanceRef): Promise<Domain> {
  const arn = await casesDomainOfInstance(reader, instance);
  if (arn === undefined) throw invalid(`No Cases domain is associated with instance ${instance.instanceId}`);
  const { account, region } = instance;
  return getDomain(reader, instance, arn.slice(domainArn({ account, region, domainId: "" }).length));
}

async function givenByRule(
  reader: Reader,
  domain: Domain,
  values: readonly RuleValue[],
): Promise<readonly Validated<FieldValue>[]> {
  const given: Validated<FieldValue>[] = [];
  for (const { id, value } of values) {
    const field = await findUsedField(reader, domain, id);
    given.push({ id, value: unionOf(field, value) as Validated<FieldValueUnion> });
  }
  return given;
}

/** Texts, which may hold what variables stood for, are read as the field has its values. What is none of these, or of no field, is refused by whoever checks. */
function unionOf(field: UsedField | undefined, value: RuleValue["value"]): object {
  if (value === undefined || value === "") return { emptyValue: {} };
  const { type } = field ?? { type: "Text" };
  const text = String(value).trim();
  switch (type) {
    case "Number":
      return Number.isFinite(Number(text)) && text !== "" ? { doubleValue: Number(text) } : { stringValue: text };
    case "Boolean":
      return text === "true" || text === "false" ? { booleanValue: text === "true" } : { stringValue: text };
    default:
      return { [MEMBERS[type]]: String(value) };
  }
}
