/**
 * Deliveries: what is owed to a target and could not be appended by the router itself, because the target is outside, or is
 * inside and did not take it for now.
 *
 *            owe
 *             │
 *             ▼   retryable, policy not exhausted: due again after a back-off
 *        ┌─ waiting ◄───────┐      (and back at once, with a later place, where the target takes only so many a second)
 *        │    │ due         │
 *        │    ▼             │
 *        │  attempt ────────┘
 *        │    ├── taken ──────────────────► row deleted
 *        │    └── permanent, or exhausted ─► row deleted, dead letter (or dropped)
 *        └ too old ──────────────────────────────┘
 *
 * Each arrow is one commit, which adds the outcome to the attempts log. A row holds its message whole, so a delivery outlives
 * its rule and its event's log.
 */
import { type Collection, collection, compositeKey, type Reader, type Unit } from "../store/store.ts";
import { type DeliveryOwner, recordAttempt } from "./attempts.ts";
import { retryDelayMs } from "./back-off.ts";
import { boundedLabels, OTHER } from "./bounded-labels.ts";
import { deadLetter, type GivingUp } from "./dead-letter.ts";
import type { FlowContext } from "./flow-context.ts";
import type { Message } from "./message.ts";
import { ANSWER_CHARACTERS, type SinkFailure, type TargetAnswer } from "./sink.ts";

export interface Delivery {
  readonly message: Message;
  /** When it is attempted next, in the domain's time. */
  readonly dueMs: number;
  /** Attempts made so far. */
  readonly attempts: number;
  /** Its next attempt has a place among those that the target takes a second. */
  readonly isPlaced?: true;
  /** Why the last attempt failed. */
  readonly failure?: SinkFailure;
}

/** By `deliveryId`. */
export const DELIVERIES: Collection<Delivery> = collection("flow_delivery", {
  due: { type: "integer", value: ({ dueMs }) => dueMs },
  targetDue: { type: "text", value: ({ message, dueMs }) => compositeKey(message.targetArn, dueMs) },
  /** What is owed on behalf of an account, in the Region of who owes it. */
  owner: {
    type: "text",
    value: ({ message, dueMs }) => {
      const { account, region } = ownerOf(message);
      return compositeKey(account, region, message.targetArn, dueMs);
    },
  },
});

/** On whose behalf something is owed, and in which Region: that of who owes it, or of the target where that has none (a bucket). */
export function ownerOf({ request, ruleArn, targetArn }: Message): DeliveryOwner {
  return { account: request.account, region: ruleArn.split(":", 4)[3] || (targetArn.split(":", 4)[3] ?? "") };
}

/** How an attempt went, beside its outcome. */
export interface AttemptTold {
  readonly durationMs?: number;
  readonly answer?: TargetAnswer;
}

/** EventBridge's default retry policy: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html */
const RETRY_ATTEMPTS_MAX = 185;
const EVENT_AGE_MS_MAX = 86_400_000;

/** What became of messages, by who sends them and whom they are for: the edges of the map. */
export const SENT: string = "trunkline_sent_total";
/** Edges that are told apart; some 200 bytes each. */
const EDGES_MAX = 5000;

/** The moves of a delivery, each made inside a unit. Counters follow the commit. */
export class Deliveries {
  readonly #context: FlowContext;
  readonly #edgeOf = boundedLabels(EDGES_MAX);
  /** Told of each target that is owed something, after the commit. */
  onOwed: (targetArn: string) => void = () => {};

  constructor(context: FlowContext) {
    this.#context = context;
    const { metrics } = context;
    metrics.describe("trunkline_deliveries_total", "Deliveries that ended, and attempts that failed, by outcome.");
    metrics.describe("trunkline_rule_total", "What CloudWatch counts for EventBridge rules, by its metric's name.");
    metrics.describe(
      SENT,
      "Messages by their sender's and target's ARN, and outcome; taken: inside, without a delivery.",
    );
  }

  /** Makes a delivery that is due at once. */
  owe(unit: Unit, message: Message): void {
    this.#put(unit, { message, dueMs: this.#context.clock.now(), attempts: 0 });
  }

