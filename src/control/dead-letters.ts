import { redriveToTarget } from "../services/eventbridge/index.ts";
import { takeEvent } from "../services/lambda/index.ts";
import type { Context } from "../services/service.ts";
import { redriveToSubscription } from "../services/sns/index.ts";
import {
  findQueueByArn,
  findSeen,
  lookIntoQueue,
  putInto,
  type Queue,
  queueArn,
  queueStatus,
  type SeenMessage,
  takeOut,
} from "../services/sqs/index.ts";
import type { Unit } from "../store/store.ts";
import { derivedUuid } from "../time/ids.ts";
import type { PlainResponse } from "../wire/index.ts";
import { failure, type JsonAnswer, json } from "./answer.ts";
import { bodyOf, refusing } from "./connect-answer.ts";
import { listSources, type Origin, originOf, type Source } from "./dead-letter-origin.ts";
import { findOwnQueue, keysOf, readMessages, shownMessage, shownQueue } from "./sqs-queues.ts";

/** Messages that one unit sends on: none may take long. */
const UNIT_MESSAGES = 25;
/** Messages that one request looks at where all are meant; who wants more asks again. */
const ALL_MAX = 500;

/**
 * Dead-letter queues of the caller, and what lies in them.
 *
 * - `GET dead-letters`: the queues that anything sends its dead letters to, with who does, and how many messages each holds.
 * - `GET dead-letters/NAME?limit=&after=`: its messages, and where each belongs. Nothing is received by it.
 * - `POST dead-letters/NAME/redrive` with `{"messages": [KEY, …]}`, or `{}` for all that are ready: sends them where they belong, each in the unit
 *   that deletes it here. What cannot be sent stays, and the answer says why.
 */
export async function deadLetterEndpoint(
  context: Context,
  method: string,
  [name, act, ...rest]: readonly string[],
  body: Buffer,
  query: URLSearchParams,
): Promise<PlainResponse | undefined> {
  if (rest.length > 0) return undefined;
  return refusing<JsonAnswer | undefined>(() =>
    context.store.durably(async () => {
      if (name === undefined) return method === "GET" ? listDeadLetterQueues(context) : undefined;
      const queue = await findOwnQueue(context, name);
      if (!queue) return failure(404, `There is no SQS queue ${name} in ${context.region}`);
      const sources = (await listSources(context)).filter((source) => source.queueArn === queueArn(queue));
      if (method === "GET" && act === undefined) return listDeadLetters(context, queue, sources, query);
      if (method === "POST" && act === "redrive") return redrive(context, queue, sources, body);
      return undefined;
    }),
  );
}

async function listDeadLetterQueues(context: Context): Promise<JsonAnswer> {
  const byQueue = Map.groupBy(await listSources(context), (source) => source.queueArn);
  const queues = await Promise.all(
    [...byQueue].map(async ([arn, sources]) => {
      const [, , , region, account] = arn.split(":");
      const isOwn = account === context.account && region === context.region;
      const queue = isOwn ? await findQueueByArn(context.store, arn) : undefined;
      return {
        arn,
        name: arn.split(":").at(-1),
        // Somebody names it, and it is not there or another account's: what is sent there is lost, or lies there.
        exists: isOwn ? queue !== undefined : undefined,
        ...(queue && shownQueue(await queueStatus(context.store, queue, context.clock.now()))),
        sources: sources.map(shownSource),
      };
    }),
  );
  return json({ queues: queues.sort((one, other) => (one.arn < other.arn ? -1 : 1)) });
}

async function listDeadLetters(
  context: Context,
  queue: Queue,
  sources: readonly Source[],
  query: URLSearchParams,
): Promise<JsonAnswer> {
  const { messages, next, status } = await readMessages(context, queue, query);
  return json({
    queue: { ...shownQueue(status), sources: sources.map(shownSource) },
    messages: messages.map((message) => ({
      ...shownMessage(message),
      origin: shownOrigin(originOf(message, sources)),
    })),
    ...(next !== undefined && { next }),
  });
}

function shownSource({ queueArn: _, ...source }: Source) {
  return source;
}

function shownOrigin(origin: Origin) {
  if (!("payload" in origin)) return origin;
  const { payload: _, ...shown } = origin;
  return shown;
}

