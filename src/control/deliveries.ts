import { type LoggedAttempt, type Message, NOT_DELIVERED, type OwedDelivery, type SinkFailure } from "../flow/index.ts";
import type { Context } from "../services/service.ts";
import type { PlainResponse } from "../wire/index.ts";
import { failure, type JsonAnswer, json } from "./answer.ts";
import { bodyOf, refusing, requireMembers, textOf } from "./connect-answer.ts";
import { atAfter, invalid, listingQuery } from "./listing-query.ts";

const OUTCOMES = ["delivered", "failed", "dead-lettered", "dropped"] as const;
/** Deliveries that one request has attempted at once; who wants more asks again. */
const AT_ONCE_MAX = 500;
/** Of what is sent, in a list. */
const EVENT_CHARACTERS = 500;

/**
 * What is owed to targets, and what was attempted: of the caller's account and Region.
 *
 * - `GET deliveries?target=&rule=&limit=&after=`: what is owed now, by target and due time.
 * - `GET deliveries/targets`: the same, summed up by target.
 * - `GET deliveries/attempts?target=&rule=&outcome=&from=&limit=&after=`: the attempts log, newest first.
 * - `GET deliveries/ID?since=TIME`: one delivery, as far as it is owed, with its attempts. What is not owed any more is looked for from the time
 *   on at which its event was taken in.
 * - `POST deliveries/attempt` with `{"delivery": ID}` or `{"target": ARN}`: attempts it, or what waits for that target, at once.
 */
export async function deliveryEndpoint(
  context: Context,
  method: string,
  [name, ...rest]: readonly string[],
  body: Buffer,
  query: URLSearchParams,
): Promise<PlainResponse | undefined> {
  if (rest.length > 0) return undefined;
  return refusing<JsonAnswer | undefined>(() =>
    context.store.durably(async () => {
      if (method === "POST" && name === "attempt") return attemptNow(context, body);
      if (method !== "GET") return undefined;
      if (name === undefined) return listOwed(context, query);
      if (name === "targets") return listTargets(context);
      if (name === "attempts") return listAttempts(context, query);
      return describeDelivery(context, name, query);
    }),
  );
}

async function listOwed(context: Context, query: URLSearchParams): Promise<JsonAnswer> {
  const asked = listingQuery(query, ["deliveries", context.account, context.region], ["target", "rule"]);
  const filter = { targetArn: asked.text("target"), ruleArn: asked.text("rule") };
  const { deliveries, next } = await atAfter(() => context.flow.owed.list(context, filter, asked));
  return json({
    deliveries: deliveries.map((owed) => {
      const { event, ...shown } = shownOwed(owed);
      return { ...shown, event: event.slice(0, EVENT_CHARACTERS), eventCharacters: event.length };
    }),
    ...(next !== undefined && { next: asked.nextOf(next) }),
  });
}

async function listTargets(context: Context): Promise<JsonAnswer> {
  const targets = await context.flow.owed.targets(context);
  return json({
    targets: targets.map(({ targetArn, owed, isMore, failing, nextDueMs, oldestMs, failure: last }) => ({
      target: targetArn,
      owed,
      isMore,
      failing,
      nextDue: timeOf(nextDueMs),
      oldest: timeOf(oldestMs),
      ...shownFailure(last),
    })),
  });
}

async function listAttempts(context: Context, query: URLSearchParams): Promise<JsonAnswer> {
  const names = ["target", "rule", "outcome", "from"];
  const asked = listingQuery(query, ["attempts", context.account, context.region], names);
  const filter = {
    targetArn: asked.text("target"),
    ruleArn: asked.text("rule"),
    outcome: asked.oneOf("outcome", [NOT_DELIVERED, ...OUTCOMES]),
    sinceMs: asked.timeMs("from"),
  };
  const page = { limit: asked.limit, before: asked.after?.split(",").map(Number) };
  const { attempts, before } = await context.flow.owed.attempts(context, filter, page);
  return json({ attempts: attempts.map(shownAttempt), ...(before && { next: asked.nextOf(before.join(",")) }) });
}

