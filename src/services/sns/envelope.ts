/** What subscribers get: https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html */
import type { Platform } from "../service.ts";
import type { MessageAttributes, PublishedMessage } from "./message.ts";
import { type SignatureVersion, stringToSign } from "./signing.ts";
import { type Topic, topicArn } from "./topic.ts";

/** What a notification's signature signs, for one of its texts. */
export function notificationToSign(topic: Topic, message: PublishedMessage, text: string): string {
  return stringToSign({
    Message: text,
    MessageId: message.messageId,
    Subject: message.subject,
    Timestamp: timestamp(message.timeMs),
    TopicArn: topicArn(topic),
    Type: "Notification",
  });
}

export function signatureVersion(topic: Topic): SignatureVersion {
  return topic.attributes.SignatureVersion === "2" ? "2" : "1";
}

/** What the envelopes of one message have in common; only the `UnsubscribeURL` differs. Those of FIFO topics are not signed. */
export interface Envelopes {
  readonly topic: Topic;
  readonly message: PublishedMessage;
  readonly certificateUrl: string;
  readonly endpoint: Platform["endpoint"];
}

function members({ topic, message, certificateUrl }: Envelopes, text: string) {
  const { messageId, subject, sequenceNumber, timeMs, signatures } = message;
  const signature = signatures?.[text];
  return {
    before: {
      Type: "Notification",
      MessageId: messageId,
      ...(sequenceNumber !== undefined && { SequenceNumber: sequenceNumber }),
      TopicArn: topicArn(topic),
      ...(subject !== undefined && { Subject: subject }),
      Message: text,
      Timestamp: timestamp(timeMs),
      ...(signature !== undefined && { SignatureVersion: signatureVersion(topic), Signature: signature }),
    },
    certificate: signature === undefined ? undefined : certificateUrl,
  };
}

/** The envelope for queues and HTTP endpoints, written as the real service writes it. */
export function envelope(envelopes: Envelopes, text: string, subscriptionArn: string): string {
  const { before, certificate } = members(envelopes, text);
  const { attributes } = envelopes.message;
  return spaced({
    ...before,
    ...(certificate !== undefined && { SigningCertURL: certificate }),
    UnsubscribeURL: unsubscribeUrl(envelopes.endpoint, subscriptionArn),
    ...(Object.keys(attributes).length > 0 && { MessageAttributes: shownAttributes(attributes) }),
  });
}

/** What a delivery stream gets: a line, unsigned. https://docs.aws.amazon.com/sns/latest/dg/firehose-archived-message-format-S3.html */
export function archivedLine(envelopes: Envelopes, text: string, subscriptionArn: string): string {
  const { before } = members(envelopes, text);
  const {
    SignatureVersion: _,
    Signature: __,
    ...rest
  } = before as typeof before & { SignatureVersion?: string; Signature?: string };
  const { attributes } = envelopes.message;
  const line = {
    ...rest,
    UnsubscribeURL: unsubscribeUrl(envelopes.endpoint, subscriptionArn),
    ...(Object.keys(attributes).length > 0 && { MessageAttributes: shownAttributes(attributes) }),
  };
  return `${JSON.stringify(line)}\n`;
}

/** The event that a function gets. */
export function lambdaEvent(envelopes: Envelopes, text: string, subscriptionArn: string): string {
  const { before, certificate } = members(envelopes, text);
  const { SignatureVersion, Signature, ...rest } = before as typeof before &
    Record<"SignatureVersion" | "Signature", string>;
  const Sns = {
    ...rest,
    Subject: before.Subject ?? null,
    SignatureVersion,
    Signature,
    SigningCertUrl: certificate,
    UnsubscribeUrl: unsubscribeUrl(envelopes.endpoint, subscriptionArn),
    MessageAttributes: shownAttributes(envelopes.message.attributes),
  };
  const record = { EventSource: "aws:sns", EventVersion: "1.0", EventSubscriptionArn: subscriptionArn, Sns };
  return JSON.stringify({ Records: [record] });
}

/** A member a line, and a space on both sides of the colon. */
export function spaced(object: object): string {
  const lines = Object.entries(object).map(([name, value]) => `  ${JSON.stringify(name)} : ${JSON.stringify(value)}`);
  return `{\n${lines.join(",\n")}\n}`;
}

export function timestamp(timeMs: number): string {
  return new Date(timeMs).toISOString();
}

function unsubscribeUrl(endpoint: string, subscriptionArn: string): string {
  return `${endpoint}/?Action=Unsubscribe&SubscriptionArn=${subscriptionArn}`;
}

function shownAttributes(attributes: MessageAttributes): object {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, { dataType, value }]) => [name, { Type: dataType, Value: value }]),
  );
}
