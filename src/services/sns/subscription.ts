import { createHash } from "node:crypto";
import { type Collection, collection, compositeKey, type Reader } from "../../store/store.ts";
import type { Caller } from "../service.ts";
import { invalidParameter, notFound } from "./errors.ts";
import { checkedArn } from "./topic.ts";

/** Protocols that subscriptions may have. To mail addresses nothing is sent: those stay pending. */
export const PROTOCOLS = ["sqs", "lambda", "firehose", "http", "https", "email", "email-json"] as const;
export type Protocol = (typeof PROTOCOLS)[number];

export interface Subscription {
  readonly topicId: string;
  readonly topicArn: string;
  readonly id: string;
  /** Account that subscribed: what is delivered is on its behalf. */
  readonly owner: string;
  readonly region: string;
  /** Who subscribed. */
  readonly principalArn: string;
  readonly protocol: Protocol;
  readonly endpoint: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** What confirms it. Absent: it needed none. */
  readonly token?: string;
  readonly isPending: boolean;
  readonly wasAuthenticated: boolean;
  /** It is ended by a signed request of its owner only. */
  readonly authenticateOnUnsubscribe: boolean;
}

/** By ARN. */
export const SUBSCRIPTIONS: Collection<Subscription> = collection("sns_subscription", {
  topic: { type: "text", value: ({ topicId, id }) => compositeKey(topicId, id) },
  owner: { type: "text", value: ({ owner, region, topicArn, id }) => compositeKey(owner, region, topicArn, id) },
  endpoint: {
    type: "text",
    value: ({ topicId, owner, protocol, endpoint, id }) =>
      compositeKey(endpointOf({ topicId, owner, protocol, endpoint }), id),
  },
});

/** One for each endpoint of a topic and of who subscribed it. Endpoints may be long. */
export function endpointOf(subscription: Pick<Subscription, "topicId" | "owner" | "protocol" | "endpoint">): string {
  const { topicId, owner, protocol, endpoint } = subscription;
  return compositeKey(topicId, owner, protocol, createHash("sha256").update(endpoint).digest("hex"));
}

export function subscriptionArn({ topicArn, id }: Pick<Subscription, "topicArn" | "id">): string {
  return `${topicArn}:${id}`;
}

/** The subscription of an ARN. Throws `InvalidParameter` for what is no such ARN. Another account's is none. */
export async function getSubscription(
  reader: Reader,
  arn: string,
  { account, region }: Pick<Caller, "account" | "region">,
): Promise<Subscription> {
  const subscription = await findSubscription(reader, arn, region);
  if (subscription?.owner === account || subscription?.topicArn.split(":")[4] === account) return subscription;
  throw notFound("Subscription");
}

/** `region`: that of who asks, which is the only one that it is known in; absent where it comes by a link. */
export async function findSubscription(
  reader: Reader,
  arn: string,
  region?: string,
): Promise<Subscription | undefined> {
  if (arn === "") throw invalidParameter("SubscriptionArn Reason: no value for required parameter");
  const parts = checkedArn(arn, "SubscriptionArn");
  if (parts.length !== 7) throw invalidParameter("SubscriptionId");
  if (region !== undefined && parts[3] !== region) throw invalidParameter("SubscriptionArn");
  return reader.get(SUBSCRIPTIONS, arn);
}
