/**
 * How far a mapping has come with a shard.
 *
 * A shard is read in as many lanes as the mapping's parallelization factor says. A record belongs to the lane that its partition key's hash
 * falls to, so the records of a key stay in order; each lane reads the whole shard and leaves out what is not its own. A lane has one
 * batch with the function at a time. What fails holds up its lane and nothing else:
 *
 *            next                       end of part 1         end of part 2
 *     ────────┼──────────────────────────────┼─────────────────────┼───────────►
 *      done   │ to be tried next, at resumeMs│ then this           │ not taken up yet
 *
 * Everything before `next` is done: processed, filtered out, or given up. The cursor moves in a unit once the function has answered, so a batch may be
 * repeated after a crash, and none is lost.
 */
import { type Collection, collection, compositeKey } from "../../../store/store.ts";
import type { EventSourceMapping } from "./mapping.ts";

export interface Lane {
  /** `mappingKey` of its mapping. */
  readonly mapping: string;
  readonly streamId: string;
  readonly shardIndex: number;
  /** From 0. */
  readonly lane: number;
  /** How many lanes the shard has. */
  readonly lanes: number;
  /** The log sequence of the shard to go on with. */
  readonly next: number;
  /** Its part of a closed shard is done to the end. */
  readonly isDrained?: true;
  /** A batch that is not full is sent then, in the domain's time. */
  readonly windowEndMs?: number;
  readonly failing?: Failing;
}

/** What is left of a batch that has failed. */
export interface Failing {
  /** Failures in a row; the next attempt waits the longer for it. */
  readonly failures: number;
  readonly resumeMs: number;
  /** In order. */
  readonly parts: readonly Part[];
}

/** Records up to a log sequence that go to the function together. */
export interface Part {
  readonly end: number;
  /** How often it has failed, splits not counted. */
  readonly attempts: number;
}

export const lanes: Collection<Lane> = collection<Lane>("lambda_mapping_lane");

export function laneKey(
  { account, region, uuid }: Pick<EventSourceMapping, "account" | "region" | "uuid">,
  { streamId, shardIndex, lane }: Pick<Lane, "streamId" | "shardIndex" | "lane">,
): string {
  return compositeKey(account, region, uuid, streamId, shardIndex, lane);
}

/** All lanes of a mapping have this prefix. */
export function lanePrefix({ account, region, uuid }: Pick<EventSourceMapping, "account" | "region" | "uuid">): string {
  return compositeKey(account, region, uuid, "");
}

/** A lane that is done with everything before `next`. */
export function movedTo(lane: Lane, next: number): Lane {
  const { failing, windowEndMs: _, ...rest } = lane;
  const parts = failing?.parts.filter(({ end }) => end >= next) ?? [];
  return { ...rest, next, ...(parts.length > 0 && { failing: { failures: 0, resumeMs: 0, parts } }) };
}

/** A batch that was tried, and what its mapping says about failures. */
export interface FailedBatch {
  /** The log sequence of its last record. */
  readonly end: number;
  /** That of the last record of its first half; absent where it holds one record. */
  readonly middle?: number | undefined;
  /**
   * `throttled`: the function was not invoked, which does not count. `split`: it is what the function has left of a batch that may be
   * divided, which counts as little as any other division.
   */
  readonly how: "failed" | "throttled" | "split";
}

export interface RetryRules {
  /** -1: without end. */
  readonly retryAttemptsMax: number;
  readonly bisect: boolean;
}

/** Longest wait between two attempts, and the first one, doubled with each failure. AWS says "exponential backoff" and no numbers: these are ours. */
const BACK_OFF_MS_MAX = 60_000;
const BACK_OFF_MS_FIRST = 1_000;

/** A lane after its batch has failed: when and in which parts it is tried again; `undefined` where it is to be given up. */
export function afterFailure(lane: Lane, batch: FailedBatch, rules: RetryRules, nowMs: number): Lane | undefined {
  const [first, ...others] = lane.failing?.parts ?? [];
  const attempts = first?.attempts ?? 0;
  // A batch that became smaller meanwhile (its mapping was changed) leaves a rest of its part.
  const rest = first !== undefined && first.end > batch.end ? [first, ...others] : others;
  const failures = (lane.failing?.failures ?? 0) + 1;
  const later = nowMs + backOffMs(failures);
  const failing = (parts: readonly Part[], resumeMs: number): Lane => ({
    ...lane,
    failing: { failures, resumeMs, parts: [...parts, ...rest] },
  });

  if (batch.how === "throttled") return failing([{ end: batch.end, attempts }], later);
  if (batch.how === "split") return failing([{ end: batch.end, attempts }], nowMs);
  if (rules.bisect && batch.middle !== undefined) {
    const halves = [batch.middle, batch.end].map((end) => ({ end, attempts }));
    return failing(halves, nowMs);
  }
  if (rules.retryAttemptsMax >= 0 && attempts >= rules.retryAttemptsMax) return undefined;
  return failing([{ end: batch.end, attempts: attempts + 1 }], later);
}

/** A lane whose function cannot be asked at all. That counts for nothing but the wait. */
export function heldUp(lane: Lane, nowMs: number): Lane {
  const failures = (lane.failing?.failures ?? 0) + 1;
  return { ...lane, failing: { failures, resumeMs: nowMs + backOffMs(failures), parts: lane.failing?.parts ?? [] } };
}

function backOffMs(failures: number): number {
  return Math.min(BACK_OFF_MS_MAX, BACK_OFF_MS_FIRST * 2 ** (failures - 1));
}
