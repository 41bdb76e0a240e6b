import type { Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import { type InstanceRef, refOf } from "./arns.ts";
import type { EvaluationSubmission } from "./evaluation-submissions.ts";

/**
 * What Connect rules look at beside conversations, appended by the changes themselves, in the order in which it happened. One contact's
 * entries lie in one partition.
 */
export const OCCASIONS = "connect.occasions";

export type Occasion = InstanceRef & { readonly contactId: string } & (
    | { readonly kind: "evaluation-submitted"; readonly submission: EvaluationSubmission }
    /** The contact of a mail is over, after-contact work included. */
    | { readonly kind: "mail-completed" }
  );

/** Long enough for rules that were down; a reader that is behind keeps what it needs anyway. */
const KEEP_MS = 24 * 60 * 60_000;
const KEEP_BYTES = 64 * 1024 * 1024;

export async function declareOccasions({ store }: Platform): Promise<void> {
  if (await store.findLog(OCCASIONS)) return;
  await store.commit(async (unit) => unit.declareLog({ name: OCCASIONS, keepMs: KEEP_MS, keepBytes: KEEP_BYTES }));
}

type Step<T> = T extends unknown ? Omit<T, keyof InstanceRef | "contactId"> : never;

export function tellOccasion(unit: Unit, contact: InstanceRef & { readonly id: string }, step: Step<Occasion>): void {
  unit.append(OCCASIONS, contact.id, JSON.stringify({ ...refOf(contact), contactId: contact.id, ...step }));
}
