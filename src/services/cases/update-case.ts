import type { FieldValue, UpdateCaseRequest, UpdateCaseResponse } from "@aws-sdk/client-connectcases";
import type { Validated } from "../../models/validated.ts";
import type { Unit } from "../../store/store.ts";
import type { Context, Platform } from "../service.ts";
import { type Actor, actorName } from "./actor.ts";
import { type Case, getCase } from "./case.ts";
import { requireStillComplete } from "./case-requirements.ts";
import { closingTimes, nextChangeMs, writeCase } from "./change-case.ts";
import { type Domain, getDomain } from "./domain.ts";
import { type CaseValues, timeText } from "./field-value.ts";
import { checkedValues, type GivenValue } from "./given-values.ts";
import { actorOf } from "./performed-by.ts";
import { breachOverdue, meetSlas, slasMetBy, withNextBreach } from "./slas.ts";
import { getTemplate } from "./template.ts";

/** Changes fields of a case, and tells of it; where no value differs, nothing happens. */
export async function updateCase(input: Validated<UpdateCaseRequest>, context: Context): Promise<UpdateCaseResponse> {
  await context.store.commit(async (unit) => {
    const domain = await getDomain(unit, context, input.domainId);
    const before = await getCase(unit, domain, input.caseId);
    const actor = await actorOf(unit, context, input.performedBy);
    await changeFields(unit, context, domain, before, { fields: input.fields, actor });
  });
  return {};
}

export interface FieldChange {
  readonly fields: readonly Validated<FieldValue>[];
  readonly actor: Actor;
  /** Ids of the Connect rules by whose actions it comes to this. */
  readonly byRules?: readonly string[] | undefined;
}

/** The same in somebody else's unit. Throws what UpdateCase answers, before anything is changed. */
export async function changeFields(
  unit: Unit,
  platform: Platform,
  domain: Domain,
  stored: Case,
  { fields, actor, byRules }: FieldChange,
): Promise<void> {
  const given = await checkedValues(unit, platform, { domain, fields, before: stored.values });
  const changes = given.filter(({ field, value }) => stored.values[field.id] !== value);
  if (changes.length === 0) return;
  const cleared = changes.filter(({ value }) => value === undefined).map(({ field }) => field.id);
  // Also a deleted one: what it says of its cases still holds.
  const template = await getTemplate(unit, domain, stored.templateId);
  await requireStillComplete(unit, template, { values: changed(stored.values, changes), cleared });

  // What is overdue by now is so before this change, even where its timer has not fired yet.
  const before = await breachOverdue(unit, platform, domain, stored);
  const edited = editedCase(platform, before, { changes, actor });
  const { met, left } = await slasMetBy(unit, before, String(edited.values.status));
  const after = withNextBreach(edited, left);
  await writeCase(unit, platform, domain, { before, after, named: given.map(({ field }) => field), actor, byRules });
  await meetSlas(unit, platform, domain, after, { slas: met, actor });
}

/** With what the service stamps on each change. */
function editedCase(
  platform: Platform,
  before: Case,
  { changes, actor }: { readonly changes: readonly GivenValue[]; readonly actor: Actor },
): Case {
  const changedMs = nextChangeMs(platform, before);
  const values = changed(before.values, changes);
  return {
    ...before,
    changedMs,
    values: {
      ...values,
      ...closingTimes(String(before.values.status), String(values.status), changedMs),
      last_updated_user: actorName(actor),
      last_updated_datetime: timeText(changedMs),
    },
  };
}

function changed(values: CaseValues, changes: readonly GivenValue[]): CaseValues {
  const after = new Map(Object.entries(values));
  for (const { field, value } of changes) {
    if (value === undefined) after.delete(field.id);
    else after.set(field.id, value);
  }
  return Object.fromEntries(after);
}
