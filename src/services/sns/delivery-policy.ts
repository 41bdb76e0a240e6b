/**
 * How often and when a message is tried again that an HTTP endpoint did not take.
 *
 *     numNoDelayRetries    at once
 *     numMinDelayRetries   after minDelayTarget each
 *     the rest             between minDelayTarget and maxDelayTarget, growing by backoffFunction
 *     numMaxDelayRetries   after maxDelayTarget each
 *
 * https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html
 */
import { isJsonObject, parseJsonObject } from "../json-text.ts";
import { invalidParameter } from "./errors.ts";

export interface RetryPolicy {
  /** Seconds. */
  readonly minDelayTarget: number;
  /** Seconds. */
  readonly maxDelayTarget: number;
  readonly numRetries: number;
  readonly numMaxDelayRetries: number;
  readonly numNoDelayRetries: number;
  readonly numMinDelayRetries: number;
  readonly backoffFunction: "linear" | "arithmetic" | "geometric" | "exponential";
}

/** What of a policy counts for a subscription. */
export interface EffectivePolicy {
  readonly retries: RetryPolicy;
  readonly maxReceivesPerSecond?: number;
  readonly contentType: string;
}

const DEFAULT_RETRIES: RetryPolicy = {
  minDelayTarget: 20,
  maxDelayTarget: 20,
  numRetries: 3,
  numMaxDelayRetries: 0,
  numNoDelayRetries: 0,
  numMinDelayRetries: 0,
  backoffFunction: "linear",
};
const CONTENT_TYPE = "text/plain; charset=UTF-8";

type Json = Readonly<Record<string, unknown>>;

/** A topic's policy as it is shown, with what it leaves open. */
export function effectiveTopicPolicy(policy: string | undefined): object {
  const http = object(object(parsed(policy)).http);
  return {
    http: {
      defaultHealthyRetryPolicy: { ...DEFAULT_RETRIES, ...object(http.defaultHealthyRetryPolicy) },
      disableSubscriptionOverrides: http.disableSubscriptionOverrides === true,
      ...(http.defaultThrottlePolicy !== undefined && { defaultThrottlePolicy: http.defaultThrottlePolicy }),
      defaultRequestPolicy: { headerContentType: CONTENT_TYPE, ...object(http.defaultRequestPolicy) },
    },
  };
}

/** A subscription's own policy before its topic's, unless the topic forbids that. */
export function effectivePolicy(
  topicPolicy: string | undefined,
  subscriptionPolicy: string | undefined,
): EffectivePolicy {
  const http = object(object(parsed(topicPolicy)).http);
  const own = http.disableSubscriptionOverrides === true ? {} : object(parsed(subscriptionPolicy));
  const throttle = object(own.throttlePolicy ?? http.defaultThrottlePolicy);
  const request = object(own.requestPolicy ?? http.defaultRequestPolicy);
  return {
    retries: { ...DEFAULT_RETRIES, ...object(own.healthyRetryPolicy ?? http.defaultHealthyRetryPolicy) },
    ...(typeof throttle.maxReceivesPerSecond === "number" && { maxReceivesPerSecond: throttle.maxReceivesPerSecond }),
    contentType: typeof request.headerContentType === "string" ? request.headerContentType : CONTENT_TYPE,
  };
}

/** A subscription's policy as it is shown. */
export function shownSubscriptionPolicy(topicPolicy: string | undefined, own: string | undefined): object {
  const { retries, maxReceivesPerSecond, contentType } = effectivePolicy(topicPolicy, own);
  return {
    healthyRetryPolicy: retries,
    sicklyRetryPolicy: null,
    throttlePolicy: maxReceivesPerSecond === undefined ? null : { maxReceivesPerSecond },
    requestPolicy: { headerContentType: contentType },
    guaranteed: false,
  };
}

