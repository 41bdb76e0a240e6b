import type { LogDeclaration, ReadingStore, Unit } from "../store/store.ts";
import type { TargetAnswer } from "./sink.ts";

const DAY_MS = 86_400_000;

/** The history of deliveries: one entry, JSON of `Attempt`, for each attempt whose outcome was settled. */
export const ATTEMPTS_LOG: LogDeclaration = { name: "flow/attempts", keepMs: 7 * DAY_MS, keepBytes: 2 * 1024 ** 3 };

/** On whose behalf something is owed, and in which Region. */
export interface DeliveryOwner {
  readonly account: string;
  readonly region: string;
}

export interface Attempt extends DeliveryOwner {
  readonly deliveryId: string;
  readonly targetArn: string;
  readonly ruleArn: string;
  /** Of the event that was sent, where it has an id. */
  readonly eventId?: string;
  /** From 1. */
  readonly attempt: number;
  /** `failed`: it will be tried again. `dropped`: given up, and no dead-letter queue took it. */
  readonly outcome: "delivered" | "failed" | "dead-lettered" | "dropped";
  readonly errorCode?: string;
  readonly message?: string;
  readonly timeMs: number;
  /** When what is delivered was taken in: where a search for all attempts of a delivery begins. */
  readonly eventMs?: number;
  /** Wall time that the target took to answer. Absent where nothing outside was asked. */
  readonly durationMs?: number;
  /** What the target answered, as far as its sink tells. */
  readonly answer?: TargetAnswer;
}

export function recordAttempt(unit: Unit, attempt: Attempt): void {
  unit.append(ATTEMPTS_LOG.name, attempt.targetArn, JSON.stringify(attempt));
}

/** Attempts that are looked through for those of some events: of a target that fails for hours there may be very many. */
const LOOKED_THROUGH_MAX = 20_000;
const READ_SIZE = 512;

export interface FoundAttempts {
  readonly attempts: readonly Attempt[];
  /** Until when they were looked for, where that is not until now. */
  readonly untilMs?: number;
}

/** The attempts to deliver some events, or deliveries of some ids, from a time on. */
export async function attemptsOf(
  store: ReadingStore,
  wanted: ReadonlySet<string>,
  sinceMs: number,
): Promise<FoundAttempts> {
  const { name } = ATTEMPTS_LOG;
  const attempts: Attempt[] = [];
  let left = LOOKED_THROUGH_MAX;
  const partitions = wanted.size === 0 ? 0 : ((await store.findLog(name))?.partitions ?? 0);
  for (let partition = 0; partition < partitions; partition++) {
    let sequence = await store.sequenceAt(name, partition, sinceMs);
    for (;;) {
      const entries = await store.read(name, partition, sequence, { entries: READ_SIZE });
      for (const { value } of entries) {
        const attempt = JSON.parse(String(value)) as Attempt;
        if (wanted.has(attempt.eventId ?? "") || wanted.has(attempt.deliveryId)) attempts.push(attempt);
      }
      const last = entries.at(-1);
      if (!last) break;
      sequence = last.sequence + 1;
      left -= entries.length;
      if (left <= 0) return { attempts, untilMs: last.timeMs };
    }
  }
  return { attempts };
}
