import type { LogDeclaration, Unit } from "../store/store.ts";

const DAY_MS = 86_400_000;

/** The history of deliveries: one entry, JSON of `Attempt`, for each attempt whose outcome was settled. */
export const ATTEMPTS_LOG: LogDeclaration = { name: "flow/attempts", keepMs: 7 * DAY_MS, keepBytes: 2 * 1024 ** 3 };

export interface Attempt {
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
}

export function recordAttempt(unit: Unit, attempt: Attempt): void {
  unit.append(ATTEMPTS_LOG.name, attempt.targetArn, JSON.stringify(attempt));
}
