/** Actions on cases. Their texts may hold variables, whose values are read as the fields have theirs. */
import type { FieldValue, FieldValueUnion } from "@aws-sdk/client-connect";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Unit } from "../../store/store.ts";
import { derivedUuid } from "../../time/ids.ts";
import { assignSlaByRule, createCaseByRule, type RuleValue, updateCaseByRule } from "../cases/index.ts";
import { findContact, instanceArn, invalidRequest, resourceArn } from "../connect/index.ts";
import { findDomainOfInstance, findProfileOfContact } from "../customer-profiles/index.ts";
import type { Platform } from "../service.ts";
import { fillerOf } from "./action-texts.ts";
import type { OwedAction } from "./owed-action.ts";

const CUSTOMER = "customer_id";

/** The code of an action that lacks what may be there some seconds later. */
export const NOT_READY = "ResourceNotReadyException";

/** CREATE_CASE: a case of the contact's customer, which has the contact as a related item. Without a customer there is none. */
export async function createCase(unit: Unit, platform: Platform, owed: OwedAction): Promise<void> {
  const { instance, ruleId, about, contactId, byRules, action } = owed;
  const { TemplateId = "", Fields = [] } = action.CreateCaseAction ?? {};
  const given = valuesOf(Fields, await fillerOf(unit, owed));
  const hasCustomer = given.some(({ id, value }) => id === CUSTOMER && value !== undefined && value !== "");
  const others = given.filter(({ id }) => id !== CUSTOMER);
  const values = hasCustomer ? given : [...others, { id: CUSTOMER, value: await customerOf(unit, platform, owed) }];
  await createCaseByRule(unit, platform, {
    instance,
    byRules,
    id: derivedUuid(about, ruleId, "case"),
    templateId: TemplateId,
    values,
    contact:
      contactId === undefined
        ? undefined
        : { itemId: derivedUuid(about, ruleId, "case contact"), arn: resourceArn("contact", instance, contactId) },
  });
}

/**
 * "A customer profile must be associated with the contact" (administrator guide). Where the instance is bound to a domain of profiles, the
 * contact's record may be on its way there yet and make one: the action is tried again.
 */
async function customerOf(unit: Unit, { clock }: Platform, { instance, contactId = "" }: OwedAction): Promise<string> {
  const contact = await findContact(unit, instance, contactId, clock.now());
  const asked = { instanceArn: instanceArn(instance), contactId, customerId: contact?.customerId };
  const arn = await findProfileOfContact(unit, instance, asked, clock.now());
  if (arn !== undefined) return arn;
  const none = `No customer profile is associated with contact ${contactId}`;
  const mayCome = await findDomainOfInstance(unit, instance, asked.instanceArn);
  throw mayCome ? new ModeledError(NOT_READY, none) : invalidRequest(none);
}

/** UPDATE_CASE: of the case that the rule was asked of. */
export async function updateCase(unit: Unit, platform: Platform, owed: OwedAction): Promise<void> {
  const { instance, caseId = "", byRules, action } = owed;
  const values = valuesOf(action.UpdateCaseAction?.Fields ?? [], await fillerOf(unit, owed));
  await updateCaseByRule(unit, platform, { instance, byRules, caseId, values });
}

/** ASSIGN_SLA: to the case that the rule was asked of. */
export async function assignSla(unit: Unit, platform: Platform, owed: OwedAction): Promise<void> {
  const { instance, ruleId, about, caseId = "", action } = owed;
  const {
    Name = "",
    FieldId,
    TargetFieldValues = [],
    TargetSlaMinutes = 0,
  } = action.AssignSlaAction?.CaseSlaConfiguration ?? {};
  const [target] = TargetFieldValues;
  await assignSlaByRule(unit, platform, {
    instance,
    caseId,
    id: derivedUuid(about, ruleId, "sla"),
    sla: { name: Name, fieldId: FieldId, target: target && saidValue(target), minutes: Number(TargetSlaMinutes) },
  });
}

function valuesOf(fields: readonly FieldValue[], fill: (text: string) => string): readonly RuleValue[] {
  return fields.map(({ Id = "", Value = {} }) => {
    const value = saidValue(Value);
    return { id: Id, value: typeof value === "string" ? fill(value) : value };
  });
}

function saidValue({ StringValue, DoubleValue, BooleanValue }: FieldValueUnion): RuleValue["value"] {
  return StringValue ?? DoubleValue ?? BooleanValue;
}
