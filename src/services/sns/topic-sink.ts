import type { Sink, SinkOutcome, SinkRequest } from "../../flow/index.ts";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Unit } from "../../store/store.ts";
import { derivedUuid } from "../../time/ids.ts";
import { policyAllows } from "../policy/index.ts";
import type { Platform } from "../service.ts";
import { notificationToSign, signatureVersion } from "./envelope.ts";
import { type PublishedMessage, parseMessage } from "./message.ts";
import { publishInUnit, textsToSign } from "./publish.ts";
import { signingKey, signNow } from "./signing.ts";
import { subscribersOf } from "./subscribers.ts";
import { parseTopicArn, TOPICS, type Topic, topicArn, topicKey } from "./topic.ts";

/** Topics as targets of rules, notifications and destinations: each request is one message. */
export function createTopicSink(platform: Platform): Sink {
  return {
    async append(unit, arn, requests) {
      const topic = await findTopic(unit, arn);
      const outcomes: SinkOutcome[] = [];
      for (const request of requests) outcomes.push(await appendOne(unit, platform, topic, request));
      return outcomes;
    },
  };
}

async function findTopic(unit: Unit, arn: string): Promise<Topic | undefined> {
  try {
    return await unit.get(TOPICS, topicKey(parseTopicArn(arn)));
  } catch (error) {
    if (!(error instanceof ModeledError)) throw error;
    return undefined;
  }
}

async function appendOne(
  unit: Unit,
  platform: Platform,
  topic: Topic | undefined,
  request: SinkRequest,
): Promise<SinkOutcome> {
  if (topic === undefined) return { code: "NO_RESOURCE", message: "Topic does not exist", retryable: false };
  const { account, principal, sourceArn } = request;
  const access = {
    principal: { account: "", arn: principal },
    action: "SNS:Publish",
    resourceArn: topicArn(topic),
    conditions: { "aws:SourceArn": [sourceArn], "aws:SourceAccount": [account] },
  };
  if (topic.account !== account && !policyAllows(topic.policy, access)) {
    return { code: "NO_PERMISSIONS", message: "The topic's policy does not allow SNS:Publish.", retryable: false };
  }
  try {
    await publishInUnit(unit, platform, topic, await signedMessage(unit, platform, topic, request));
    return undefined;
  } catch (error) {
    if (!(error instanceof ModeledError)) throw error;
    return { code: "INVALID_PARAMETER", message: error.message, retryable: false };
  }
}

/** The same for every run of the unit and every attempt. */
async function signedMessage(
  unit: Unit,
  platform: Platform,
  topic: Topic,
  request: SinkRequest,
): Promise<PublishedMessage> {
  const { body, key, deduplicationId, deliveryId, attributes = {} } = request;
  const id = { messageId: derivedUuid(deliveryId, topic.id), timeMs: platform.clock.now() };
  const given = Object.entries(attributes).filter(([, value]) => value !== "");
  const message = parseMessage(
    {
      Message: body,
      MessageGroupId: key,
      MessageDeduplicationId: topic.isFifo ? deduplicationId : undefined,
      MessageAttributes: Object.fromEntries(
        given.map(([name, StringValue]) => [name, { DataType: "String", StringValue }]),
      ),
    },
    id,
  );
  const subscribers = await subscribersOf(unit, platform.store, topic);
  const texts = textsToSign(topic, subscribers, message);
  if (texts.length === 0) return message;
  const signing = await signingKey(unit, platform);
  const version = signatureVersion(topic);
  const signatures = texts.map((text) => [text, signNow(signing, version, notificationToSign(topic, message, text))]);
  return { ...message, signatures: Object.fromEntries(signatures) };
}
