import { ANSWER_CHARACTERS, type Sink, type SinkFailure, type SinkOutcome } from "../../flow/index.ts";
import { callHttp, type HttpAnswer, type HttpFailure } from "../http-call.ts";
import { reservePlace } from "../rate-places.ts";
import type { Platform } from "../service.ts";
import { SUBSCRIPTIONS, type Subscription } from "./subscription.ts";

/** "Amazon SNS waits up to 15 seconds for a response", as the developer guide has it for HTTP endpoints. */
export const TIMEOUT_MS = 15_000;

/** What is said about a message that is owed to an HTTP endpoint. Plain JSON. */
export interface HttpDelivery {
  readonly type: "Notification" | "SubscriptionConfirmation" | "UnsubscribeConfirmation";
  readonly endpoint: string;
  readonly messageId: string;
  readonly topicArn: string;
  /** Absent while it is not confirmed. */
  readonly subscriptionArn?: string;
  readonly isRaw: boolean;
  readonly contentType: string;
  readonly maxReceivesPerSecond?: number;
}

/** Names what is owed to an HTTP endpoint: each subscription has a line of its own, which no other one waits in. Not an ARN of AWS. */
export function httpTargetArn({ topicArn, id }: Pick<Subscription, "topicArn" | "id">): string {
  return `${topicArn.replace(":sns:", ":sns-subscription:")}:${id}`;
}

export function createHttpSink(platform: Platform): Sink {
  return {
    async attempt(_arn, { body, parameters = {} }, signal, tell) {
      const delivery = parameters.http as HttpDelivery;
      const { type, subscriptionArn } = delivery;
      if (type === "Notification" && !(await platform.store.get(SUBSCRIPTIONS, String(subscriptionArn)))) {
        return { code: "NO_RESOURCE", message: "The subscription was deleted.", retryable: false };
      }
      const answer = await post(platform, delivery, body, signal);
      if ("status" in answer) tell?.({ status: answer.status, body: answer.body });
      return outcomeOf(answer);
    },
    async reserve(arn, { parameters = {} }, endMs) {
      const { maxReceivesPerSecond: perSecond } = parameters.http as HttpDelivery;
      return perSecond === undefined ? platform.clock.now() : reservePlace(platform, { id: arn, perSecond, endMs });
    },
  };
}

async function post(
  platform: Platform,
  delivery: HttpDelivery,
  body: string,
  signal: AbortSignal,
): Promise<HttpAnswer | HttpFailure> {
  const { type, endpoint, messageId, topicArn, subscriptionArn, isRaw, contentType } = delivery;
  const url = new URL(endpoint);
  const { username, password } = url;
  url.username = "";
  url.password = "";
  const login = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString("base64");
  return callHttp(
    platform,
    {
      url,
      method: "POST",
      headers: {
        "x-amz-sns-message-type": type,
        "x-amz-sns-message-id": messageId,
        "x-amz-sns-topic-arn": topicArn,
        ...(subscriptionArn !== undefined && { "x-amz-sns-subscription-arn": subscriptionArn }),
        ...(isRaw && { "x-amz-sns-rawdelivery": "true" }),
        ...(username !== "" && { authorization: `Basic ${login}` }),
        "content-type": contentType,
        "user-agent": "Amazon Simple Notification Service Agent",
        "accept-encoding": "gzip,deflate",
        connection: "close",
      },
      body,
      timeoutMs: platform.limits.value("sns.http-timeout-ms", TIMEOUT_MS),
      keptBytes: ANSWER_CHARACTERS,
    },
    signal,
  );
}

function outcomeOf(answer: HttpAnswer | HttpFailure): SinkOutcome {
  if ("failed" in answer) {
    const code = answer.failed === "timeout" ? "TIMEOUT" : "CONNECTION_FAILURE";
    return failure(code, `The endpoint could not be reached: ${answer.message}.`, answer.failed !== "refused");
  }
  const { status } = answer;
  if (status >= 200 && status < 300) return undefined;
  const code = status === 429 ? "THROTTLING" : status >= 500 ? "ERROR_FROM_TARGET" : "SDK_CLIENT_ERROR";
  return failure(code, `The endpoint answered ${status}.`, status === 429 || status >= 500);
}

function failure(code: string, message: string, retryable: boolean): SinkFailure {
  return { code, message, retryable };
}
