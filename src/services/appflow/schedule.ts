import type { FlowTrigger } from "./flow-plan.ts";

type Schedule = Extract<FlowTrigger, { type: "Scheduled" }>;

/** When a schedule comes next, after a moment; `undefined`: never again. Pure. */
export function nextDueMs(_schedule: Schedule, _afterMs: number): number | undefined {
  return undefined;
}
