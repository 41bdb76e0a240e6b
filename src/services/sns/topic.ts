import type { Tag } from "@aws-sdk/client-sns";
import { type Collection, collection, compositeKey, type Reader } from "../../store/store.ts";
import { type PolicyDocument, policyAllows, principalOf } from "../policy/index.ts";
import type { Caller } from "../service.ts";
import { invalidParameter, notAuthorized, notFound } from "./errors.ts";

export interface TopicAddress {
  readonly account: string;
  readonly region: string;
  readonly name: string;
}

export interface Topic extends TopicAddress {
  /** Minted at creation: a topic that is deleted and created anew has none of the old one's subscriptions. */
  readonly id: string;
  readonly isFifo: boolean;
  /** Attributes that somebody has set, as texts. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly policy: PolicyDocument;
  readonly tags: readonly Tag[];
  readonly subscriptionsDeleted: number;
}

export const TOPICS: Collection<Topic> = collection("sns_topic");

export function topicKey({ account, region, name }: TopicAddress): string {
  return compositeKey(account, region, name);
}

export function topicArn({ account, region, name }: TopicAddress): string {
  return `arn:aws:sns:${region}:${account}:${name}`;
}

/** Reads the ARN of a topic; throws `InvalidParameter` for every other text. */
export function parseTopicArn(arn: string, parameter: string = "TopicArn"): TopicAddress {
  const [, , service, region = "", account = "", name = "", ...more] = checkedArn(arn, parameter);
  if (service !== "sns" || more.length > 0 || !/^\d{12}$/.test(account) || !/^[\w.-]+$/.test(name)) {
    throw invalidParameter(parameter);
  }
  return { account, region, name };
}

/** The policy of the topic that an ARN names. */
export async function policyOf(reader: Reader, arn: string): Promise<string | undefined> {
  const topic = await findTopicByArn(reader, arn);
  return topic && JSON.stringify(topic.policy);
}

/** The tags of the topic that an ARN names. */
export async function tagsOf(reader: Reader, arn: string): Promise<Readonly<Record<string, string>> | undefined> {
  const topic = await findTopicByArn(reader, arn);
  return topic && Object.fromEntries(topic.tags.map(({ Key, Value }) => [String(Key), String(Value)]));
}

async function findTopicByArn(reader: Reader, arn: string): Promise<Topic | undefined> {
  const [, region, account, name] = /^arn:aws:sns:([^:]+):(\d{12}):([^:]+)$/.exec(arn) ?? [];
  if (region === undefined || account === undefined || name === undefined) return undefined;
  return reader.get(TOPICS, topicKey({ account, region, name }));
}

/** The parts of an ARN. */
export function checkedArn(arn: string, parameter: string): readonly string[] {
  const parts = arn.split(":");
  if (parts.length >= 6) return parts;
  throw invalidParameter(`${parameter} Reason: An ARN must have at least 6 elements, not ${parts.length}`);
}

/**
 * The topic that a caller names for an action: one of its own, or one whose policy lets it. Whether another account has a topic is told only
 * to those who may use it.
 */
export async function getTopic(reader: Reader, arn: string, caller: Caller, action: string): Promise<Topic> {
  const address = parseTopicArn(arn);
  if (address.region !== caller.region) throw invalidParameter("TopicArn");
  const topic = await reader.get(TOPICS, topicKey(address));
  if (address.account !== caller.account) {
    const access = {
      principal: principalOf(caller.account, caller.principalArn),
      action: `SNS:${action}`,
      resourceArn: topicArn(address),
    };
    if (topic === undefined || !policyAllows(topic.policy, access)) {
      throw notAuthorized(caller.principalArn, action, topicArn(address));
    }
  }
  if (topic === undefined) throw notFound("Topic");
  return topic;
}
