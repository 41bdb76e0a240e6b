import type { DeleteCaseRequest, DeleteCaseResponse } from "@aws-sdk/client-connectcases";
import type { Validated } from "../../models/validated.ts";
import type { Unit } from "../../store/store.ts";
import type { Context, Platform } from "../service.ts";
import { auditEntries, auditKey } from "./audit.ts";
import { type Case, caseKey, cases, getCase } from "./case.ts";
import { tellCaseEvent } from "./case-event.ts";
import { nextChangeMs } from "./change-case.ts";
import { type DomainRef, getDomain, inDomain } from "./domain.ts";
import { actorOf } from "./performed-by.ts";
import { relatedItemKey, relatedItems } from "./related-item.ts";
import { cancelBreach, isSla } from "./slas.ts";

/** Deletes a case with all that belongs to it, for good. Nobody sees any of that from then on; what is very much goes in steps. */
export async function deleteCase(input: Validated<DeleteCaseRequest>, context: Context): Promise<DeleteCaseResponse> {
  await context.store.commit(async (unit) => {
    const domain = await getDomain(unit, context, input.domainId);
    const before = await getCase(unit, domain, input.caseId);
    unit.delete(cases, caseKey(before));
    await sweepCase(unit, context, before);
    await tellCaseEvent(unit, context, domain, {
      eventType: "CASE.DELETED",
      changed: { ...before, changedMs: nextChangeMs(context, before) },
      actor: await actorOf(unit, context, undefined),
      changedFieldIds: [],
    });
  });
  return {};
}

/** A timer of this kind deletes what belonged to a deleted case, a step at a time. */
const CASE_SWEEP = "cases.case-sweep";

/** Documents of a collection that are deleted in one unit: few enough that nobody waits for it. */
const SWEPT_PER_STEP = 100;

type Swept = Pick<DomainRef, "domainId"> & Pick<Case, "id">;

async function sweepCase(unit: Unit, platform: Platform, { domainId, id }: Swept): Promise<void> {
  const range = { prefix: inDomain({ domainId }, id, ""), limit: SWEPT_PER_STEP };
  const items = await unit.list(relatedItems, range);
  for (const item of items.documents) {
    unit.delete(relatedItems, relatedItemKey(item));
    if (isSla(item)) cancelBreach(unit, platform, item);
  }
  const entries = await unit.list(auditEntries, range);
  for (const entry of entries.documents) unit.delete(auditEntries, auditKey(entry));
  if (items.next === undefined && entries.next === undefined) return;
  const { flow, clock } = platform;
  const timer = { id: `${CASE_SWEEP} ${domainId} ${id}`, kind: CASE_SWEEP, dueMs: clock.now() };
  flow.schedule(unit, { ...timer, payload: { domainId, id } });
}

export function sweepCases(platform: Platform): void {
  platform.flow.onTimer(CASE_SWEEP, (unit, { payload }) => sweepCase(unit, platform, payload as Swept));
}
