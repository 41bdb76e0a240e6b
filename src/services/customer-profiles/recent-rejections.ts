import type { Store, Unit } from "../../store/store.ts";
import { perStore } from "../per-store.ts";
import type { Domain } from "./domain.ts";

/** An object that could not be ingested: in memory alone, for whoever asks why nothing came of it. */
export interface Rejection {
  readonly type: string;
  readonly reason: string;
  readonly timeMs: number;
}

/** Of a domain. */
const KEPT_MAX = 20;

/** By the domain's uid, the youngest first. */
const recent = perStore(() => new Map<string, readonly Rejection[]>());

/** Remembers it once the unit has committed. */
export function noteRejection(unit: Unit, store: Store, { uid }: Pick<Domain, "uid">, rejection: Rejection): void {
  unit.afterCommit(() => {
    const known = recent(store);
    known.set(uid, [rejection, ...(known.get(uid) ?? [])].slice(0, KEPT_MAX));
  });
}

/** The last object of a type that a domain has rejected, in the life of this process. */
export function lastRejection(store: Store, { uid }: Pick<Domain, "uid">, type: string): Rejection | undefined {
  return recent(store)
    .get(uid)
    ?.find((rejection) => rejection.type === type);
}
