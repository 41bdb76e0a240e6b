import type { Unit } from "../store/store.ts";

/**
 * A place that takes what is sent to an ARN: a Kinesis stream, an SQS queue, a log group, a bus, a function, an HTTP endpoint.
 *
 * A sink inside the store has `append`: the router calls it in the unit that advances its cursor, so the output appears once. A
 * sink outside has `attempt`: it is called by a delivery worker, after what it rests on is durable, and may be called again with
 * the same `deliveryId`. What fails inside in a way that may pass becomes a delivery too, whose attempts are units of `append`.
 */
export interface Sink {
  /** All requests go to the same ARN. Answers one outcome for each, in order; throws only for what is our own fault. */
  append?(unit: Unit, arn: string, requests: readonly SinkRequest[]): Promise<readonly SinkOutcome[]>;
  /** `tell`: what the target answered, for whoever looks at the attempt; the last call counts. No secret goes there. */
  attempt?(
    arn: string,
    request: SinkRequest,
    signal: AbortSignal,
    tell?: (answer: TargetAnswer) => void,
  ): Promise<SinkOutcome>;
  /**
   * For targets that take only so many a second: when `attempt` may be called, in the domain's time. That is now, or a later place which
   * belongs to the delivery from then on. A place at `endMs` or later is of no use to it, and stays free.
   */
  reserve?(arn: string, request: SinkRequest, endMs: number): Promise<number>;
  /** Wall time after which an attempt counts as failed. Default 30 s. */
  readonly attemptTimeoutMs?: number;
}

export interface SinkRequest {
  /**
   * Stable over all attempts: what the receiver can deduplicate on. Unique to this message: another target of the same rule, or
   * another entry with the same event id, has another one.
   */
  readonly deliveryId: string;
  /** What is sent: the shaped input, as text. */
  readonly body: string;
  /** The body is bytes, in base64: for sinks that take bytes (streams). */
  readonly isBase64?: true;
  /** What orders and distributes: the partition key of a stream, the group of a FIFO queue. Absent: the sink's default. */
  readonly key?: string;
  /** Account on whose behalf this is sent (the rule's owner). */
  readonly account: string;
  /** Who sends, for resource policies: `events.amazonaws.com` and the rule's ARN. */
  readonly principal: string;
  readonly sourceArn: string;
  /** Text attributes that go along (a dead letter's `ERROR_CODE` …), for sinks that know such a thing. */
  readonly attributes?: Readonly<Record<string, string>>;
  /** The same with types (`String`, `Number`, `Binary`; a binary value in base64): attributes of a message that is handed on as it was sent. */
  readonly typedAttributes?: Readonly<Record<string, { readonly dataType: string; readonly value: string }>>;
  /** What a FIFO queue deduplicates on. Absent: the body. */
  readonly deduplicationId?: string;
  /** The target's further parameters as stored (`HttpParameters`, …). */
  readonly parameters?: Readonly<Record<string, unknown>>;
}

/** What a target answered. */
export interface TargetAnswer {
  /** Of HTTP. */
  readonly status?: number;
  /** Its beginning, as text. Longer ones are cut at `ANSWER_CHARACTERS`. */
  readonly body?: string;
}

/** What is kept of an answer's body, with each attempt. */
export const ANSWER_CHARACTERS = 1024;

/** `undefined`: taken. */
export type SinkOutcome = SinkFailure | undefined;

export interface SinkFailure {
  /** One of EventBridge's dead-letter error codes: `NO_RESOURCE`, `NO_PERMISSIONS`, `THROTTLING`, `INVALID_PARAMETER`, … */
  readonly code: string;
  readonly message: string;
  /** Whether another attempt may succeed. */
  readonly retryable: boolean;
  /** The target wants to be left alone for so long. */
  readonly retryAfterMs?: number | undefined;
}

/** Finds the sink that serves an ARN, by the ARN's service and resource type. `undefined`: nothing here takes it. */
export type FindSink = (arn: string) => Sink | undefined;
