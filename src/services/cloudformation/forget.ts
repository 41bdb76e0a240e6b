import { compositeKey, type Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import { EVENTS, listAll, resourceKey, STACK_RESOURCES, STACKS } from "./stack.ts";

export function startForgetting(platform: Platform): void {
  platform.flow.onTimer(FORGET, async (unit, { payload }) => forget(unit, platform, String(payload)));
}

const FORGET = "cloudformation.forget";
/** "Stacks that have been deleted are kept for 90 days": API reference of DescribeStacks and ListStacks. */
const FORGET_MS = 90 * 86_400_000;
const FORGOTTEN_AT_ONCE = 200;

export function forgetLater(unit: Unit, { flow, clock }: Platform, stackId: string, waitMs: number = FORGET_MS): void {
  flow.schedule(unit, { id: `${FORGET}/${stackId}`, kind: FORGET, dueMs: clock.now() + waitMs, payload: stackId });
}

async function forget(unit: Unit, platform: Platform, stackId: string): Promise<void> {
  const events = await unit.list(EVENTS, { prefix: compositeKey(stackId, ""), limit: FORGOTTEN_AT_ONCE });
  for (const { number } of events.documents) unit.delete(EVENTS, compositeKey(stackId, number));
  if (events.next !== undefined) return forgetLater(unit, platform, stackId, 0);
  for (const resource of await listAll(unit, STACK_RESOURCES, compositeKey(stackId, ""))) {
    unit.delete(STACK_RESOURCES, resourceKey(resource));
  }
  unit.delete(STACKS, stackId);
}
