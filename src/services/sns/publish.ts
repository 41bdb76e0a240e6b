import { createHash } from "node:crypto";
import type {
  PublishBatchInput,
  PublishBatchRequestEntry,
  PublishBatchResponse,
  PublishInput,
  PublishResponse,
} from "@aws-sdk/client-sns";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import { type Collection, collection, compositeKey, type Unit } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { notificationToSign, signatureVersion } from "./envelope.ts";
import { invalidParameter } from "./errors.ts";
import { fanOut } from "./fan-out.ts";
import { givenBytes, MESSAGE_BYTES_MAX, type PublishedMessage, parseMessage, textFor } from "./message.ts";
import { signApart, signingKey } from "./signing.ts";
import { knownSubscribers, type Subscribers, subscribersOf } from "./subscribers.ts";
import { getTopic, type Topic } from "./topic.ts";

/** "You can publish up to 10 messages in a batch": API reference of PublishBatch. */
const BATCH_ENTRIES_MAX = 10;

/** Publishes one message. What its topic hands it on to has it with the answer, or is owed it. */
export async function publish(input: Validated<PublishInput>, context: Context): Promise<PublishResponse> {
  const arn = topicOf(input);
  const [published] = await publishAll(context, arn, [
    parseMessage(input, { messageId: context.ids.uuid(), timeMs: context.clock.now() }),
  ]);
  return published as Published;
}

/** Publishes up to ten messages, all of them or none: what is wrong with one is told of the request, as by the real service. */
export async function publishBatch(
  input: Validated<PublishBatchInput>,
  context: Context,
): Promise<PublishBatchResponse> {
  const entries = input.PublishBatchRequestEntries;
  checkBatch(entries);
  const timeMs = context.clock.now();
  const messages = entries.map((entry) => parseMessage(entry, { messageId: context.ids.uuid(), timeMs }));
  const published = await publishAll(context, input.TopicArn, messages);
  return { Successful: published.map((one, at) => ({ Id: entries[at]?.Id, ...one })), Failed: [] };
}

interface Published {
  readonly MessageId: string;
  readonly SequenceNumber?: string;
}

/**
 * Signing takes long enough that it is done before the unit, for the subscriptions that are known then. Where the unit finds others, it comes
 * to nothing and all begins again.
 */
async function publishAll(
  context: Context,
  arn: string,
  given: readonly PublishedMessage[],
): Promise<readonly Published[]> {
  const found = await getTopic(context.store, arn, context, "Publish");
  const known = knownSubscribers(context.store, found.id);
  let messages = known ? await signed(context, found, known, given) : given;
  for (;;) {
    const outcome = await context.store.commit(async (unit) => {
      const topic = await getTopic(unit, arn, context, "Publish");
      const subscribers = await subscribersOf(unit, context.store, topic);
      if (messages.some((message) => textsToSign(topic, subscribers, message).length > 0))
        return { topic, subscribers };
      const published: Published[] = [];
      for (const message of messages) published.push(await publishInUnit(unit, context, topic, message));
      return published;
    });
    if (!("topic" in outcome)) return outcome;
    messages = await signed(context, outcome.topic, outcome.subscribers, messages);
  }
}

/** Publishes a message that is signed as far as it has to be. Throws where it does not fit its topic. */
export async function publishInUnit(
  unit: Unit,
  context: Parameters<typeof fanOut>[1],
  topic: Topic,
  given: PublishedMessage,
): Promise<Published> {
  if (!topic.isFifo) {
    if (given.deduplicationId !== undefined) {
      throw invalidParameter(
        "MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid for this topic type",
      );
    }
    await fanOut(unit, context, topic, given);
    return { MessageId: given.messageId };
  }
  const message = withDeduplication(topic, given);
  const place = await placeOf(unit, topic, message);
  if (!place.isKnown) await fanOut(unit, context, topic, { ...message, sequenceNumber: place.sequenceNumber });
  return { MessageId: place.messageId, SequenceNumber: place.sequenceNumber };
}

/** The texts of a message that have to be signed and are not. */
export function textsToSign(topic: Topic, subscribers: Subscribers, message: PublishedMessage): readonly string[] {
  if (topic.isFifo) return [];
  const texts = new Set([...subscribers.signedProtocols].map((protocol) => textFor(message, protocol)));
  return [...texts].filter((text) => message.signatures?.[text] === undefined);
}

async function signed(
  context: Context,
  topic: Topic,
  subscribers: Subscribers,
  messages: readonly PublishedMessage[],
): Promise<readonly PublishedMessage[]> {
  const key = await signingKey(context.store, context);
  const version = signatureVersion(topic);
  return Promise.all(
    messages.map(async (message) => {
      const made = textsToSign(topic, subscribers, message).map(async (text) => {
        return [text, await signApart(key, version, notificationToSign(topic, message, text))] as const;
      });
      return { ...message, signatures: { ...message.signatures, ...Object.fromEntries(await Promise.all(made)) } };
    }),
  );
}

