import { Bell, type WokenLoop } from "../../flow/index.ts";
import type { Unit } from "../../store/store.ts";
import { perStore } from "../per-store.ts";
import type { Platform } from "../service.ts";

/** The loop that works on a store's stacks, and what tells of each of its passes. */
export const engineLoops: (store: Platform["store"]) => { loop: WokenLoop | undefined; readonly passed: Bell } =
  perStore(() => ({ loop: undefined as WokenLoop | undefined, passed: new Bell() }));

/** Has the stacks that a unit gives operations worked on, or those that wait for what it brings. */
export function wakeEngine(unit: Unit, { store }: Pick<Platform, "store">): void {
  unit.afterCommit(() => engineLoops(store).loop?.wake());
}
