import type { LogDeclaration, Unit } from "../store/store.ts";
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
