/** Whose dead letter a message is: by what it says, and by who sends dead letters to its queue. */
import { listDeadLetterDomains } from "../services/customer-profiles/index.ts";
import { listDeadLetterTargets, parseExactly } from "../services/eventbridge/index.ts";
import { isJsonObject, parseJsonObject } from "../services/json-text.ts";
import { listDeadLettering } from "../services/lambda/index.ts";
import type { Context } from "../services/service.ts";
import { listDeadLetterSubscriptions } from "../services/sns/index.ts";
import { listQueueStatuses, type SeenMessage } from "../services/sqs/index.ts";

/** Something that sends its dead letters to a queue. */
export type Source = { readonly queueArn: string } & (
  | { readonly from: "eventbridge"; readonly rule: string; readonly targetId: string; readonly target: string }
  | { readonly from: "sqs"; readonly queue: string; readonly maxReceiveCount: number }
  | { readonly from: "lambda"; readonly function: string; readonly kind: string; readonly stream?: string }
  | { readonly from: "sns"; readonly subscription: string; readonly endpoint: string; readonly isRaw: boolean }
  | { readonly from: "customer-profiles"; readonly domain: string }
);

/** What is to be done to send a dead letter where it belongs. */
export type Origin =
  | { readonly from: "eventbridge"; readonly rule: string; readonly target: string }
  | { readonly from: "sqs"; readonly target: string }
  | { readonly from: "lambda"; readonly target: string; readonly payload: string }
  | { readonly from: "sns"; readonly subscription: string; readonly target: string }
  /** It cannot be told, or nothing can be done: why. */
  | { readonly refused: string };

/** Queues read at once, and as many as are looked at. */
const QUEUES = { page: 500, max: 5_000 };

/** All that send dead letters to queues: of the caller's account and Region. */
export async function listSources(context: Context): Promise<readonly Source[]> {
  const { store } = context;
  const [targets, functions, subscriptions, domains, queues] = await Promise.all([
    listDeadLetterTargets(store, context),
    listDeadLettering(store, context),
    listDeadLetterSubscriptions(store, context),
    listDeadLetterDomains(store, context),
    listRedrivingQueues(context),
  ]);
  return [
    ...targets.map(({ ruleArn: rule, targetId, targetArn: target, queueArn }) => ({
      from: "eventbridge" as const,
      ...{ rule, targetId, target, queueArn },
    })),
    ...queues,
    ...functions.map(({ functionArn, kind, queueArn, sourceArn }) => ({
      from: "lambda" as const,
      ...{ function: functionArn, kind, queueArn },
      ...(sourceArn !== undefined && { stream: sourceArn }),
    })),
    ...subscriptions.map(({ subscriptionArn: subscription, endpoint, isRaw, queueArn }) => ({
      from: "sns" as const,
      ...{ subscription, endpoint, isRaw, queueArn },
    })),
    ...domains.map(({ domainArn: domain, queueArn }) => ({ from: "customer-profiles" as const, domain, queueArn })),
  ];
}

async function listRedrivingQueues(context: Context): Promise<readonly Source[]> {
  const found: Source[] = [];
  let after: string | undefined;
  for (let looked = 0; looked < QUEUES.max; looked += QUEUES.page) {
    const page = { limit: QUEUES.page, after, nowMs: context.clock.now() };
    const { queues, next } = await listQueueStatuses(context.store, context, page);
    for (const { arn: queue, deadLetterArn: queueArn, maxReceiveCount = 0 } of queues) {
      if (queueArn !== undefined) found.push({ from: "sqs", queue, maxReceiveCount, queueArn });
    }
    after = next;
    if (after === undefined) break;
  }
  return found;
}

/** Whose dead letter a message is, as a queue's sources and the message itself tell. */
export function originOf({ content }: SeenMessage, sources: readonly Source[]): Origin {
  const { body, attributes, deadLetterSourceArn } = content;
  if (deadLetterSourceArn !== undefined) return { from: "sqs", target: deadLetterSourceArn };
  const { RULE_ARN: rule, TARGET_ARN: target, RequestID: requestId, ErrorCode: errorCode } = attributes;
  if (rule && target) return ofRule(rule.value, target.value);
  const functions = sources.flatMap((source) => (source.from === "lambda" ? [source] : []));
  if (requestId && errorCode) {
    const names = functions.filter(({ kind }) => kind === "dead-letter-queue").map((one) => one.function);
    return ofFunction(names, body);
  }
  const told = parseJsonObject(body);
  const context = isJsonObject(told?.requestContext) ? told.requestContext : undefined;
  if (told && typeof context?.functionArn === "string") return ofInvocationRecord(told, context.functionArn, body);
  return ofSubscription(told, sources);
}

function ofRule(rule: string, target: string): Origin {
  if (/^arn:aws[^:]*:events:[^:]*:\d{12}:rule\//.test(rule)) return { from: "eventbridge", rule, target };
  return { refused: `${rule} is no rule of EventBridge: what could not be sent for it is not sent from here` };
}

function ofFunction(names: readonly string[], payload: string): Origin {
  const bases = [...new Set(names.map((arn) => arn.split(":").slice(0, 7).join(":")))];
  const [target] = bases;
  if (target === undefined) return { refused: "No function has this queue as its dead-letter queue any more" };
  if (bases.length > 1) {
    const listed = bases.map((arn) => arn.split(":")[6]).join(", ");
    return { refused: `The message does not say which function it is of, and several have this queue: ${listed}` };
  }
  return { from: "lambda", target, payload };
}

/** What a function's destination for failures gets; of an event source mapping it tells only where the records are. */
function ofInvocationRecord(told: Readonly<Record<string, unknown>>, target: string, body: string): Origin {
  if (isJsonObject(told.KinesisBatchInfo)) {
    const { streamArn, shardId, startSequenceNumber } = told.KinesisBatchInfo;
    const place = `${streamArn} ${shardId} from ${startSequenceNumber}`;
    return { refused: `The message holds no records, it names where they are: ${place}. Read them there` };
  }
  if (!("requestPayload" in told)) return { refused: `The record of ${target} holds no payload` };
  const { requestPayload } = parseExactly(body) as { readonly requestPayload: unknown };
  return { from: "lambda", target, payload: JSON.stringify(requestPayload) };
}

function ofSubscription(told: Readonly<Record<string, unknown>> | undefined, sources: readonly Source[]): Origin {
  const subscriptions = sources.flatMap((source) => (source.from === "sns" ? [source] : []));
  const url = told?.Type === "Notification" && typeof told.UnsubscribeURL === "string" ? told.UnsubscribeURL : "";
  const named = /[?&]SubscriptionArn=([^&]+)/.exec(url)?.[1];
  const candidates = named === undefined ? subscriptions.filter(({ isRaw }) => isRaw) : subscriptions;
  const fitting = candidates.filter(({ subscription }) => named === undefined || subscription === named);
  const [one, ...others] = fitting;
  if (one && others.length === 0) return { from: "sns", subscription: one.subscription, target: one.endpoint };
  if (one) return { refused: "The message does not say which subscription it is of, and several have this queue" };
  if (named !== undefined) return { refused: `Subscription ${named} has this queue no more, or is gone` };
  const domain = sources.find(({ from }) => from === "customer-profiles");
  if (domain && typeof told?.DomainName === "string") {
    return {
      refused: `Domain ${told.DomainName} could not take this object: put it again once what it says is mended`,
    };
  }
  return { refused: "Nothing in the message tells whose dead letter it is" };
}
