import type { JsonObject } from "../../matching/machine.ts";

/** Why a request to a webhook, or one that makes one, is refused. */
export class WebhookError extends Error {
  readonly status: 400 | 401 | 404;

  constructor(status: 400 | 401 | 404, message: string) {
    super(message);
    this.status = status;
  }
}

/** An event as a webhook brings it. Its id is the same whenever it is brought again. */
export interface BroughtEvent {
  readonly id: string;
  readonly detailType: string;
  readonly resources: readonly string[];
  readonly detail: object;
  readonly timeMs: number;
}

/** The time that a sender gives, if it is one that an event can have. */
export function timeOr(given: unknown, otherwiseMs: number): number {
  const timeMs = typeof given === "string" ? Date.parse(given) : given;
  return typeof timeMs === "number" && timeMs >= 0 && timeMs <= TIME_MS_MAX ? timeMs : otherwiseMs;
}

const TIME_MS_MAX = Date.parse("9999-12-31T23:59:59Z");

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