/** The waits between attempts, in milliseconds: one for each retry. */
export function retryDelaysMs(policy: RetryPolicy): readonly number[] {
  const { numRetries, numNoDelayRetries, numMinDelayRetries, numMaxDelayRetries } = policy;
  const { minDelayTarget: min, maxDelayTarget: max } = policy;
  const growing = Math.max(0, numRetries - numNoDelayRetries - numMinDelayRetries - numMaxDelayRetries);
  const seconds = [
    ...Array<number>(numNoDelayRetries).fill(0),
    ...Array<number>(numMinDelayRetries).fill(min),
    ...Array.from({ length: growing }, (_, step) => min + (max - min) * grown(policy.backoffFunction, step, growing)),
    ...Array<number>(numMaxDelayRetries).fill(max),
  ];
  return seconds.slice(0, numRetries).map((each) => Math.round(each * 1000));
}

/** How far a step is from the least to the greatest delay, 0 to 1. The shapes are documented, their formulas are ours. */
function grown(kind: RetryPolicy["backoffFunction"], step: number, steps: number): number {
  const share = steps === 1 ? 0 : step / (steps - 1);
  switch (kind) {
    case "linear":
      return share;
    case "arithmetic":
      return (share * (share + 1)) / 2;
    case "geometric":
      return share ** 2;
    case "exponential":
      return (2 ** (share * 10) - 1) / 1023;
  }
}

const RETRIES_MAX = 100;
const DELAY_SECONDS_MAX = 3600;

/** Throws `InvalidParameter` where a policy is none. `prefix`: what stands before the reason. */
export function checkDeliveryPolicy(text: string, kind: "topic" | "subscription", prefix: string): void {
  const refuse = (reason: string): Error => invalidParameter(`${prefix}DeliveryPolicy: ${reason}`);
  const policy = parseJsonObject(text);
  if (policy === undefined) throw refuse("failed to parse JSON.");
  const top = kind === "topic" ? object(policy.http) : policy;
  const retries = kind === "topic" ? top.defaultHealthyRetryPolicy : top.healthyRetryPolicy;
  const throttle = object(kind === "topic" ? top.defaultThrottlePolicy : top.throttlePolicy);
  if (retries !== undefined && retries !== null) checkRetries({ ...DEFAULT_RETRIES, ...object(retries) }, refuse);
  const { maxReceivesPerSecond: perSecond } = throttle;
  if (perSecond !== undefined && perSecond !== null && !(Number.isInteger(perSecond) && Number(perSecond) > 0)) {
    throw refuse("maxReceivesPerSecond must be greater than or equal to 1");
  }
  const type = object(kind === "topic" ? top.defaultRequestPolicy : top.requestPolicy).headerContentType;
  if (type !== undefined && (typeof type !== "string" || !/^[\w.+-]+\/[\w.+-]+(; ?charset=[\w-]+)?$/i.test(type))) {
    throw refuse("headerContentType is not a content type");
  }
}

function checkRetries(retries: Json, refuse: (reason: string) => Error): void {
  const whole = (name: string, most: number): number => {
    const value = retries[name];
    if (Number.isInteger(value) && Number(value) >= 0 && Number(value) <= most) return Number(value);
    throw refuse(`${name} must be between 0 and ${most}`);
  };
  const counts = ["numNoDelayRetries", "numMinDelayRetries", "numMaxDelayRetries"].map((name) =>
    whole(name, RETRIES_MAX),
  );
  if (counts.reduce((sum, count) => sum + count, 0) > whole("numRetries", RETRIES_MAX)) {
    throw refuse("numRetries must be at least the sum of the retries of its phases");
  }
  if (whole("minDelayTarget", DELAY_SECONDS_MAX) > whole("maxDelayTarget", DELAY_SECONDS_MAX)) {
    throw refuse("minDelayTarget must be less than or equal to maxDelayTarget");
  }
  if (!["linear", "arithmetic", "geometric", "exponential"].includes(String(retries.backoffFunction))) {
    throw refuse("backoffFunction must be one of linear, arithmetic, geometric or exponential");
  }
}

function parsed(policy: string | undefined): unknown {
  return policy === undefined ? undefined : parseJsonObject(policy);
}

function object(value: unknown): Json {
  return isJsonObject(value) ? value : {};
}