function topicOf({ TopicArn, TargetArn, PhoneNumber }: Validated<PublishInput>): string {
  if (PhoneNumber !== undefined) throw invalidParameter("PhoneNumber Reason: SMS is not built in Trunkline");
  const arn = TopicArn ?? TargetArn;
  if (arn === undefined) throw invalidParameter("TopicArn or TargetArn Reason: no value for required parameter");
  if (TopicArn === undefined && /^arn:[^:]*:sns:[^:]*:[^:]*:(endpoint|app)\//.test(arn)) {
    throw invalidParameter("TargetArn Reason: No endpoint found for the target arn specified");
  }
  return arn;
}

function checkBatch(entries: readonly Validated<PublishBatchRequestEntry>[]): void {
  const refuse = (code: string, message: string): Error => new ModeledError(code, message);
  if (entries.length === 0) {
    throw refuse("EmptyBatchRequestException", "The batch request doesn't contain any entries.");
  }
  if (entries.length > BATCH_ENTRIES_MAX) {
    throw refuse("TooManyEntriesInBatchRequestException", "The batch request contains more entries than permissible.");
  }
  for (const { Id } of entries) {
    if (Id.length > 80) {
      throw refuse("InvalidBatchEntryIdException", `The Id of a batch entry in the batch request is too long: ${Id}`);
    }
    if (!/^[\w-]+$/.test(Id)) {
      throw refuse(
        "InvalidBatchEntryIdException",
        `The Id of a batch entry in the batch request contains an impermissible character: ${Id}`,
      );
    }
  }
  if (new Set(entries.map(({ Id }) => Id)).size < entries.length) {
    throw refuse("BatchEntryIdsNotDistinctException", "Two or more batch entries in the request have the same Id.");
  }
  if (entries.map(givenBytes).reduce((sum, bytes) => sum + bytes, 0) > MESSAGE_BYTES_MAX) {
    throw refuse("BatchRequestTooLongException", "The length of all the messages put together is more than the limit.");
  }
}

function withDeduplication(topic: Topic, message: PublishedMessage): PublishedMessage {
  if (message.groupId === undefined) {
    throw invalidParameter("The MessageGroupId parameter is required for FIFO topics");
  }
  if (message.deduplicationId !== undefined) return message;
  if (topic.attributes.ContentBasedDeduplication !== "true") {
    throw invalidParameter(
      "The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
    );
  }
  return { ...message, deduplicationId: createHash("sha256").update(message.text).digest("hex") };
}

/** How long a FIFO topic remembers what it has had: five minutes, from the developer guide. */
const DEDUPLICATION_MS = 5 * 60_000;

interface Deduplication {
  readonly topicId: string;
  readonly scope: string;
  readonly deduplicationId: string;
  readonly messageId: string;
  readonly sequenceNumber: string;
  readonly timeMs: number;
}

const DEDUPLICATIONS: Collection<Deduplication> = collection("sns_deduplication", {
  time: { type: "text", value: ({ topicId, timeMs }) => compositeKey(topicId, timeMs) },
});

const SEQUENCES: Collection<{ readonly next: number }> = collection("sns_sequence");

/** Finds what a message is a duplicate of, or gives it the next place of its topic. */
async function placeOf(unit: Unit, topic: Topic, message: PublishedMessage) {
  const { messageId, timeMs, groupId = "", deduplicationId = "" } = message;
  const scope = topic.attributes.FifoThroughputScope === "MessageGroup" ? groupId : "";
  const key = compositeKey(topic.id, scope, deduplicationId);
  const known = await unit.get(DEDUPLICATIONS, key);
  if (known && known.timeMs > timeMs - DEDUPLICATION_MS) return { ...known, isKnown: true };

  const next = (await unit.get(SEQUENCES, topic.id))?.next ?? 0;
  unit.put(SEQUENCES, topic.id, { next: next + 1 });
  // Two that are over go with each one that comes.
  const over = await unit.list(DEDUPLICATIONS, {
    index: "time",
    from: compositeKey(topic.id, 0),
    before: compositeKey(topic.id, Math.max(0, timeMs - DEDUPLICATION_MS + 1)),
    limit: 2,
  });
  for (const { scope: of, deduplicationId: id } of over.documents) {
    unit.delete(DEDUPLICATIONS, compositeKey(topic.id, of, id));
  }
  const sequenceNumber = String(10n ** 19n + BigInt(next));
  unit.put(DEDUPLICATIONS, key, { topicId: topic.id, scope, deduplicationId, messageId, sequenceNumber, timeMs });
  return { messageId, sequenceNumber, isKnown: false };
}