/** A message that stayed where it is. */
interface Refused {
  readonly key: string;
  readonly reason: string;
}

async function redrive(context: Context, queue: Queue, sources: readonly Source[], body: Buffer): Promise<JsonAnswer> {
  const read = bodyOf(body);
  if ("error" in read) return failure(400, read.error);
  const isAll = Object.keys(read.value).length === 0;
  const { keys, isMore } = isAll ? await readyKeys(context, queue) : { keys: keysOf(body), isMore: false };
  const refused: Refused[] = [];
  let redriven = 0;
  for (let at = 0; at < keys.length; at += UNIT_MESSAGES) {
    const some = keys.slice(at, at + UNIT_MESSAGES);
    const reasons = await context.store.commit(async (unit) => {
      const told: (string | undefined)[] = [];
      for (const key of some) told.push(await redriveOne(unit, context, queue, sources, key));
      return told;
    });
    for (const [place, reason] of reasons.entries()) {
      if (reason === undefined) redriven++;
      else refused.push({ key: some[place] ?? "", reason });
    }
  }
  return json({ redriven, refused, isMore: isMore && redriven > 0 });
}

/** The first of those that nobody has received. */
async function readyKeys(context: Context, queue: Queue): Promise<{ keys: readonly string[]; isMore: boolean }> {
  const keys: string[] = [];
  let after: string | undefined;
  do {
    const page = { limit: 100, after, nowMs: context.clock.now() };
    const { messages, next } = await lookIntoQueue(context.store, queue, page);
    keys.push(...messages.filter(({ state }) => state === "ready").map(({ key }) => key));
    after = next;
  } while (after !== undefined && keys.length < ALL_MAX);
  return { keys: keys.slice(0, ALL_MAX), isMore: after !== undefined || keys.length > ALL_MAX };
}

/** Sends a message where it belongs and deletes it here. Answers why not, where it stays. */
async function redriveOne(
  unit: Unit,
  context: Context,
  queue: Queue,
  sources: readonly Source[],
  key: string,
): Promise<string | undefined> {
  const message = await findSeen(unit, queue, key, context.clock.now());
  if (!message) return "The message is gone";
  if (message.state === "hidden") return "Somebody has received the message: it is hidden for now";
  if (message.state === "behind") return "Others of the message's group come first";
  const origin = originOf(message, sources);
  const refused = "refused" in origin ? origin.refused : await sendBack(unit, context, queue, message, origin);
  if (refused !== undefined) return refused;
  await takeOut(unit, queue, key);
  return undefined;
}

async function sendBack(
  unit: Unit,
  context: Context,
  queue: Queue,
  message: SeenMessage,
  origin: Exclude<Origin, { refused: string }>,
): Promise<string | undefined> {
  const { body, attributes, groupId } = message.content;
  // The same for every run of the unit; another one each time that the event ends here.
  const id = derivedUuid(queue.id, message.key);
  switch (origin.from) {
    case "eventbridge":
      return redriveToTarget(unit, context, context, {
        id,
        ruleArn: origin.rule,
        targetArn: origin.target,
        event: body,
        queueArn: queueArn(queue),
      });
    case "sqs": {
      const source = await findQueueByArn(unit, origin.target);
      if (source?.account !== context.account) return `Queue ${origin.target} is not there any more`;
      if (source.fifo !== queue.fifo) return `Queue ${origin.target} is of another type`;
      await putInto(unit, context, source, { messageId: id, content: message.content });
      return undefined;
    }
    case "lambda": {
      const [, , , region, account] = origin.target.split(":");
      if (account !== context.account || region !== context.region) {
        return `${origin.target} is no function of this account and Region`;
      }
      const failed = await takeEvent(unit, context, origin.target, {
        deliveryId: id,
        body: origin.payload,
        account: context.account,
        principal: "lambda.amazonaws.com",
        sourceArn: origin.target,
      });
      return failed?.message;
    }
    case "sns": {
      const typedAttributes = Object.keys(attributes).length > 0 ? { typedAttributes: attributes } : {};
      const letter = { id, subscriptionArn: origin.subscription, body, groupId, ...typedAttributes };
      return redriveToSubscription(unit, context, context, letter);
    }
    default:
      return origin satisfies never;
  }
}
