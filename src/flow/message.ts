import type { SinkRequest } from "./sink.ts";

/** One thing owed to one ARN. */
export interface Message {
  readonly targetArn: string;
  readonly request: SinkRequest;
  /** What goes to the dead-letter queue in the end: the event as it was, not the shaped input. */
  readonly event: string;
  readonly ruleArn: string;
  /** Of the event, where it has an id: attempts are found by it. */
  readonly eventId?: string;
  readonly deadLetterArn?: string;
  /** The dead letter is `event` with these, rather than with EventBridge's attributes: SNS hands messages on as they were. */
  readonly plainDeadLetter?: Pick<SinkRequest, "key" | "deduplicationId" | "typedAttributes">;
  /** How often a failed attempt is repeated. Default 185. */
  readonly retryAttemptsMax?: number;
  /** How long to wait after each failed attempt, instead of the usual back-off; as many retries as there are waits. */
  readonly retryDelaysMs?: readonly number[];
  /** Default 24 hours, counted from `timeMs`. */
  readonly eventAgeMsMax?: number;
  /** When the event was taken in. */
  readonly timeMs: number;
}
