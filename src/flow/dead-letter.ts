import type { Unit } from "../store/store.ts";
import type { Message } from "./message.ts";
import type { FindSink, SinkFailure } from "./sink.ts";

/** Which condition of the retry policy ended a delivery; absent where none did. */
export type ExhaustedRetryCondition = "MaximumRetryAttempts" | "MaximumEventAgeInSeconds";

/** Why a delivery was given up. */
export interface GivingUp {
  readonly failure: SinkFailure;
  /** Attempts made, the first included. */
  readonly attempts: number;
  readonly exhausted?: ExhaustedRetryCondition;
}

/**
 * Sends the event as it was to the message's dead-letter queue, with the attributes that EventBridge gives it. Answers whether
 * a queue took it: without one, or where it refuses, the event is dropped, as the real service does.
 *
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
 */
export async function deadLetter(
  unit: Unit,
  message: Message,
  givingUp: GivingUp,
  findSink: FindSink,
): Promise<"dead-lettered" | "dropped"> {
  const queueArn = message.deadLetterArn;
  const sink = queueArn === undefined ? undefined : findSink(queueArn);
  if (queueArn === undefined || !sink?.append) return "dropped";

  const { deliveryId, account, principal, sourceArn } = message.request;
  const kind = message.plainDeadLetter ?? { attributes: deadLetterAttributes(message, givingUp) };
  const request = { deliveryId, body: message.event, account, principal, sourceArn, ...kind };
  const [failure] = await sink.append(unit, queueArn, [request]);
  return failure ? "dropped" : "dead-lettered";
}

function deadLetterAttributes(
  { ruleArn, targetArn }: Message,
  { failure, attempts, exhausted }: GivingUp,
): Record<string, string> {
  return {
    RULE_ARN: ruleArn,
    TARGET_ARN: targetArn,
    ERROR_CODE: failure.code,
    ERROR_MESSAGE: failure.message,
    ...(exhausted && { EXHAUSTED_RETRY_CONDITION: exhausted }),
    RETRY_ATTEMPTS: String(Math.max(0, attempts - 1)),
  };
}
