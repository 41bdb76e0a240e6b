import type { SinkFailure } from "../../../flow/index.ts";
import { type Collection, collection, compositeKey, type Reader, type Unit } from "../../../store/store.ts";
import { type Domain, inDomain } from "../domain.ts";
import { INGESTED_KEPT_MS } from "./ingested-log.ts";
import type { Cap } from "./trigger-limits.ts";

/**
 * What a trigger has decided of an object whose conditions it met. Where it did not meet them, or where its profile is not in the segment, nothing is
 * kept: that can be computed again.
 */
export interface Decision {
  readonly uid: string;
  readonly triggerId: string;
  /** Its name. */
  readonly trigger: string;
  readonly profileId: string;
  readonly objectType: string;
  /** `ProfileObjectUniqueKey`. */
  readonly objectId: string;
  readonly version: number;
  readonly timeMs: number;
  /** `fired`: it was sent, or is owed to its destination. `failed`: it could not be sent, and does not count. */
  readonly outcome: "fired" | "capped" | "expired" | "failed";
  readonly uri: string;
  /** Of what was sent. */
  readonly clientToken?: string | undefined;
  readonly cap?: Cap | undefined;
  /** Of what has expired: how old it was, and how old it may be. */
  readonly age?: { readonly ms: number; readonly maxMs: number } | undefined;
  readonly failure?: Pick<SinkFailure, "code" | "message"> | undefined;
  readonly expiresMs: number;
}

export const triggerDecisions: Collection<Decision> = collection("profiles_trigger_decisions", {
  time: {
    type: "text",
    value: ({ uid, trigger, timeMs, profileId, objectId, version }) =>
      compositeKey(uid, trigger, timeMs, profileId, objectId, version),
  },
  expires: { type: "integer", value: ({ expiresMs }) => expiresMs },
});

export type DecisionPlace = Pick<Decision, "uid" | "trigger" | "profileId" | "objectId" | "version" | "timeMs">;

export function decisionKey({ uid, trigger, profileId, objectId, version, timeMs }: DecisionPlace): string {
  return inDomain({ uid }, profileId, trigger, timeMs, objectId, version);
}

/** What is over and is deleted with each that comes: a little more than comes. */
const SWEPT = 2;

export async function keepDecision(unit: Unit, decision: Omit<Decision, "expiresMs">): Promise<void> {
  const { timeMs } = decision;
  const expired = await unit.list(triggerDecisions, { index: "expires", before: timeMs, limit: SWEPT });
  for (const old of expired.documents) unit.delete(triggerDecisions, decisionKey(old));
  unit.put(triggerDecisions, decisionKey(decision), { ...decision, expiresMs: timeMs + INGESTED_KEPT_MS });
}

/** What a trigger has decided, the youngest first: of one profile, or of all. */
export async function listDecisions(
  reader: Reader,
  { uid }: Pick<Domain, "uid">,
  { trigger, profileId }: Pick<Decision, "trigger"> & { readonly profileId?: string | undefined },
  limit: number,
): Promise<readonly Decision[]> {
  const range =
    profileId === undefined
      ? { index: "time", prefix: compositeKey(uid, trigger, "") }
      : { prefix: compositeKey(uid, profileId, trigger, "") };
  return (await reader.list(triggerDecisions, { ...range, descending: true, limit })).documents;
}
