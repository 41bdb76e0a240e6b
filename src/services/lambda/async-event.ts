import { type Collection, collection, compositeKey, type Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import { type FunctionRef, LATEST } from "./function.ts";
import { runningFunctions } from "./invocations.ts";

/** An event that was accepted and that a function has still to handle. */
export interface AsyncEvent extends FunctionRef {
  /** The request's id, for all attempts. */
  readonly id: string;
  /** A function that has been deleted and created anew does not get what was for the one before. */
  readonly functionId: string;
  /** As it was sent to: a version or an alias. */
  readonly qualifier?: string | undefined;
  /** JSON. */
  readonly payload: string;
  readonly clientContext?: string | undefined;
  readonly acceptedMs: number;
  /** When it is tried next. */
  readonly dueMs: number;
  /** How often its handler has failed. */
  readonly attempts: number;
  /** How often in a row there was no place for it. */
  readonly throttles: number;
}

/** By id. */
export const asyncEvents: Collection<AsyncEvent> = collection<AsyncEvent>("lambda_async_events", {
  due: { type: "integer", value: ({ dueMs }) => dueMs },
  lane: { type: "text", value: ({ functionId, dueMs }) => compositeKey(functionId, dueMs) },
});

/** Accepts an event, in the unit of whoever sends it. One that has been accepted already stays as it is. */
export async function acceptEvent(
  unit: Unit,
  platform: Pick<Platform, "store" | "clock">,
  event: Omit<AsyncEvent, "acceptedMs" | "dueMs" | "attempts" | "throttles">,
): Promise<void> {
  if ((await unit.get(asyncEvents, event.id)) !== undefined) return;
  const acceptedMs = platform.clock.now();
  unit.put(asyncEvents, event.id, { ...event, acceptedMs, dueMs: acceptedMs, attempts: 0, throttles: 0 });
  unit.afterCommit(() => runningFunctions(platform).events?.wake(event.functionId));
}

/** What it was sent to, as its record says. */
export function qualifierOf({ qualifier = LATEST }: Pick<AsyncEvent, "qualifier">): string {
  return qualifier;
}
