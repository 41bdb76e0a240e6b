import type { Sink, SinkOutcome, SinkRequest } from "../../flow/index.ts";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Unit } from "../../store/store.ts";
import { derivedUuid } from "../../time/ids.ts";
import { policyAllows } from "../policy/index.ts";
import type { Platform } from "../service.ts";
import { checkCharacters, parseMessageAttributes } from "./message-attributes.ts";
import type { Content } from "./messages.ts";
import { attributeMs, findQueueByArn, type Queue, queueArn } from "./queue.ts";
import { addMessage, checkSize, parseGroup } from "./send-message.ts";

/** Queues as targets and as dead-letter queues of rules: each request is one message, its attributes of type `String`. */
export function createSqsSink(platform: Pick<Platform, "clock" | "flow">): Sink {
  return {
    async append(unit, arn, requests) {
      const queue = await findQueueByArn(unit, arn);
      const outcomes: SinkOutcome[] = [];
      for (const request of requests) outcomes.push(await appendOne(unit, platform, queue, request));
      return outcomes;
    },
  };
}

async function appendOne(
  unit: Unit,
  platform: Pick<Platform, "clock" | "flow">,
  queue: Queue | undefined,
  request: SinkRequest,
): Promise<SinkOutcome> {
  if (queue === undefined) {
    return { code: "NO_RESOURCE", message: "The specified queue does not exist.", retryable: false };
  }
  if (queue.account !== request.account && !isShared(queue, request)) {
    const message = "The queue belongs to another account, and its policy does not let it be sent to.";
    return { code: "NO_PERMISSIONS", message, retryable: false };
  }
  try {
    const content = toContent(queue, request);
    checkSize(queue, content, "are invalid");
    await addMessage(unit, platform, queue, {
      // The same for every run of the unit and every attempt.
      messageId: derivedUuid(request.deliveryId, queue.id),
      content,
      delayMs: attributeMs(queue, "DelaySeconds"),
    });
    return undefined;
  } catch (error) {
    if (!(error instanceof ModeledError)) throw error;
    return { code: "INVALID_PARAMETER", message: error.message, retryable: false };
  }
}

/** Whether a queue's policy lets a service send on behalf of another account. Our services may always send within an account. */
function isShared(queue: Queue, { principal, sourceArn, account }: SinkRequest): boolean {
  return policyAllows(queue.attributes.Policy, {
    principal: { account: "", arn: principal },
    action: "sqs:SendMessage",
    resourceArn: queueArn(queue),
    conditions: {
      "aws:SourceArn": [sourceArn],
      "aws:SourceAccount": [account],
      "aws:PrincipalIsAWSService": ["true"],
      "aws:PrincipalServiceName": [principal],
    },
  });
}

/** Throws the modelled error that SendMessage would answer with. A FIFO queue needs the key and deduplicates by content. */
function toContent(queue: Queue, request: SinkRequest): Content {
  const { body, attributes = {}, typedAttributes, key, deduplicationId, account } = request;
  checkCharacters(body, (message) => new ModeledError("InvalidMessageContents", message));
  // SQS has no empty attributes.
  const given = Object.entries(attributes).filter(([, value]) => value !== "");
  return {
    body,
    attributes: parseMessageAttributes({
      ...Object.fromEntries(given.map(([name, StringValue]) => [name, { DataType: "String", StringValue }])),
      ...Object.fromEntries(Object.entries(typedAttributes ?? {}).map(([name, one]) => [name, typed(one)])),
    }),
    senderId: account,
    ...parseGroup(queue, {
      MessageBody: body,
      ...(key !== undefined && { MessageGroupId: key }),
      ...(deduplicationId !== undefined && { MessageDeduplicationId: deduplicationId }),
    }),
  };
}

function typed({ dataType, value }: NonNullable<SinkRequest["typedAttributes"]>[string]) {
  return dataType.startsWith("Binary")
    ? { DataType: dataType, BinaryValue: Buffer.from(value, "base64") }
    : { DataType: dataType, StringValue: value };
}