  /** Whether its last moment has come: it has been tried, or has waited for its target's rate, and the event is too old by now. */
  tooOld({ message, attempts, isPlaced }: Delivery): boolean {
    return (attempts > 0 || isPlaced === true) && this.#context.clock.now() >= ageEndMs(message);
  }

  /** Waits for its place among those that the target takes a second, at most until the event is too old. That is no attempt. */
  postponed(unit: Unit, delivery: Delivery, placeMs: number): void {
    this.#put(unit, { ...delivery, dueMs: Math.min(placeMs, ageEndMs(delivery.message)), isPlaced: true });
  }

  /** Notes a success: of attempt number `attempt`. */
  delivered(unit: Unit, message: Message, attempt: number, told?: AttemptTold): void {
    unit.delete(DELIVERIES, message.request.deliveryId);
    this.#record(unit, message, { attempt, outcome: "delivered" }, told);
    this.#countInvocations(unit, message.ruleArn, 1);
    if (attempt > 1) this.#countRetry(unit, message);
  }

  /** Notes a failure of attempt number `attempt`: another one later, or the dead-letter queue. */
  async failed(unit: Unit, message: Message, attempt: number, failure: SinkFailure, told?: AttemptTold): Promise<void> {
    const { clock, ids } = this.#context;
    if (attempt > 1) this.#countRetry(unit, message);
    if (!failure.retryable) return this.#giveUp(unit, message, { failure, attempts: attempt }, told);
    if (attempt > (message.retryDelaysMs?.length ?? message.retryAttemptsMax ?? RETRY_ATTEMPTS_MAX)) {
      return this.#giveUp(unit, message, { failure, attempts: attempt, exhausted: "MaximumRetryAttempts" }, told);
    }
    const nowMs = clock.now();
    if (nowMs >= ageEndMs(message)) {
      return this.#giveUp(unit, message, { failure, attempts: attempt, exhausted: "MaximumEventAgeInSeconds" }, told);
    }

    // The last wait ends with the event's age, so that the dead letter comes then and not a back-off later.
    const delayMs = Math.max(
      message.retryDelaysMs?.[attempt - 1] ?? retryDelayMs(attempt, () => ids.random()),
      failure.retryAfterMs ?? 0,
    );
    const dueMs = Math.min(nowMs + delayMs, ageEndMs(message));
    this.#put(unit, { message, dueMs, attempts: attempt, failure });
    this.#record(unit, message, { attempt, outcome: "failed", failure }, told);
  }

  /** Ends a delivery that is `tooOld`. */
  async expire(unit: Unit, { message, attempts, failure }: Delivery): Promise<void> {
    const reason = failure ?? { code: "UNKNOWN", message: "The event is too old.", retryable: false };
    await this.#giveUp(unit, message, { failure: reason, attempts, exhausted: "MaximumEventAgeInSeconds" });
  }

  /** Has a delivery attempted at once. One that waits for its place among those that its target takes a second goes on waiting. */
  attemptNow(unit: Unit, delivery: Delivery): boolean {
    if (delivery.isPlaced) return false;
    this.#put(unit, { ...delivery, dueMs: Math.min(delivery.dueMs, this.#context.clock.now()) });
    return true;
  }

  /** Messages of one sender that a target inside took at once. */
  taken(unit: Unit, message: Message, by: number): void {
    this.#countInvocations(unit, message.ruleArn, by);
    this.#countSent(unit, message, "taken", by);
  }