async function describeDelivery(context: Context, id: string, query: URLSearchParams): Promise<JsonAnswer> {
  const asked = listingQuery(query, [], ["since"]);
  const { owed } = context.flow;
  const delivery = await owed.find(context, id);
  const sinceMs = delivery?.message.timeMs ?? asked.timeMs("since") ?? (await lastSeenMs(context, id));
  const { attempts, isWhole } =
    sinceMs === undefined ? { attempts: [], isWhole: false } : await owed.attemptsOf(context, id, sinceMs);
  const [first] = attempts;
  if (!delivery && !first) return failure(404, `Delivery ${id} is not owed, and no attempt of it was found`);
  return json({
    ...(delivery
      ? shownOwed(delivery)
      : { id, target: first?.targetArn, rule: first?.ruleArn, state: attempts.at(-1)?.outcome }),
    attempts: attempts.map(shownAttempt),
    isWhole,
  });
}

/** When the event of a delivery was taken in, by its newest attempt, as far back as one look goes. */
async function lastSeenMs(context: Context, id: string): Promise<number | undefined> {
  const { attempts } = await context.flow.owed.attempts(context, { deliveryId: id }, { limit: 1 });
  return attempts[0]?.eventMs ?? attempts[0]?.timeMs;
}

async function attemptNow(context: Context, body: Buffer): Promise<JsonAnswer> {
  const read = bodyOf(body);
  if ("error" in read) return failure(400, read.error);
  requireMembers(read.value, "An attempt", ["delivery", "target"]);
  const deliveryId = textOf(read.value, "delivery");
  const targetArn = textOf(read.value, "target");
  if ((deliveryId === undefined) === (targetArn === undefined)) {
    throw invalid("Give either the delivery, or the target whose deliveries are to be attempted");
  }
  const which = deliveryId === undefined ? { targetArn: targetArn ?? "", limit: AT_ONCE_MAX } : { deliveryId };
  const attempted = await context.store.commit((unit) => context.flow.owed.attemptNow(unit, context, which));
  if (attempted === 0 && deliveryId !== undefined) {
    return failure(404, `Delivery ${deliveryId} is not owed, or waits for its place among those that its target takes`);
  }
  return json({ attempted, isMore: attempted === AT_ONCE_MAX });
}

function shownOwed({ message, dueMs, attempts, failure: last, state }: OwedDelivery) {
  return {
    ...shownMessage(message),
    state,
    due: timeOf(dueMs),
    attemptsMade: attempts,
    ...shownFailure(last),
  };
}

function shownMessage({ request, event, ruleArn, targetArn, deadLetterArn, timeMs, ...rest }: Message) {
  return {
    id: request.deliveryId,
    target: targetArn,
    rule: ruleArn,
    taken: timeOf(timeMs),
    event,
    ...(request.body !== event && { sent: request.body }),
    ...(deadLetterArn !== undefined && { deadLetterQueue: deadLetterArn }),
    ...(rest.retryAttemptsMax !== undefined && { retryAttemptsMax: rest.retryAttemptsMax }),
  };
}

function shownFailure(last: SinkFailure | undefined) {
  return last && { failure: { code: last.code, message: last.message } };
}

function shownAttempt(attempt: LoggedAttempt) {
  const { deliveryId, targetArn, ruleArn, outcome, errorCode, message, timeMs, eventMs, durationMs, answer } = attempt;
  return {
    delivery: deliveryId,
    target: targetArn,
    rule: ruleArn,
    attempt: attempt.attempt,
    outcome,
    time: timeOf(timeMs),
    ...(eventMs !== undefined && { taken: timeOf(eventMs) }),
    ...(durationMs !== undefined && { durationMs }),
    ...(errorCode !== undefined && { failure: { code: errorCode, message } }),
    ...(answer && { answer }),
  };
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString();
}
