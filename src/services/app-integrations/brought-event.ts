import type { JsonObject } from "../../matching/machine.ts";

/** Why a request to a webhook, or one that makes one, is refused: with which status. */
export class WebhookError extends Error {
  readonly status: 400 | 401 | 404 | 413 | 415;

  constructor(status: WebhookError["status"], message: string) {
    super(message);
    this.status = status;
  }
}

/** Of a request to a webhook: names in lower case. */
export type Headers = Readonly<Record<string, string>>;

/** What a request to a webhook says, once its signature has been found right. */
export interface WebhookContent {
  readonly headers: Headers;
  /** The body as it came, and as it reads. */
  readonly text: string;
  readonly content: JsonObject;
  readonly nowMs: number;
}

/** An event as a webhook brings it. Its id is the same whenever it is brought again. */
export interface BroughtEvent {
  /** Unique among those of its partner event source. */
  readonly id: string;
  /** What else gives it away as one that has come before. */
  readonly alias?: string | undefined;
  readonly detailType: string;
  readonly resources: readonly string[];
  /** JSON text of an object: numbers stay as they were written. */
  readonly detail: string;
  readonly timeMs: number;
  /** What it is to Customer Profiles; absent where its sender has no object types there. */
  readonly objectEvent?: ObjectEvent | undefined;
  /** The change of an object that it tells of, for flows that wait for one. */
  readonly change?: ObjectChange | undefined;
}

export interface ObjectChange {
  /** `Contact`. */
  readonly entityName: string;
  /** As the application tells it: whole, or divided where it is of many records, so that each part is of a few. */
  readonly parts: readonly JsonObject[];
}

/** What an event is called by its sender, and which event type of `ObjectTypeNames` that is, if it is one. */
export interface ObjectEvent {
  readonly name: string;
  readonly eventType: string | undefined;
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

/** A text that is not empty. */
export function isName(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