  /** As CloudWatch counts them: once per event and target, taken or given up; tries in between do not count. */
  #countInvocations(unit: Unit, ruleArn: string, by: number): void {
    this.#countForRule(unit, ruleArn, "Invocations", by);
  }

  async #giveUp(unit: Unit, message: Message, givingUp: GivingUp, told?: AttemptTold): Promise<void> {
    const outcome = await deadLetter(unit, message, givingUp, this.#context.findSink);
    unit.delete(DELIVERIES, message.request.deliveryId);
    this.#record(unit, message, { attempt: givingUp.attempts, outcome, failure: givingUp.failure }, told);
    this.#countInvocations(unit, message.ruleArn, 1);
    this.#countForRule(unit, message.ruleArn, "FailedInvocations", 1);
    if (outcome === "dead-lettered") {
      this.#countForRule(unit, message.ruleArn, "InvocationsSentToDlq", 1);
      const connection = { ...ownerOf(message), from: message.ruleArn, to: message.deadLetterArn ?? "" };
      unit.afterCommit(() => this.#context.countPassed(connection));
    } else if (message.deadLetterArn !== undefined) {
      this.#countForRule(unit, message.ruleArn, "InvocationsFailedToBeSentToDlq", 1);
    }
  }

  #put(unit: Unit, delivery: Delivery): void {
    const { deliveryId } = delivery.message.request;
    unit.put(DELIVERIES, deliveryId, delivery);
    unit.afterCommit(() => this.onOwed(delivery.message.targetArn));
  }

  #record(
    unit: Unit,
    message: Message,
    {
      attempt,
      outcome,
      failure,
    }: { attempt: number; outcome: "delivered" | "failed" | "dead-lettered" | "dropped"; failure?: SinkFailure },
    { durationMs, answer }: AttemptTold = {},
  ): void {
    recordAttempt(unit, {
      deliveryId: message.request.deliveryId,
      ...ownerOf(message),
      targetArn: message.targetArn,
      ruleArn: message.ruleArn,
      ...(message.eventId !== undefined && { eventId: message.eventId }),
      attempt,
      outcome,
      ...(failure && { errorCode: failure.code, message: failure.message }),
      timeMs: this.#context.clock.now(),
      eventMs: message.timeMs,
      ...(durationMs !== undefined && { durationMs }),
      ...(answer && { answer: bounded(answer) }),
    });
    unit.afterCommit(() => this.#context.metrics.count("trunkline_deliveries_total", { outcome }));
    this.#countSent(unit, message, outcome, 1);
  }

  #countSent(unit: Unit, message: Message, outcome: string, by: number): void {
    unit.afterCommit(() => {
      const { ruleArn, targetArn } = message;
      const isKnown = this.#edgeOf(`${ruleArn} ${targetArn}`) !== OTHER;
      const [from, to] = isKnown ? [ruleArn, targetArn] : [OTHER, OTHER];
      this.#context.metrics.count(SENT, { ...ownerOf(message), from, to, outcome }, by);
    });
  }

  #countRetry(unit: Unit, { ruleArn }: Message): void {
    this.#countForRule(unit, ruleArn, "RetryInvocationAttempts", 1);
  }

  #countForRule(unit: Unit, rule: string, metric: string, by: number): void {
    const [, , , region = "", account = ""] = rule.split(":");
    unit.afterCommit(() => this.#context.metrics.count("trunkline_rule_total", { account, region, metric, rule }, by));
  }
}

/** Deliveries of one target that are looked through for those of some events. */
const OWED_READ = 1_000;

/** What is still owed to some targets of some events: the deliveries that are due next. */
export async function owedOf(
  reader: Reader,
  targetArns: Iterable<string>,
  eventIds: ReadonlySet<string>,
): Promise<readonly Delivery[]> {
  const owed: Delivery[] = [];
  for (const targetArn of new Set(targetArns)) {
    const range = { index: "targetDue", prefix: compositeKey(targetArn, ""), limit: OWED_READ };
    const { documents } = await reader.list(DELIVERIES, range);
    owed.push(...documents.filter(({ message }) => eventIds.has(message.eventId ?? "")));
  }
  return owed;
}

/** When an event is too old to be tried again. */
export function ageEndMs({ timeMs, eventAgeMsMax }: Message): number {
  return timeMs + (eventAgeMsMax ?? EVENT_AGE_MS_MAX);
}

function bounded({ body, ...rest }: TargetAnswer): TargetAnswer {
  return { ...rest, ...(body !== undefined && body !== "" && { body: body.slice(0, ANSWER_CHARACTERS) }) };
}
